"""`hp base branch` and `hp base next-year`: experiments beside a base in use, and the base that comes after it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from hpserver.base.edits.diff import Difference
from hpserver.base.edits.next_year import next_year
from hpserver.base.edits.rebase import Rebased
from hpserver.base.grid import DIVISIONS, Grid
from hpserver.base.references import Ident
from hpserver.base.registry import kind_of
from hpserver.cli.client.branches import insist_option, only_option, revision_option, show_left, take_over
from hpserver.cli.client.session import inside
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import a_day, account_option, force_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, colon, filled, language, say, tr
from hpserver.cli.words.telling import counted, find, maybe_key
from hpserver.cli.work.differences import conflict_lines, difference_lines
from hpserver.client.line import NEW
from hpserver.client.writing import an_operation
from hpserver.errors import BaseInUseError
from hpserver.hosting import branches
from hpserver.hosting.bases import create_base
from hpserver.hosting.past import peek_base
from hpserver.hosting.takeover import settle
from hpserver.protocol import messages as m

MOST_LINES = 200
"""Differences shown one by one on a screen; `--output json` has all of them."""


@click.group()
def branch() -> None:
    """Branches: copies of a base to experiment on, while people go on editing it."""


@branch.command("create")
@click.argument("base")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def create_branch(screen: Screen, base: str, name: str, account: str) -> None:
    """Fork a base, in service or not. The branch NAME is a base: load it, edit it, import into it."""
    folder = await _folder(account)
    revision = await branches.fork(folder, base, name)
    text = tr(
        f"{name} : branche de {base} à la révision {revision}", f"{name}: branch of {base} at revision {revision}"
    )
    screen.show({"branch": name, "base": base, "revision": revision}, text)


@branch.command("list")
@click.argument("base", default="")
@account_option
@click.pass_obj
@asynchronous
async def list_branches(screen: Screen, base: str, account: str) -> None:
    """List the branches, of a base or of all."""
    found = branches.branches_of(await _folder(account), base or None)
    rows = [{"branch": name, "base": one.base, "revision": one.revision} for name, one in found.items()]
    screen.table(rows, {"branch": tr("Branche", "Branch"), "base": "Base", "revision": tr("Révision", "Revision")})


@branch.command("diff")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def diff(screen: Screen, name: str, account: str) -> None:
    """Show what was done on a branch, object by object and field by field, and what others changed too."""
    work = await branches.look(await _folder(account), name)
    found, conflicts = work.differences(), work.rebased().conflicts
    lines = [line for one in found[:MOST_LINES] for line in difference_lines(work.origin, work.branch, one)]
    if len(found) > MOST_LINES:
        more = len(found) - MOST_LINES
        lines.append(filled("et {more} autre(s) objet(s)", "and {more} more object(s)", more=more))
    lines += conflict_lines(work.branch, conflicts)
    value = {
        "branch": name,
        "differences": [_value(one) for one in found],
        "conflicts": list(map(_builtins, conflicts)),
    }
    screen.show(value, "\n".join(lines) or tr("Aucune différence.", "No difference."))


@branch.command("update")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def update_branch(screen: Screen, name: str, account: str) -> None:
    """Bring a branch that is not in service up to date: its work, done again on its base as it is now."""
    folder = await _folder(account)
    work = await branches.look(folder, name)
    conflicts = work.rebased().conflicts
    left = await branches.bring_up_to_date(folder, name, work)
    _say_lines(conflict_lines(work.branch, conflicts))
    revision = branches.origin_of(folder, name).revision
    text = filled(
        "{name} : à jour, {count} objet(s) différent(s)", "{name}: up to date, {count} different object(s)",
        name=name, count=len(left),
    )  # fmt: skip
    screen.show({"branch": name, "differences": len(left), "revision": revision}, text)


@branch.command("accept")
@click.argument("name")
@only_option
@insist_option
@force_option
@account_option
@click.pass_obj
@asynchronous
async def accept(
    screen: Screen, name: str, only: tuple[str, ...], insist: tuple[str, ...], force: bool, account: str
) -> None:
    """Take a branch over into its base, whole or in part. In service? `accept-live` does it among the others."""
    folder = await _folder(account)
    await branches.check_free(folder, name)
    work = await branches.look(folder, name)
    done = _chosen(work, only, insist)
    try:
        committed = await branches.take_over(folder, name, done, force=force)
    except BaseInUseError as error:
        base = branches.origin_of(folder, name).base
        raise BaseInUseError(
            tr(
                f"{base} est en service : `hp base branch accept-live {name!r} PLANNING --login …`",
                f"{base} is in service: `hp base branch accept-live {name!r} PLANNING --login …`",
            )
        ) from error
    await _conclude(screen, folder, name, work, done, 0 if committed is None else committed.revision)


@branch.command("accept-live")
@click.argument("name")
@click.argument("planning")
@only_option
@insist_option
@force_option
@account_option
@signing_options
@click.pass_obj
@asynchronous
async def accept_live(
    screen: Screen, signing: Signing, name: str, planning: str, only: tuple[str, ...], insist: tuple[str, ...],
    force: bool, account: str,
) -> None:  # fmt: skip
    """Take a branch of this machine over into a base in service, as one transaction of yours; people go on working."""
    folder = await _folder(account)
    await branches.check_free(folder, name)
    work = await branches.look(folder, name)
    wish = m.AcceptBranch(
        NEW, 0, an_operation(), name, tuple(_ident(work, one) for one in only),
        tuple(_ident(work, one) for one in insist), force,
    )  # fmt: skip
    _chosen(work, only, insist)
    async with inside(signing, planning) as session:
        await take_over(screen, session, wish)


@branch.command("refresh")
@click.argument("name")
@revision_option
@only_option
@insist_option
@account_option
@click.pass_obj
@asynchronous
async def refresh(
    screen: Screen, name: str, revision: int, only: tuple[str, ...], insist: tuple[str, ...], account: str
) -> None:
    """Let a branch know what its base took over of it, where `accept` was interrupted before; --only as it was then."""
    folder = await _folder(account)
    work = await branches.look(folder, name, taken=True)
    chosen, insisted = [_ident(work, one) for one in only], [_ident(work, one) for one in insist]
    left, conflicts = await settle(folder, name, revision, chosen, insisted)
    show_left(screen, name, revision, conflicts, left)


@branch.command("drop")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def drop(screen: Screen, name: str, account: str) -> None:
    """Forget a branch that is not in service, with all that was done on it alone."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        for planning in await accounts.plannings(found):
            if planning.base == name:
                raise BaseInUseError(f"{name} is loaded in {planning.name}: load another base there first")
    await branches.drop(await _folder(account), name)
    screen.show({"branch": name}, tr(f"{name} : oubliée", f"{name}: forgotten"))


