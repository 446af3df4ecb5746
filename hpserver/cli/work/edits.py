"""What a planner does to a timetable, as commands: place, move, cancel, swap, assign, lock, split, for many at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import click

from hpserver.base.changes import Change
from hpserver.base.edits import commands
from hpserver.base.grid import DAYS_IN_WEEK, MAX_STEPS_PER_DAY
from hpserver.base.planning import Planning
from hpserver.base.weeks import format_weeks
from hpserver.cli.screen import Screen, language, tr
from hpserver.cli.words.fields import weeks_given
from hpserver.cli.words.telling import find, named
from hpserver.cli.words.when import parse_at, parse_week, today, written
from hpserver.cli.work.bench import Bench, Order, Way, carry_out, edit_options

MOST_NAMES: Final = 8
"""Activities named one by one after an edit; the others are counted."""

_one = click.argument("activity")
_many = click.argument("activities", nargs=-1, required=True, metavar="ACTIVITY...")
_weeks = click.option("--weeks", default="", help="Only in these, from 1: '3-8,10'. Every week by default.")
_place = click.argument("place", type=click.IntRange(0, DAYS_IN_WEEK * MAX_STEPS_PER_DAY - 1), required=False)
_at = click.option("--at", "when", default="", help="Day and hour: 'tue 10:00', 'mardi 10h30', '2026-11-24 10:00'.")
_week = click.option("--week", default="", help="Only in that week: number from 1, or a date; one in --at says so too.")


async def place(
    screen: Screen, bench: Bench, way: Way, activity: str, place: int | None, when: str, week: str,
    rooms: tuple[str, ...],
) -> None:  # fmt: skip
    """Put an activity at a day and hour, or at a PLACE (day * steps per day + step). ACTIVITY is a key or a name."""
    if (place is None) == (not when):
        raise click.UsageError(tr("Donnez une place, ou --at.", "Give a place, or --at."))
    base = bench.planning
    key = find(base, "activity", activity)
    at, dated = (place, None) if place is not None else parse_at(when, base.grid)
    index = parse_week(week, base.grid, today()) if week else dated
    assert at is not None
    changes = _moves(base, key, at, index, _keys(base, "room", rooms))
    where = f"{named(base, 'activity', key, language())}, {written(at, base.grid, language())}"
    await carry_out(screen, bench, changes, way, tr(f"Placé : {where}", f"Placed: {where}"), activity=key, place=at)


async def move(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], when: str, weeks: str) -> None:
    """Put activities at a day and hour: in all their weeks, also those apart, or in those of --weeks."""
    at, _ = parse_at(when, bench.planning.grid)
    told = tr("Déplacé", "Moved")
    await _each(screen, bench, way, activities, told, commands.move, at, weeks_given(weeks, bench.planning.grid))


async def unplace(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...]) -> None:
    """Take activities off the timetable."""
    await _each(screen, bench, way, activities, tr("Retiré de la grille", "Taken off the grid"), commands.unplace)


async def cancel(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], weeks: str) -> None:
    """Cancel the meetings of activities; what they took is free."""
    told = tr("Annulé", "Cancelled")
    await _each(screen, bench, way, activities, told, commands.cancel, weeks_given(weeks, bench.planning.grid))


async def reinstate(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], weeks: str) -> None:
    """Take back cancellations; what else differs in those weeks is kept."""
    told = tr("Rétabli", "Reinstated")
    await _each(screen, bench, way, activities, told, commands.restore, weeks_given(weeks, bench.planning.grid))


async def swap(screen: Screen, bench: Bench, way: Way, activity: str, other: str, weeks: str) -> None:
    """Exchange the places of two activities."""
    base = bench.planning
    one, two = (find(base, "activity", name) for name in (activity, other))
    changes = commands.swap(base, one, two, weeks_given(weeks, base.grid))
    await _tell(screen, bench, way, changes, (one, two), tr("Échangé", "Swapped"))


async def assign_room(
    screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], rooms: tuple[str, ...], weeks: str
) -> None:
    """Give activities these rooms instead of those they have; none with --room ''."""
    base, told = bench.planning, tr("Salles attribuées", "Rooms assigned")
    keys = _keys(base, "room", filter(None, rooms))
    await _each(screen, bench, way, activities, told, commands.assign_room, keys, weeks_given(weeks, base.grid))


async def assign_instructor(
    screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], instructors: tuple[str, ...], weeks: str
) -> None:
    """Give activities these instructors instead of those they have; none with --instructor ''."""
    base, told = bench.planning, tr("Enseignants attribués", "Instructors assigned")
    keys = _keys(base, "instructor", filter(None, instructors))
    await _each(screen, bench, way, activities, told, commands.assign_instructors, keys, weeks_given(weeks, base.grid))


async def lock(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], weeks: str) -> None:
    """Keep automatic placement from moving activities."""
    told = tr("Verrouillé", "Locked")
    await _each(screen, bench, way, activities, told, commands.lock, weeks_given(weeks, bench.planning.grid))


async def unlock(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...], weeks: str) -> None:
    """Let automatic placement move activities again."""
    told = tr("Déverrouillé", "Unlocked")
    await _each(screen, bench, way, activities, told, commands.unlock, weeks_given(weeks, bench.planning.grid))


async def split(screen: Screen, bench: Bench, way: Way, activity: str, weeks: str, when: str) -> None:
    """Make some weeks of an activity an activity of their own, put elsewhere with --at."""
    base = bench.planning
    key = find(base, "activity", activity)
    at = parse_at(when, base.grid)[0] if when else None
    changes = commands.split(base, key, weeks_given(weeks, base.grid) or 0, at)
    await _tell(screen, bench, way, changes, (key,), tr("Scindé", "Split"))


async def duplicate(screen: Screen, bench: Bench, way: Way, activities: tuple[str, ...]) -> None:
    """Make the same activities again, without a place."""
    await _each(screen, bench, way, activities, tr("Dupliqué", "Duplicated"), commands.duplicate)


async def _each(
    screen: Screen, bench: Bench, way: Way, activities: Sequence[str], told: str,
    command: Callable[..., tuple[Change, ...]], *words: Any,
) -> None:  # fmt: skip
    """Do the same to every activity, in one transaction."""
    keys = _keys(bench.planning, "activity", activities)
    changes = commands.each(bench.planning, keys, command, *words)
    weeks = words[-1] if command not in _WITHOUT_WEEKS else None
    await _tell(screen, bench, way, changes, keys, told, weeks)


async def _tell(
    screen: Screen, bench: Bench, way: Way, changes: Sequence[Change], keys: Sequence[int], told: str,
    weeks: int | None = None,
) -> None:  # fmt: skip
    names = [named(bench.planning, "activity", key, language()) for key in keys[:MOST_NAMES]]
    more = [tr(f"et {len(keys) - MOST_NAMES} autres", f"and {len(keys) - MOST_NAMES} more")]
    what = ", ".join(names + more if len(keys) > MOST_NAMES else names)
    within = "" if weeks is None else tr(f", semaines {format_weeks(weeks)}", f", weeks {format_weeks(weeks)}")
    await carry_out(screen, bench, changes, way, f"{told}{tr(' : ', ': ')}{what}{within}", activities=list(keys))


def _moves(base: Planning, activity: int, at: int, week: int | None, rooms: Sequence[int]) -> Sequence[Change]:
    if week is None:
        return commands.place(base, activity, at, rooms or None)
    moved = commands.move_meeting(base, activity, week, at)
    if not rooms:
        return moved
    if not moved:
        return commands.assign_room(base, activity, rooms, 1 << week)
    raise click.UsageError(
        tr("--room ne va pas avec le déplacement d'une seule semaine.", "--room does not go with a move of one week.")
    )


def _keys(base: Planning, kind: str, wanted: Iterable[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(find(base, kind, one) for one in wanted))


_WITHOUT_WEEKS: Final = frozenset({commands.unplace, commands.duplicate})

_room = click.option("--room", "rooms", multiple=True, help="Key or name of a room; those it has by default.")
_rooms = click.option("--room", "rooms", multiple=True, required=True, help="Key or name of a room.")
_instructors = click.option("--instructor", "instructors", multiple=True, required=True, help="Key or name.")
_when = click.option("--at", "when", required=True, help="Day and hour: 'tue 10:00', 'mardi 10h30'.")
_elsewhere = click.option("--at", "when", default="", help="Day and hour of the new one: 'tue 10:00'.")
_some_weeks = click.option("--weeks", required=True, help="Those that go, from 1: '3-8,10'.")

EDITS: Final = (
    Order("place", place, (_one, _place, _at, _week, _room, edit_options)),
    Order("move", move, (_many, _when, _weeks, edit_options)),
    Order("unplace", unplace, (_many, edit_options)),
    Order("cancel", cancel, (_many, _weeks, edit_options)),
    Order("reinstate", reinstate, (_many, _weeks, edit_options)),
    Order("swap", swap, (_one, click.argument("other"), _weeks, edit_options)),
    Order("assign-room", assign_room, (_many, _rooms, _weeks, edit_options)),
    Order("assign-instructor", assign_instructor, (_many, _instructors, _weeks, edit_options)),
    Order("lock", lock, (_many, _weeks, edit_options)),
    Order("unlock", unlock, (_many, _weeks, edit_options)),
    Order("split", split, (_one, _some_weeks, _elsewhere, edit_options)),
    Order("duplicate", duplicate, (_many, edit_options)),
)
"""The edits of a timetable."""
