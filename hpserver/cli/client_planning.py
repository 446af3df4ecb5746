"""`hp client show`, `place` and `watch`: a timetable read, changed and followed from a shell."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from hpserver.base.changes import Change
from hpserver.base.clashes import Clash
from hpserver.base.commands import assign_room, move_meeting
from hpserver.base.commands import place as place_changes
from hpserver.base.explain import explain
from hpserver.base.grid import DAYS_IN_WEEK, MAX_STEPS_PER_DAY
from hpserver.base.planning import TIMETABLES, Planning
from hpserver.base.rules import Breach
from hpserver.base.rules.wording import say as breach_worded
from hpserver.base.wording import say as worded
from hpserver.cli.client_session import Signing, inside, signing_options
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.telling import find, listed, named, tell, week_lines
from hpserver.cli.when import parse_at, parse_week, written, written_week
from hpserver.client import ClashesError, PlanningSession
from hpserver.protocol import messages as m


@click.command("find")
@click.argument("planning")
@click.argument("kind", type=click.Choice((*TIMETABLES, "activity")))
@click.argument("beginning", default="")
@signing_options
@click.pass_obj
@asynchronous
async def find_objects(screen: Screen, signing: Signing, planning: str, kind: str, beginning: str) -> None:
    """List what is in a planning: the keys and names that `show` and `place` take."""
    async with inside(signing, planning) as session:
        rows = [{"key": key, "name": name} for key, name in listed(_base(session), kind, beginning, language())]
    screen.table(rows, {"key": tr("Clé", "Key"), "name": tr("Nom", "Name")})


@click.command()
@click.argument("planning")
@click.argument("kind", type=click.Choice(TIMETABLES))
@click.argument("key")
@click.option("--week", default="", help="Number from 1, or a date in it; this week by default.")
@signing_options
@click.pass_obj
@asynchronous
async def show(screen: Screen, signing: Signing, planning: str, kind: str, key: str, week: str) -> None:
    """Print a week of somebody, of a group or of a room. KEY is a number, or the beginning of a name."""
    async with inside(signing, planning) as session:
        base = _base(session)
        chosen = find(base, kind, key)
        index = parse_week(week, base.grid, dt.date.today())  # noqa: DTZ011 - the day here
        items = base.timetable(kind, chosen, index)
        revision = session.replica.revision if session.replica is not None else 0
    value = {
        "kind": kind, "key": chosen, "name": named(base, kind, chosen, language()), "week": index + 1,
        "revision": revision, "items": [msgspec.structs.asdict(one) for one in items],
    }  # fmt: skip
    title = f"{value['name']}, {written_week(index, base.grid, language())}"
    screen.show(value, "\n".join([title, *week_lines(base, items, index, language())]))


@click.command()
@click.argument("planning")
@click.argument("activity")
@click.argument("place", type=click.IntRange(0, DAYS_IN_WEEK * MAX_STEPS_PER_DAY - 1), required=False)
@click.option(
    "--at", "when", default="", help="Day and hour in place of PLACE: 'tue 10:00', 'mardi 10h30', '2026-11-24 10:00'."
)
@click.option(
    "--week", default="", help="Only in that week: number from 1, or a date in it. A date in --at says so too."
)
@click.option("--room", "rooms", multiple=True, help="Key or name of a room; those it has by default.")
@click.option("--force", is_flag=True, help="Even if somebody is in two places at once.")
@click.option("--dry-run", is_flag=True, help="Say which clashes and broken rules it would cause, and do nothing.")
@click.option("--why", default="", help="Kept in the history.")
@signing_options
@click.pass_obj
@asynchronous
async def place(
    screen: Screen, signing: Signing, planning: str, activity: str, place: int | None, when: str, week: str,
    rooms: tuple[str, ...], force: bool, dry_run: bool, why: str,
) -> None:  # fmt: skip
    """Put an activity at a day and hour, or at a PLACE (day * steps per day + step). ACTIVITY is a key or a name."""
    if (place is None) == (not when):
        raise click.UsageError(tr("Donnez une place, ou --at.", "Give a place, or --at."))
    async with inside(signing, planning) as session:
        base = _base(session)
        key = find(base, "activity", activity)
        at, dated = (place, None) if place is not None else parse_at(when, base.grid)
        index = parse_week(week, base.grid, dt.date.today()) if week else dated  # noqa: DTZ011 - unused: week is given
        assert at is not None
        changes = _moves(base, key, at, index, [find(base, "room", room) for room in rooms])
        if dry_run:
            await _weigh(screen, session, changes)
            return
        try:
            done = await session.edit(changes, force=force, why=why)
        except ClashesError as refused:
            _show_clashes(base, refused.clashes)
            _show_breaches(base, refused.breaches)
            raise
        where = f"{named(base, 'activity', key, language())}, {written(at, base.grid, language())}"
    value = {"epoch": done.epoch, "revision": done.revision, "merged": done.merged, "activity": key, "place": at}
    screen.show(value, tr(f"Placé : {where} (révision {done.revision})", f"Placed: {where} (revision {done.revision})"))


@click.command()
@click.argument("planning")
@click.option("--count", type=click.IntRange(0), default=0, help="Stop after so many transactions; 0 for never.")
@signing_options
@click.pass_obj
@asynchronous
async def watch(screen: Screen, signing: Signing, planning: str, count: int) -> None:
    """Follow a planning: who changed what, until Ctrl+C."""
    async with inside(signing, planning) as session:
        events = session.events()
        assert session.replica is not None
        say(tr(f"Révision {session.replica.revision}, en attente…", f"Revision {session.replica.revision}, waiting…"))
        told = 0
        async for message in events:
            if isinstance(message, m.GoAway):
                say(
                    tr(
                        "Le planning s'arrête : nouveaux essais jusqu'à son retour…",
                        "The planning stops: trying until it is back…",
                    )
                )
            for transaction in message.transactions if isinstance(message, m.Delta) else ():
                screen.show(_value(transaction), "\n".join(_lines(session, transaction)))
                told += 1
                if told == count:
                    return
        if session.failure is not None:
            raise session.failure


def _moves(base: Planning, activity: int, at: int, week: int | None, rooms: list[int]) -> Sequence[Change]:
    if week is None:
        return place_changes(base, activity, at, rooms or None)
    moved = move_meeting(base, activity, week, at)
    if not rooms:
        return moved
    if not moved:
        return assign_room(base, activity, rooms, 1 << week)
    raise click.UsageError(
        tr("--room ne va pas avec le déplacement d'une seule semaine.", "--room does not go with a move of one week.")
    )


async def _weigh(screen: Screen, session: PlanningSession, changes: Sequence[Change]) -> None:
    base = _base(session)
    found = await session.judge(changes)
    _show_clashes(base, found.clashes)
    _show_breaches(base, found.breaches)
    clashes, breaches = len(found.clashes), len(found.breaches)
    screen.show(
        {"clashes": clashes, "breaches": breaches, "cost": found.cost},
        tr(
            f"{clashes} conflit(s), {breaches} contrainte(s) non respectée(s), coût {found.cost:+d}",
            f"{clashes} clash(es), {breaches} broken rule(s), cost {found.cost:+d}",
        ),
    )


def _base(session: PlanningSession) -> Planning:
    assert session.replica is not None
    return session.replica.planning


def _lines(session: PlanningSession, transaction: m.Transaction) -> list[str]:
    """One line per change, under the time, the revision and the author."""
    at = dt.datetime.fromtimestamp(transaction.at_ms / 1000, dt.UTC).astimezone()
    head = f"{at:%H:%M:%S} {transaction.revision} {transaction.user}"
    reason = f" ({transaction.why})" if transaction.why else ""
    return [f"{head}  {line}{reason}" for line in tell(_base(session), transaction, language())]


def _value(transaction: m.Transaction) -> dict[str, Any]:
    return {
        "revision": transaction.revision, "user": transaction.user, "at_ms": transaction.at_ms,
        "why": transaction.why, "changes": msgspec.msgpack.decode(transaction.changes),
    }  # fmt: skip


def _show_clashes(base: Planning, clashes: Sequence[Clash]) -> None:
    for clash in clashes:
        say("  " + worded(explain(base, clash), language()))


def _show_breaches(base: Planning, breaches: Sequence[Breach]) -> None:
    for breach in breaches:
        say("  " + breach_worded(base, breach, language()))
