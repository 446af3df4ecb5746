"""`hp import csv`, `hp base import-table`, `table` and `ics`: spreadsheets and calendars, in and out."""

import datetime as dt
from pathlib import Path
from typing import Final

import click

from hpserver.base.changes import Change
from hpserver.base.grid import Grid
from hpserver.base.model import meeting_key
from hpserver.base.planning import TIMETABLES, Planning
from hpserver.base.registry import KINDS
from hpserver.cli.base.imports import import_, reading
from hpserver.cli.base.placing import check_free, put_in_service
from hpserver.cli.house.installation import base_file, open_accounts, stopped_base_file
from hpserver.cli.options import a_day, account_option, force_option, in_file, new_file, why_option
from hpserver.cli.running import asynchronous, write_file
from hpserver.cli.screen import Screen, colon, filled, language, quoted, say, tr
from hpserver.cli.words.french.translate import in_french
from hpserver.cli.words.telling import counted, find, named
from hpserver.cli.words.when import today
from hpserver.cli.work.readings import (
    ROWS,
    identical_option,
    map_option,
    partial_option,
    reading_of,
    similar_option,
    year_option,
)
from hpserver.hosting.importing import change_base
from hpserver.hosting.incoming import planned
from hpserver.hosting.past import peek_base
from hpserver.hosting.sandbox import open_table
from hpserver.imports.ics_export import write_ics
from hpserver.imports.school import first_monday_of_september
from hpserver.imports.sheet import Identical
from hpserver.imports.sheet_names import Similar
from hpserver.imports.sheet_plan import SheetPlan
from hpserver.imports.table import MAX_BYTES, Table
from hpserver.imports.table_export import table_of
from hpserver.imports.table_text import write_csv
from hpserver.imports.xlsx_write import write_xlsx
from hpserver.store.api import Store

MOST_SHOWN: Final = 40
"""Rows and remarks that are told one by one; all of them with --output json."""
NEW_BASE: Final = (44, 0b111111, 12, 60, 4)
"""Weeks, days, sequences, minutes and division of a base made from a table: September to the beginning of July,
Monday to Saturday, 12 hours a day by quarters."""
ACTIONS: Final = {
    "create": ("à créer", "to make"),
    "update": ("à compléter", "to complete"),
    "same": ("déjà là", "there already"),
    "skip": ("non prise(s)", "left out"),
}
SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}

kind_option = click.option("--kind", type=click.Choice(ROWS), required=True, help="What its rows are.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what it would do, and do nothing.")


@import_.command("csv")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=in_file)
@kind_option
@map_option
@similar_option
@identical_option
@partial_option
@dry_run_option
@year_option
@account_option
@click.pass_obj
@asynchronous
async def import_csv(
    screen: Screen, planning: str, name: str, file: Path, kind: str, maps: tuple[str, ...], similar: Similar,
    identical: Identical, partial: bool, dry_run: bool, year: int | None, account: str,
) -> None:  # fmt: skip
    """Tables: CSV, cells saved as text, XLSX; the list of students of HYPERPLANNING. - for standard input."""
    if not dry_run:
        await check_free(account, planning, name)
    base = Planning(_grid(year or today().year))
    with reading():
        plan = planned(await _table(file), base, reading_of(file.name, kind, maps, similar, identical))
    _tell(screen, plan, said=dry_run)
    if not partial:
        plan.require_whole()
    if not dry_run:
        base.apply(plan.changes)
        await put_in_service(screen, account, planning, name, base)


@click.command("import-table")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@kind_option
@map_option
@similar_option
@identical_option
@partial_option
@dry_run_option
@force_option
@why_option
@account_option
@click.pass_obj
@asynchronous
async def import_table(
    screen: Screen, name: str, file: Path, kind: str, maps: tuple[str, ...], similar: Similar, identical: Identical,
    partial: bool, dry_run: bool, force: bool, why: str, account: str,
) -> None:  # fmt: skip
    """Bring a table (CSV, pasted cells, XLSX) onto a base that is not in service: all of it or nothing."""
    how = reading_of(file.name, kind, maps, similar, identical)
    path = await (base_file if dry_run else stopped_base_file)(account, name)
    with reading():
        rows = await _table(file)
        if dry_run:
            async with peek_base(path) as peeked:
                plan = planned(rows, peeked.planning, how)
    if dry_run:
        _tell(screen, plan, said=True)
        if not partial:
            plan.require_whole()
        return
    plans: list[SheetPlan] = []

    def changes(base: Planning) -> tuple[Change, ...]:
        plans.append(planned(rows, base, how))
        _tell(screen, plans[0], said=False)
        if not partial:
            plans[0].require_whole()
        return plans[0].changes

    with reading():
        written = await change_base(path, changes, why=why or f"import {file.name}", force=force)
    value = {"base": name, "revision": written.revision, "transactions": written.transactions, **_value(plans[0])}
    done = tr(f"{name} : révision {written.revision}", f"{name}: revision {written.revision}")
    screen.show(value, done if written.transactions else tr("rien à faire", "nothing to do"))


@click.command("table")
@click.argument("name")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--out", type=new_file, default=Path("-"), help="File to write: .xlsx for a workbook, else CSV.")
@click.option("--separator", type=click.Choice(list(SEPARATORS)), default="comma", help="Between the cells of a CSV.")
@account_option
@click.pass_obj
@asynchronous
async def table(screen: Screen, name: str, kind: str, out: Path, separator: str, account: str) -> None:
    """Write the objects of a kind as a table, that `import-table` reads back; the base may be in service."""
    async with peek_base(await base_file(account, name)) as peeked:
        rows = list(table_of(peeked.planning, kind))
    label = tr(KINDS[kind].fr, KINDS[kind].en)
    data = write_xlsx(rows, label) if out.suffix.lower() == ".xlsx" else write_csv(rows, SEPARATORS[separator])
    write_file(out, data)
    if str(out) != "-":
        screen.show(
            {"file": str(out), "rows": len(rows) - 1}, f"{out}{colon()}{counted(len(rows) - 1, kind, language())}"
        )


