"""`hp client diagnose`, `report`, `free-rooms`, `free-slots`: what fits where, and why not. What `hp base` shares."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from hpserver.base.diagnosis.repairs import repairs
from hpserver.base.diagnosis.report import MOST_TROUBLES, report
from hpserver.base.diagnosis.rooms import Wanted, free_rooms, free_slots
from hpserver.base.planning import Planning
from hpserver.cli.client.session import Signing, base_in, inside, signing_options
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, tr
from hpserver.cli.words.diagnosis import (
    Shown,
    diagnosis_shown,
    repairs_shown,
    report_shown,
    resource_of,
    rooms_shown,
    slots_shown,
    steps_of,
    weeks_of,
)
from hpserver.cli.words.telling import find
from hpserver.cli.words.when import parse_at

F = TypeVar("F", bound=Callable[..., Any])


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def give(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return give


place_options = _options(
    click.argument("activity"),
    click.option("--at", "when", default="", help="Day and hour, 'tue 10:00': everything about that place."),
    click.option("--room", "rooms", multiple=True, help="Key or name of a room, instead of those it has."),
    click.option("--repairs", "wants_repairs", is_flag=True, help="With --at: what to move so that it is free."),
)
report_options = _options(
    click.option("--limit", type=click.IntRange(1, 100_000), default=MOST_TROUBLES, help="Listed at most; all count.")
)
length_options = _options(
    click.option("--minutes", type=click.IntRange(0, 1440), default=0, help="How long; one sequence by default."),
    click.option("--weeks", default="", help="Such as [1..6,12]; all by default."),
)
room_options = _options(
    click.option("--at", "when", required=True, help="Day and hour: 'tue 10:00', 'mardi 10h30'."),
    length_options,
    click.option("--capacity", type=click.IntRange(0), default=0, help="Seats at least."),
    click.option("--site", default="", help="Key or name of a site."),
    click.option("--pool", default="", help="Key or name of a pool of rooms."),
    click.option("--category", "categories", multiple=True, help="Key or name of a category value it must have."),
)
slot_options = _options(
    click.argument("who", nargs=-1, required=True, metavar="KIND:NAME..."),
    length_options,
)


# --- plannings, live --------------------------------------------------------------------------------------------


@click.command("diagnose")
@click.argument("planning")
@place_options
@click.option("--do", "number", type=click.IntRange(1), default=None, help="Do the repair of that number.")
@signing_options
@click.pass_obj
@asynchronous
async def diagnose_live(
    screen: Screen, signing: Signing, planning: str, activity: str, when: str, rooms: tuple[str, ...],
    wants_repairs: bool, number: int | None,
) -> None:  # fmt: skip
    """Say where an activity could be, in which weeks, and who is in the way; with --repairs, what to move."""
    async with inside(signing, planning) as session:
        base = base_in(session)
        if number is None:
            screen.show(*diagnosis_of(base, activity, when, rooms, wants_repairs=wants_repairs))
            return
        key, place, keys = _wish(base, activity, when, rooms)
        found = repairs(base, key, _needed(place), keys or None).found
        if number > len(found):
            raise click.UsageError(tr(f"Il y a {len(found)} réparations.", f"There are {len(found)} repairs."))
        done = await session.edit(found[number - 1].changes)
    text = tr(f"Fait (révision {done.revision})", f"Done (revision {done.revision})")
    screen.show({"revision": done.revision, "epoch": done.epoch}, text)


@click.command("report")
@click.argument("planning")
@report_options
@signing_options
@click.pass_obj
@asynchronous
async def report_live(screen: Screen, signing: Signing, planning: str, limit: int) -> None:
    """List every clash and every broken rule of a planning, by resource."""
    async with inside(signing, planning) as session:
        base = base_in(session)
        screen.show(*report_shown(base, report(base, limit), language()))


@click.command("free-rooms")
@click.argument("planning")
@room_options
@signing_options
@click.pass_obj
@asynchronous
async def rooms_live(screen: Screen, /, signing: Signing, planning: str, **wish: Any) -> None:
    """List the rooms that are free then, the best fit first."""
    async with inside(signing, planning) as session:
        screen.show(*rooms_of(base_in(session), **wish))


@click.command("free-slots")
@click.argument("planning")
@slot_options
@signing_options
@click.pass_obj
@asynchronous
async def slots_live(
    screen: Screen, signing: Signing, planning: str, who: tuple[str, ...], minutes: int, weeks: str
) -> None:  # fmt: skip
    """List when all of these are free: `instructor:Marie room:A101 group:12`."""
    async with inside(signing, planning) as session:
        screen.show(*slots_of(base_in(session), who, minutes, weeks))


CLIENT_COMMANDS: Final = (diagnose_live, report_live, rooms_live, slots_live)
"""What `hp client` takes over."""


# --- what both ask ----------------------------------------------------------------------------------------------


def diagnosis_of(
    planning: Planning, activity: str, when: str, rooms: tuple[str, ...], *, wants_repairs: bool
) -> Shown:  # fmt: skip
    """Return the diagnosis of an activity, and its repairs when they are wished."""
    key, place, keys = _wish(planning, activity, when, rooms)
    value, text = diagnosis_shown(planning, key, keys, place, language())
    if not wants_repairs:
        return value, text
    more, lines = repairs_shown(planning, repairs(planning, key, _needed(place), keys or None), language())
    return value | more, f"{text}\n{lines}"


def _wish(
    planning: Planning, activity: str, when: str, rooms: tuple[str, ...]
) -> tuple[int, int | None, list[int]]:  # fmt: skip
    key = find(planning, "activity", activity)
    place = parse_at(when, planning.grid)[0] if when else None
    return key, place, [find(planning, "room", room) for room in rooms]


def _needed(place: int | None) -> int:
    if place is None:
        raise click.UsageError(tr("Donnez la place voulue avec --at.", "Give the wanted place with --at."))
    return place


def rooms_of(
    planning: Planning, *, when: str, minutes: int, weeks: str, capacity: int, site: str, pool: str,
    categories: tuple[str, ...],
) -> Shown:  # fmt: skip
    """Return the rooms that are free as wished."""
    wanted = Wanted(
        capacity,
        find(planning, "site", site) if site else None,
        find(planning, "room_pool", pool) if pool else None,
        tuple(find(planning, "category_value", one) for one in categories),
    )
    place, week = parse_at(when, planning.grid)
    within = weeks_of(planning.grid, weeks) if weeks or week is None else 1 << week
    found = free_rooms(planning, place, steps_of(planning.grid, minutes), within, wanted)
    return rooms_shown(planning, found, language())


def slots_of(planning: Planning, who: tuple[str, ...], minutes: int, weeks: str) -> Shown:
    """Return when all of those are free."""
    resources = [resource_of(planning, one) for one in who]
    found = free_slots(
        planning, resources, steps_of(planning.grid, minutes), weeks_of(planning.grid, weeks)
    )  # fmt: skip
    return slots_shown(planning, found, language())