@click.command("next-year")
@click.argument("base")
@click.argument("name")
@click.option("--first-monday", type=a_day, required=True, help="First day.")
@click.option("--last-sunday", type=a_day, required=True, help="Last day.")
@click.option("--division", type=click.Choice([str(one) for one in DIVISIONS]), help="Time steps per sequence; as now.")
@click.option("--people", is_flag=True, help="Students and guardians too.")
@click.option("--activities", is_flag=True, help="Activities too, unplaced, in every week.")
@account_option
@click.pass_obj
@asynchronous
async def next_year_command(
    screen: Screen, base: str, name: str, first_monday: dt.datetime, last_sunday: dt.datetime, division: str | None,
    people: bool, activities: bool, account: str,
) -> None:  # fmt: skip
    """Prepare next year: a new base with the resources, curricula and constraints of one, and no meeting."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        async with peek_base(accounts.existing_base(found, base)) as peeked:
            content = next_year(
                peeked.planning, _grid_of(peeked.planning.grid, first_monday, last_sunday, division),
                people=people, activities=activities,
            )  # fmt: skip
        await create_base(accounts.base_path(found, name), name, content)
    counts = ", ".join(counted(count, kind, language()) for kind, count in content.counts().items() if count)
    screen.show({"base": name, "counts": content.counts()}, f"{name}{colon()}{counts}")


COMMANDS = (branch, next_year_command)
"""What `hp base` has from here."""


# --- within -------------------------------------------------------------------------------------------------------


async def _folder(account: str) -> Path:
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        return accounts.paths.bases / found.number


def _chosen(work: branches.Work, only: Sequence[str], insist: Sequence[str]) -> Rebased:
    done = work.rebased(
        only=[_ident(work, one) for one in only] if only else None,
        insist=[_ident(work, one) for one in insist],
    )
    _say_lines(conflict_lines(work.branch, done.conflicts))
    return done


def _ident(work: branches.Work, text: str) -> Ident:
    kind, _, key = text.partition(":")
    number = maybe_key(key)
    if number is not None and number in work.origin.rows(kind_of(kind).name):  # gone from the branch, perhaps
        return kind, number
    return kind, find(work.branch, kind, key)


async def _conclude(
    screen: Screen, folder: Path, name: str, work: branches.Work, done: Rebased, revision: int
) -> None:  # fmt: skip
    """Say what was taken over, once the branch holds the rest only."""
    left = await branches.bring_up_to_date(folder, name, work, done)
    counts = {"changes": len(done.changes), "conflicts": len(done.conflicts), "left": len(left)}
    value = {"branch": name, "revision": revision, **counts}
    text = filled(
        "{name} : {changes} modification(s) reprise(s), {conflicts} contradiction(s), il reste {left} objet(s)",
        "{name}: {changes} change(s) taken over, {conflicts} conflict(s), {left} object(s) left",
        name=name, **counts,
    )  # fmt: skip
    screen.show(value, text)


def _grid_of(grid: Grid, first_monday: dt.datetime, last_sunday: dt.datetime, division: str | None) -> Grid:
    return Grid.between(
        first_monday.date(), last_sunday.date(), days=grid.days, sequences=grid.sequences,
        sequence_minutes=grid.sequence_minutes, division=int(division) if division else grid.division,
        day_start=grid.day_start, timezone=grid.timezone,
    )  # fmt: skip


def _say_lines(lines: Iterator[str]) -> None:
    for line in lines:
        say(line)


def _builtins(value: object) -> Any:
    return msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value


def _value(one: Difference) -> dict[str, Any]:
    return {"kind": one.kind, "key": one.key, "how": one.how, "fields": list(map(_builtins, one.fields))}
