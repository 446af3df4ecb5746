"""The base that is measured, what is asked of it and what is changed in it. Knows no network."""

from random import Random
from typing import Final

from bench import wire
from hpserver.base.changes import update
from hpserver.base.model import Activity
from hpserver.base.planning import RESOURCES, Planning
from hpserver.errors import InvalidChangeError
from hpserver.planning.queries import answer
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_client, encode
from hpserver.protocol.frames import HEADER_BYTES
from tests.schools import a_school

ACTIVITIES: Final = 3000
"""A university department; nine in ten are placed."""

ANSWER_ITEMS: Final = 16
"""The full week of a cohort: about 270 bytes on the wire."""

REASON: Final = "Le professeur est en conférence ; le cours est déplacé. " * 3
"""With it, what is told of one edit takes about 300 bytes."""


def base() -> Planning:
    """Return the base, the same each time."""
    return a_school(ACTIVITIES)


def questions(planning: Planning, count: int) -> list[wire.Client]:
    """Return clients that each ask for the week of a resource, `ANSWER_ITEMS` meetings each."""
    found = [
        (kind, key, week)
        for kind in RESOURCES
        for key in planning.rows(kind)
        for week in range(planning.grid.weeks)
        if len(planning.timetable(kind, key, week)) == ANSWER_ITEMS
    ]
    Random(1).shuffle(found)
    return [wire.timetable(*found[index % len(found)]) for index in range(count)]


def edits(planning: Planning, count: int, why: str = "") -> list[wire.Client]:
    """Return clients that each move an activity of their own to and fro between two places that are free.

    They stay out of each other's way too, wherever each of them is: nobody clashes, as planners mostly do not.
    """
    found: list[wire.Client] = []
    tried = []
    for key, activity in list(planning.rows("activity").items()):
        assert isinstance(activity, Activity)
        if len(found) == count:
            break
        places = planning.free_places(key)
        for place in range(0, 118, 2):
            if not all(places.get(one, 0) & activity.weeks == activity.weeks for one in (place, place + 1)):
                continue
            try:  # a step longer, it takes both places at once
                tried.append(planning.apply([update("activity", key, place=place, duration=activity.duration + 1)]))
            except InvalidChangeError:  # past the end of the day
                continue
            if planning.new_clashes(tried[-1]):
                planning.revert(tried.pop())
                continue
            found.append(wire.edit(key, place, why))
            break
    for applied in reversed(tried):
        planning.revert(applied)
    assert len(found) == count, "the base has room for so many"
    return found


def answer_size(planning: Planning, client: wire.Client) -> int:
    """Return the bytes of the answer to a client's question."""
    question = decode_from_client(client.request[HEADER_BYTES:])
    assert isinstance(question, m.GetTimetable)
    return len(encode(answer(planning, 0, question)))