@click.command("ics")
@click.argument("name")
@click.argument("kind", type=click.Choice(TIMETABLES))
@click.argument("key")
@click.option("--out", type=new_file, default=Path("-"), help="File to write; - by default.")
@click.option("--holiday", "holidays", type=a_day, multiple=True, help="A day without teaching.")
@account_option
@click.pass_obj
@asynchronous
async def ics(
    screen: Screen, name: str, kind: str, key: str, out: Path, holidays: tuple[dt.datetime, ...], account: str
) -> None:
    """Write the year of somebody, a group or a room as a calendar. KEY is a number, or the beginning of a name."""
    async with open_accounts() as accounts:
        school = await accounts.account(account)
        path = accounts.existing_base(school, name)
    async with peek_base(path) as peeked:
        chosen = find(peeked.planning, kind, key)
        changed = await _last_changes(peeked.store, peeked.planning, kind, chosen, peeked.revision)
        days = {day.date(): tr("Férié", "Holiday") for day in holidays}
        data = write_ics(
            peeked.planning, kind, chosen, domain=school.domain, now=dt.datetime.now(dt.UTC),
            sequence=lambda activity, week: changed.get((activity, week), 0), holidays=days,
        )  # fmt: skip
    write_file(out, data)
    if str(out) != "-":
        who = named(peeked.planning, kind, chosen, language())
        text = filled(
            "{out} : calendrier de {who}, {count} séance(s)", "{out}: calendar of {who}, {count} meeting(s)",
            out=out, who=quoted(who), count=len(changed),
        )  # fmt: skip
        screen.show({"file": str(out), "events": len(changed)}, text)


COMMANDS = (import_table, table, ics)
"""For `hp base`."""


async def _last_changes(store: Store, base: Planning, kind: str, key: int, revision: int) -> dict[tuple[int, int], int]:
    """Return, by activity and week of a timetable, the revision that last changed the meeting."""
    found: dict[tuple[int, int], int] = {}
    usual: dict[int, int] = {}
    for week in range(base.grid.weeks):
        for item in base.timetable(kind, key, week):
            activity = item.activity
            if activity not in usual:
                usual[activity] = await _newest(store, ("activity", activity), revision)
            own = await _newest(store, ("meeting", meeting_key(activity, week)), revision)
            found[activity, week] = max(usual[activity], own)
    return found


async def _newest(store: Store, about: tuple[str, int], revision: int) -> int:
    rows = await store.touching([about], 0, revision + 1, 1)
    return rows[0].revision if rows else 0


async def _table(file: Path) -> Table:
    """Read a table behind walls, from a file or from what is piped in."""
    if str(file) != "-":
        return await open_table(file, file.name)
    with click.open_file("-", "rb") as opened:
        return await open_table(opened.read(MAX_BYTES + 1), "-")


def _grid(year: int) -> Grid:
    return Grid(first_monday_of_september(year), *NEW_BASE)


def _tell(screen: Screen, plan: SheetPlan, *, said: bool) -> None:
    """Say what a table would do: as the answer of a dry run, else beside the answer."""
    if screen.json:
        if said:
            screen.show(_value(plan), "")
        return
    lines = [_mapped(column.title, column.field, plan.kind) for column in plan.columns]
    for remark in plan.remarks[:MOST_SHOWN]:
        mark = "!" if remark.wrong else "-"
        where = tr(f"ligne {remark.line}, colonne {remark.column}", f"line {remark.line}, column {remark.column}")
        what = tr(in_french(remark.what), remark.what)
        lines.append(f"{mark} " + tr(" : ", ": ").join(filter(None, (where, what, remark.detail))))
    more = len(plan.remarks) - MOST_SHOWN + plan.unlisted
    if more > 0:
        lines.append(filled("et {more} autre(s) remarque(s)", "and {more} more remark(s)", more=more))
    rows = [
        filled(*(f"{{count}} {words}" for words in ACTIONS[action]), count=count)
        for action, count in plan.counts().items()
    ]
    lines.append(tr("Lignes : ", "Rows: ") + ", ".join(rows))
    made = [counted(count, kind, language()) for kind, count in plan.made.items()]
    lines.append(tr("Nouveaux : ", "New: ") + (", ".join(made) or tr("aucun", "none")))
    (click.echo if said else say)("\n".join(lines))


BELONGING: Final = {
    "cohorts": ("Promotions", "Cohorts"), "groups": ("TD", "Groups"), "combined": ("Regroupements", "Combined groups"),
    "electives": ("Options", "Options"), "key": ("Clé", "Key"), "day": ("Jour", "Day"), "hour": ("Heure", "Hour"),
}  # fmt: skip
"""What a column may be beside the fields of a kind."""


def _mapped(title: str, field: str, kind: str) -> str:
    known, belonging = KINDS[kind].by_name.get(field), BELONGING.get(field)
    words = (known.fr, known.en) if known is not None else belonging
    label = field if words is None else tr(*words)
    return f"{title} -> {label or tr('champ ignoré', 'left out')}"


def _value(plan: SheetPlan) -> dict[str, object]:
    return {
        "kind": plan.kind, "rows": plan.counts(), "made": plan.made, "updated": plan.updated,
        "columns": plan.columns, "outcomes": plan.outcomes, "remarks": plan.remarks, "unlisted": plan.unlisted,
    }  # fmt: skip
