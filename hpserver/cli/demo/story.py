"""The demo's two planners at work: a placement, a clash and why, an undo, a merge, a crash. Knows no account."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, cast

import msgspec

from hpserver.base.calendar import instant
from hpserver.base.changes import Change, update
from hpserver.base.edits.commands import place
from hpserver.base.explain import explain, label_of, name_of
from hpserver.base.model import Activity
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week, format_weeks
from hpserver.base.wording import say as worded
from hpserver.cli.client.session import base_in
from hpserver.cli.screen import filled, is_french, language, tr
from hpserver.cli.words.diagnosis import diagnosis_shown
from hpserver.cli.words.past import row_lines
from hpserver.client import PlanningSession
from hpserver.client.planning import ClashesError, ConflictsError

EDITS_PER_WRITER: Final = 150
KILL_AFTER: Final = 60
"""Acknowledged edits after which the server is killed, with the next ones under way."""

CRASH_SECONDS: Final = 60.0
MOST_LINES: Final = 6
"""Lines of a diagnosis that are shown."""

MEMO: Final = "apporter les cartes"

Lines = list[str]


class DemoFailedError(Exception):
    """A step did not show what it must."""


class Crash(msgspec.Struct, frozen=True):
    """What the writers did around a crash: revisions from `first` to `last`, in `seconds`."""

    first: int
    last: int
    seconds: float


async def show_placement(alain: PlanningSession, marie: PlanningSession) -> Lines:
    """A placement by one appears at the other."""
    activity, free = await _movable(alain)
    began = time.monotonic()
    done = await alain.edit(place(base_in(alain), activity, free), why=tr("salle plus grande", "larger room"))
    replica = await marie.wait_revision(done.revision)
    seen = 1000 * (time.monotonic() - began)
    row = replica.planning.activity(activity)
    hold(row.place == free, "the placement did not reach the other client")
    return [
        f"{label_of(replica.planning, activity)} -> {_when(replica.planning, row)}",
        tr(
            f"révision {done.revision}, sur disque puis chez Marie en {seen:.0f} ms",
            f"revision {done.revision}, on disk, then at Marie's in {seen:.0f} ms",
        ),
    ]


async def show_clash(alain: PlanningSession) -> Lines:
    """An impossible placement is refused, and says whom it would put in two places."""
    base = base_in(alain)
    activity, taken = _clashing_wish(base)
    try:
        await alain.edit(place(base, activity, taken))
    except ClashesError as refused:
        words = [worded(explain(base, clash), "fr" if is_french() else "en") for clash in refused.clashes]
        more = len(words) - 3
        return [*words[:3], *([filled("… et {more} autre(s)", "… and {more} more", more=more)] if more > 0 else [])]
    raise DemoFailedError("a clash was accepted")


def refused_wish(alain: PlanningSession) -> tuple[int, int]:
    """The activity and the place of `show_clash`."""
    return _clashing_wish(base_in(alain))


def show_diagnosis(alain: PlanningSession) -> Lines:
    """Everything about the place that was refused, and what would be enough to lift."""
    base = base_in(alain)
    activity, taken = refused_wish(alain)
    _, text = diagnosis_shown(base, activity, (), taken, language())
    lines = text.splitlines()
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…", lines[-1]]


async def show_undo(alain: PlanningSession, marie: PlanningSession) -> Lines:
    """The refused placement forced, then taken back: the other sees it as it was, and the history has both."""
    base = base_in(alain)
    activity, taken = refused_wish(alain)
    before = base.activity(activity)
    forced = await alain.edit(place(base, activity, taken), force=True, why=tr("à essayer", "to try"))
    undone = await alain.undo(revision=forced.revision)
    replica = await marie.wait_revision(undone.revision)
    hold(replica.planning.activity(activity) == before, "what was taken back is not as it was")
    rows = (await marie.timeline("activity", activity, limit=2)).rows[::-1]
    hold([row.revision for row in rows] == [forced.revision, undone.revision], "the history lacks what was done")
    return [line for row in rows for line in row_lines(replica.planning, row, language())]


async def show_merge(alain: PlanningSession, marie: PlanningSession) -> Lines:
    """Two fields of one activity, at once: both stand. The same field: a conflict that says whose."""
    base = base_in(alain)
    seen = _revision(alain)
    activity, room = _room_for_some(base)
    first, second = await asyncio.gather(
        alain.edit([update("activity", activity, rooms=(room,))], seen=seen),
        marie.edit([update("activity", activity, memo=MEMO)], seen=seen),
    )
    hold(first.merged or second.merged, "nothing merged")
    replica = await marie.wait_revision(max(first.revision, second.revision))
    row = replica.planning.activity(activity)
    hold(row.memo == MEMO and row.rooms == (room,), "an edit was lost in the merge")
    name = name_of(base.get("room", room))
    lines = [
        label_of(base, activity),
        tr(f"salle {name} (Alain) et mémo « {MEMO} » (Marie)", f"room {name} (Alain) and memo “{MEMO}” (Marie)")
        + tr(" : les deux restent", ": both stand"),
    ]
    try:
        await alain.edit([update("activity", activity, memo="autre chose")], seen=seen)
    except ConflictsError as conflict:
        one = conflict.conflicts[0]
        theirs = msgspec.msgpack.decode(one.theirs, type=str)
        lines.append(
            tr(
                f"même champ : refusé, « {theirs} » est de {one.user} (révision {one.revision})",
                f"same field: refused, “{theirs}” is {one.user}'s (revision {one.revision})",
            )
        )
        return lines
    raise DemoFailedError("a conflict went unseen")


async def write_through_a_crash(
    alain: PlanningSession, marie: PlanningSession, kill: Callable[[], None], back: Callable[[], Awaitable[object]]
) -> Crash:
    """Both write without a pause, the server is killed meanwhile, and every acknowledged edit is there afterwards."""
    first = max(_revision(alain), _revision(marie))
    keys = sorted(base_in(alain).rows("activity"))[1:3]
    acknowledged: dict[int, str] = {}
    count = 0

    async def write(session: PlanningSession, activity: int) -> None:
        nonlocal count
        for number in range(EDITS_PER_WRITER):
            memo = f"{number:03}"
            wish: list[Change] = [update("activity", activity, memo=memo)]
            await session.edit(wish)
            acknowledged[activity] = memo
            count += 1
            if count == KILL_AFTER:
                kill()

    began = time.monotonic()
    async with asyncio.timeout(CRASH_SECONDS):
        await asyncio.gather(write(alain, keys[0]), write(marie, keys[1]))
        await back()
        last = first + 2 * EDITS_PER_WRITER
        replica = await alain.wait_revision(last)
    found = {key: cast("Activity", replica.planning.get("activity", key)).memo for key in acknowledged}
    hold(found == acknowledged, f"acknowledged {acknowledged}, found {found}")
    hold(replica.revision == last, f"revision {replica.revision} where {last} is due: an edit was lost or done twice")
    return Crash(first + 1, last, time.monotonic() - began)


def hold(condition: bool, failure: str) -> None:
    """Raise DemoFailedError with `failure` unless the condition holds."""
    if not condition:
        raise DemoFailedError(failure)


async def _movable(session: PlanningSession) -> tuple[int, int]:
    """An activity and a place that is free for it in all of its weeks, as the server says."""
    for key, row in base_in(session).rows("activity").items():
        weeks, now = cast("Activity", row).weeks, cast("Activity", row).place
        places = [at for at, free in (await session.free_places(key)).items() if free == weeks and at != now]
        if weeks and places:
            return key, places[len(places) // 2]
    raise DemoFailedError("no activity can be moved in this base")


def _clashing_wish(base: Planning) -> tuple[int, int]:
    """An activity and the place of another with the same instructor, in a common week."""
    rows = {key: cast("Activity", row) for key, row in base.rows("activity").items()}
    for key, row in rows.items():
        for other, taken in rows.items():
            apart = other == key or taken.place is None or taken.place == row.place or not row.weeks & taken.weeks
            if apart or not set(row.instructors) & set(taken.instructors):
                continue
            if taken.place is not None and base.grid.fits(taken.place, row.duration):
                return key, taken.place
    raise DemoFailedError("no two activities share an instructor in this base")


def _room_for_some(base: Planning) -> tuple[int, int]:
    """A placed activity and another room that is free then, in all of its weeks."""
    for key, found in base.rows("activity").items():
        row = cast("Activity", found)
        if row.place is None or not row.weeks:
            continue
        for room in base.rows("room"):
            if room not in row.rooms and base.free_places(key, rooms=(room,)).get(row.place, 0) == row.weeks:
                return key, room
    raise DemoFailedError("no activity has a choice of rooms in this base")


def _revision(session: PlanningSession) -> int:
    assert session.replica is not None
    return session.replica.revision


def _when(planning: Planning, row: Activity) -> str:
    assert row.place is not None
    first = instant(planning.grid, next(iter(each_week(row.weeks))), row.place)
    day = tr(f"{first:%d/%m/%Y}", f"{first:%Y-%m-%d}")
    return f"{day} {first:%H:%M}, {tr('semaines', 'weeks')} {format_weeks(row.weeks)}"
