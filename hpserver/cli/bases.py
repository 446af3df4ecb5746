"""`hp base` and `hp import`: timetables on disk."""

import datetime as dt
from pathlib import Path
from typing import Any

import click
import msgspec

from hpserver.base.grid import Grid
from hpserver.base.model import values_of
from hpserver.base.planning import Planning
from hpserver.cli.installation import asynchronous, open_accounts, wake_agent
from hpserver.cli.running import in_file, write_file
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.service import account_option
from hpserver.cli.telling import counted
from hpserver.hosting.bases import bases_in, read_base
from hpserver.imports.read import read_file
from hpserver.imports.result import Imported, to_planning

EXPORT_FORMAT = 1
"""Version of the JSON that `hp base export` writes."""


@click.group()
def base() -> None:
    """Bases: one academic year's timetable each."""


@base.command("create")
@click.argument("planning")
@click.argument("name")
@click.option("--first-monday", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
@click.option("--last-sunday", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day.")
@click.option("--days", type=click.IntRange(1, 7), default=5, help="Working days from Monday on.")
@click.option("--sequences", type=click.IntRange(1, 288), default=12, help="Sequences per day.")
@click.option("--sequence-minutes", type=click.IntRange(1, 1440), default=60, help="Minutes of a sequence.")
@click.option("--division", type=click.IntRange(1, 12), default=2, help="Time steps per sequence: 1, 2, 3, 4, 6 or 12.")
@click.option("--day-start", type=click.DateTime(["%H:%M"]), default="08:00", help="When the first sequence begins.")
@click.option("--timezone", default="Europe/Paris", help="IANA name.")
@account_option
@click.pass_obj
@asynchronous
async def create(
    screen: Screen, planning: str, name: str, first_monday: dt.datetime, last_sunday: dt.datetime, days: int,
    sequences: int, sequence_minutes: int, division: int, day_start: dt.datetime, timezone: str, account: str,
) -> None:  # fmt: skip
    """Create an empty base in a planning; it goes into service at once."""
    grid = Grid.between(
        first_monday.date(), last_sunday.date(), days=(1 << days) - 1, sequences=sequences,
        sequence_minutes=sequence_minutes, division=division, day_start=day_start.hour * 60 + day_start.minute,
        timezone=timezone,
    )  # fmt: skip
    await _put_in_service(screen, account, planning, name, Planning(grid))


@base.command("load")
@click.argument("planning")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def load(screen: Screen, planning: str, name: str, account: str) -> None:
    """Put a base of the account into a planning that is stopped."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        loaded = await accounts.load_base(found, await accounts.planning(found, planning), name)
    screen.show({"planning": loaded.name, "base": loaded.base}, f"{loaded.name}: {loaded.base}")


@base.command("list")
@account_option
@click.pass_obj
@asynchronous
async def list_(screen: Screen, account: str) -> None:
    """List the bases of an account and the plannings they are loaded in."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        loaded = {one.base: one.name for one in await accounts.plannings(found) if one.base}
        names = bases_in(accounts.paths.bases / found.number)
    rows = [{"base": name, "planning": loaded.get(name, "")} for name in names]
    screen.table(rows, {"base": "Base", "planning": "Planning"})


@base.command("export")
@click.argument("name")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("-"), help="File to write; - (standard output) by default."
)
@account_option
@click.pass_obj
@asynchronous
async def export(screen: Screen, name: str, out: Path, account: str) -> None:
    """Write a stopped base as JSON: the grid, and every object of every kind by key."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        planning, revision = await read_base(accounts.base_path(found, name))
    document = msgspec.json.encode(exported(planning, name, revision)) + b"\n"
    write_file(out, document)
    if str(out) != "-":
        value = {"file": str(out), "bytes": len(document), "revision": revision}
        screen.show(value, tr(f"{out} : {len(document)} octets", f"{out}: {len(document)} bytes"))


@click.group("import")
def import_() -> None:
    """Make a new base from a file of another program, and put it in service."""


@import_.command("ics")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=in_file)
@account_option
@click.pass_obj
@asynchronous
async def import_ics(screen: Screen, planning: str, name: str, file: Path, account: str) -> None:
    """HYPERPLANNING, ADE or other iCalendar files."""
    await _import(screen, account, planning, name, read_file(file.name, file.read_bytes(), dt.date.today().year))  # noqa: DTZ011 - the school year here


@import_.command("fet")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=in_file)
@click.option(
    "--year",
    type=click.IntRange(1970, 2200),
    default=None,
    help="Year of the first Monday of September; this year by default.",
)
@account_option
@click.pass_obj
@asynchronous
async def import_fet(screen: Screen, planning: str, name: str, file: Path, year: int | None, account: str) -> None:
    """FET files, `.fet` or `.fet.gz`."""
    chosen = year or dt.date.today().year  # noqa: DTZ011 - the school year here
    await _import(screen, account, planning, name, read_file(file.name, file.read_bytes(), chosen))


async def _import(screen: Screen, account: str, planning: str, name: str, imported: Imported) -> None:
    report = imported.report
    say(f"{report.source}: {report.title}")
    for kind, count in report.counts.items():
        say(f"  {counted(count, kind, language())}")
    for what, count in report.noted().items():
        say(tr(f"  {count} non repris : {what}", f"  {count} not taken over: {what}"))
    await _put_in_service(screen, account, planning, name, to_planning(imported))


async def _put_in_service(screen: Screen, account: str, planning: str, name: str, content: Planning) -> None:
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        chosen = await accounts.create_base(found, await accounts.planning(found, planning), name, content)
        awake = await wake_agent(accounts.paths)
    value = {"planning": chosen.name, "base": chosen.base, "desired": chosen.desired, "counts": content.counts()}
    text = tr(f"{chosen.name} : {chosen.base} créée", f"{chosen.name}: {chosen.base} created")
    if not awake:
        text += tr(", en service dès `hp agent`", ", in service once `hp agent` runs")
    screen.show(value, text)


def exported(planning: Planning, name: str, revision: int) -> dict[str, Any]:
    """The document of `hp base export`: open, typed, readable by anybody."""
    objects = {
        kind: {str(key): values_of(row) for key, row in planning.rows(kind).items()} for kind in planning.counts()
    }  # fmt: skip
    return {
        "format": EXPORT_FORMAT, "name": name, "revision": revision,
        "grid": msgspec.to_builtins(planning.grid), "objects": objects,
    }  # fmt: skip
