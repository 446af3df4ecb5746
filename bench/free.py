"""Free (room, start) pairs of an activity: rooms side by side, by the best of three ways with numpy."""

import time
from collections.abc import Callable
from random import Random
from typing import Any, Final

from bench.bases import FINE, USUAL, a_base, a_grid
from bench.figures import Figure, Pace, Samples
from hpserver.base.diagnosis.rooms import ANY_ROOM, board_of, pairs, suitable
from hpserver.base.planning import Planning

ROOMS: Final = 300
ACTIVITIES: Final = 4_737
"""So many have 300 rooms."""
QUESTIONS: Final = 100
"""More week sets than are kept together."""


def measure(pace: Pace, samples: Samples) -> list[Figure]:
    """Return figure 9, on the finest grid and on a usual one."""
    return [
        _compared(steps, name, pace, samples) for steps, name in ((FINE, "62,496 places"), (USUAL, "10,416 places"))
    ]


def _compared(steps: int, name: str, pace: Pace, samples: Samples) -> Figure:
    from bench import arrays  # noqa: PLC0415 - numpy belongs to the group bench: the rest works without it

    planning = a_base(ACTIVITIES, a_grid(steps))
    rooms = suitable(planning, ANY_ROOM)
    order = sorted(rooms)
    board, theirs = board_of(planning, rooms), arrays.Rooms(planning)
    assert len(order) == len(rooms) == ROOMS
    duration = steps // 8
    allowed = _allowed(planning, duration)
    as_array = arrays.starts(planning, allowed)
    random = Random(9)
    questions = [_weeks(random) for _ in range(QUESTIONS)]
    for weeks in questions[:5]:
        ours = board.free(weeks, duration, allowed, order, {}).bit_count()
        found = {
            int(way(weeks, duration, as_array).sum()) for way in (theirs.by_masks, theirs.by_booleans, theirs.by_words)
        }
        assert found == {ours}, "every way finds the same"
    ways: dict[str, Callable[[int], Any]] = {
        "side by side": lambda weeks: board.free(weeks, duration, allowed, order, {}),
        "numpy masks": lambda weeks: theirs.by_masks(weeks, duration, as_array),
        "numpy words": lambda weeks: theirs.by_words(weeks, duration, as_array),
        "numpy booleans": lambda weeks: theirs.by_booleans(weeks, duration, as_array),
    }
    for _ in range(pace.rounds):
        spent = {way: _milliseconds(ask, questions) for way, ask in ways.items()}
        for way, value in spent.items():
            samples.add(f"{name}, {way} ms", value)
        samples.add(f"{name}, best numpy ms", min(value for way, value in spent.items() if way != "side by side"))
        samples.add(f"{name}, side by side again ms", _milliseconds(ways["side by side"], questions[:1] * QUESTIONS))
        samples.add(f"{name}, all of it ms", _milliseconds(lambda key: pairs(planning, key), range(1, QUESTIONS + 1)))
    return samples.ratio(
        9, f"free (room, start) pairs, {name} / numpy", f"{name}, side by side ms", f"{name}, best numpy ms",
        "at most", 0.8,
    )  # fmt: skip


def _milliseconds(ask: Callable[[int], Any], questions: Any) -> float:
    """Return the CPU time of one question."""
    began = time.thread_time()
    for question in questions:
        ask(question)
    return (time.thread_time() - began) / len(questions) * 1e3


def _weeks(random: Random) -> int:
    """Return 27 weeks of 62."""
    return sum(1 << week for week in random.sample(range(62), 27))


def _allowed(planning: Planning, duration: int) -> int:
    grid = planning.grid
    day = (1 << grid.steps_per_day - duration + 1) - 1
    return sum(day << number * grid.steps_per_day for number in range(5))
