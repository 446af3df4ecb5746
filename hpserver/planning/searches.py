"""Questions that search a base: diagnosis, repairs, free rooms and slots, report. Knows no session, changes nothing."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.diagnosis.repairs import repairs
from hpserver.base.diagnosis.report import MOST_TROUBLES, report
from hpserver.base.diagnosis.rooms import Wanted, free_rooms, free_slots
from hpserver.base.diagnosis.smallest import smallest, smallest_of_all
from hpserver.base.planning import RESOURCES, Planning
from hpserver.errors import InvalidChangeError
from hpserver.planning.limits import SERVED_TRIES
from hpserver.protocol import messages as m

Encode = Callable[[object], msgspec.Raw]
"""Encodes a value of the base; raises AnswerTooBigError."""


def _diagnosis(planning: Planning, revision: int, request: m.GetDiagnosis, encode: Encode) -> m.Answer:
    found, place = diagnose(planning, request.activity, request.rooms or None), request.place
    here = None if place < 0 else found.at(place).told()
    fewest = smallest_of_all(planning, found) if place < 0 else smallest(planning, found, place)
    places = encode(found.places())
    return m.Diagnosis(request.id, revision, found.weeks, places, encode(here), encode(fewest))


def _repairs(planning: Planning, revision: int, request: m.GetRepairs, encode: Encode) -> m.Answer:
    found = repairs(
        planning, request.activity, request.place, request.rooms or None, depth=request.depth, tries=SERVED_TRIES
    )  # fmt: skip
    return m.Repairs(request.id, revision, encode(found.found), found.complete)


def _free_rooms(planning: Planning, revision: int, request: m.GetFreeRooms, encode: Encode) -> m.Answer:
    wanted = Wanted(request.capacity, request.site or None, request.pool or None, request.categories)
    found = free_rooms(
        planning, request.place, request.steps, request.weeks, wanted, activity=request.activity
    )  # fmt: skip
    return m.FreeRooms(request.id, revision, encode(found))


def _free_slots(planning: Planning, revision: int, request: m.GetFreeSlots, encode: Encode) -> m.Answer:
    for kind, _ in request.resources:
        if kind not in RESOURCES:
            raise InvalidChangeError("there is no timetable of that kind", kind=kind[:32])
    found = free_slots(planning, request.resources, request.steps, request.weeks)
    return m.FreeSlots(request.id, revision, encode(found))


def _report(planning: Planning, revision: int, request: m.GetReport, encode: Encode) -> m.Answer:
    return m.Report(request.id, revision, encode(report(planning, min(request.limit, MOST_TROUBLES))))


SEARCHES: Final[dict[type[m.Request], Callable[[Planning, int, Any, Encode], m.Answer]]] = {
    m.GetDiagnosis: _diagnosis,
    m.GetRepairs: _repairs,
    m.GetFreeRooms: _free_rooms,
    m.GetFreeSlots: _free_slots,
    m.GetReport: _report,
}
"""How each of these questions is answered."""
