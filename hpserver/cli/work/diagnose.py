"""What fits where, and why not: a place, a whole base, its students, free rooms and slots. Only `--do` changes it."""

from typing import Final

import click

from hpserver.base.diagnosis.repairs import repairs
from hpserver.base.diagnosis.report import MOST_TROUBLES, report
from hpserver.base.diagnosis.rooms import Wanted, free_rooms, free_slots
from hpserver.base.diagnosis.student_clashes import student_clashes
from hpserver.cli.screen import Screen, filled, language, tr
from hpserver.cli.words.diagnosis import (
    diagnosis_shown,
    repairs_shown,
    report_shown,
    resource_of,
    rooms_shown,
    slots_shown,
    steps_of,
    student_clashes_shown,
    weeks_of,
)
from hpserver.cli.words.telling import find
from hpserver.cli.words.when import parse_at
from hpserver.cli.work.bench import Bench, Order, Way, carry_out


async def diagnose(
    screen: Screen, bench: Bench, activity: str, when: str, rooms: tuple[str, ...], wants_repairs: bool,
    number: int | None,
) -> None:  # fmt: skip
    """Say where an activity could be, in which weeks, and who is in the way; with --repairs, what to move."""
    base = bench.planning
    key = find(base, "activity", activity)
    place = parse_at(when, base.grid)[0] if when else None
    keys = [find(base, "room", room) for room in rooms]
    if number is not None:
        found = repairs(base, key, _needed(place), keys or None).found
        if number > len(found):
            raise click.UsageError(
                filled("Il y a {count} réparation(s).", "Repairs that were found: {count}.", count=len(found))
            )
        await carry_out(screen, bench, found[number - 1].changes, Way(), tr("Fait", "Done"))
        return
    value, text = diagnosis_shown(base, key, keys, place, language())
    if wants_repairs:
        more, lines = repairs_shown(base, repairs(base, key, _needed(place), keys or None), language())
        value, text = value | more, f"{text}\n{lines}"
    screen.show(value, text)


async def whole_report(screen: Screen, bench: Bench, limit: int) -> None:
    """List every clash and every broken rule, by resource."""
    base = bench.planning
    screen.show(*report_shown(base, report(base, limit), student_clashes(base), language()))


async def clashes_of_students(screen: Screen, bench: Bench, limit: int) -> None:
    """List students expected in two places at once by memberships of their own; what clashes for all is in `report`."""
    base = bench.planning
    screen.show(*student_clashes_shown(base, student_clashes(base), limit, language()))


async def rooms_then(
    screen: Screen, bench: Bench, *, when: str, minutes: int, weeks: str, capacity: int, site: str, pool: str,
    categories: tuple[str, ...], activity: str,
) -> None:  # fmt: skip
    """List the rooms that are free then, the best fit first."""
    base = bench.planning
    wanted = Wanted(
        capacity,
        find(base, "site", site) if site else None,
        find(base, "room_pool", pool) if pool else None,
        tuple(find(base, "category_value", one) for one in categories),
    )
    place, week = parse_at(when, base.grid)
    within = weeks_of(base.grid, weeks) if weeks or week is None else 1 << week
    mine = find(base, "activity", activity) if activity else 0
    found = free_rooms(base, place, steps_of(base.grid, minutes), within, wanted, activity=mine)
    screen.show(*rooms_shown(base, found, language(), within))


async def slots_of_all(screen: Screen, bench: Bench, who: tuple[str, ...], minutes: int, weeks: str) -> None:
    """List when all of these are free: `instructor:Marie room:A101 group:12`."""
    base = bench.planning
    resources = [resource_of(base, one) for one in who]
    found = free_slots(base, resources, steps_of(base.grid, minutes), weeks_of(base.grid, weeks))
    screen.show(*slots_shown(base, found, language()))


def _needed(place: int | None) -> int:
    if place is None:
        raise click.UsageError(tr("Donnez la place voulue avec --at.", "Give the wanted place with --at."))
    return place


_place = (
    click.argument("activity"),
    click.option("--at", "when", default="", help="Day and hour, 'tue 10:00': everything about that place."),
    click.option("--room", "rooms", multiple=True, help="Key or name of a room, instead of those it has."),
    click.option("--repairs", "wants_repairs", is_flag=True, help="With --at: what to move so that it is free."),
    click.option("--do", "number", type=click.IntRange(1), default=None, help="Do the repair of that number."),
)
_limit = click.option(
    "--limit", type=click.IntRange(1, 100_000), default=MOST_TROUBLES, help="Listed at most; all count."
)
_length = (
    click.option("--minutes", type=click.IntRange(0, 1440), default=0, help="How long; one sequence by default."),
    click.option("--weeks", default="", help="Such as '1-6,12'; all by default."),
)
_rooms = (
    click.option("--at", "when", required=True, help="Day and hour: 'tue 10:00', 'mardi 10h30'."),
    *_length,
    click.option("--capacity", type=click.IntRange(0), default=0, help="Seats at least."),
    click.option("--site", default="", help="Key or name of a site."),
    click.option("--pool", default="", help="Key or name of a pool of rooms."),
    click.option("--category", "categories", multiple=True, help="Key or name of a category value it must have."),
    click.option("--activity", default="", help="For this activity: its own count as free, only possible ones count."),
)
_who = click.argument("who", nargs=-1, required=True, metavar="KIND:NAME...")

DIAGNOSES: Final = (
    Order("diagnose", diagnose, _place),
    Order("report", whole_report, (_limit,)),
    Order("student-clashes", clashes_of_students, (_limit,)),
    Order("free-rooms", rooms_then, _rooms),
    Order("free-slots", slots_of_all, (_who, *_length)),
)
"""What may be asked of a base, in service or not."""
