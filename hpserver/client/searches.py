"""Diagnosis, repairs, free rooms and slots, report: of the replica at hand, or asked of the server. Knows no screen."""

from collections.abc import Sequence
from typing import Final

import msgspec

from hpserver.base.diagnosis.grid import PlaceDiagnosis, Standing, diagnose
from hpserver.base.diagnosis.repairs import MAX_DEPTH, Repair, Repairs, repairs
from hpserver.base.diagnosis.report import MOST_TROUBLES, Report, report
from hpserver.base.diagnosis.rooms import ANY_ROOM, RoomFit, Wanted, free_rooms, free_slots
from hpserver.base.diagnosis.smallest import Smallest, smallest, smallest_of_all
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.client.line import NEW
from hpserver.client.planning import PlanningSession
from hpserver.errors import SessionEndedError
from hpserver.protocol import messages as m

_standings: Final = msgspec.msgpack.Decoder(dict[int, Standing])
_place: Final = msgspec.msgpack.Decoder(PlaceDiagnosis | None)
_smallest: Final = msgspec.msgpack.Decoder(Smallest | None)
_repairs: Final = msgspec.msgpack.Decoder(tuple[Repair, ...])
_rooms: Final = msgspec.msgpack.Decoder(tuple[RoomFit, ...])
_slots: Final = msgspec.msgpack.Decoder(dict[int, int])
_report: Final = msgspec.msgpack.Decoder(Report)


class Told(msgspec.Struct, frozen=True):
    """A diagnosis: the weeks that need a place, what holds at every place, one as it is told, the fewest causes."""

    weeks: int
    places: dict[int, Standing]
    here: PlaceDiagnosis | None
    smallest: Smallest | None


class Searches:
    """What can be searched in the planning of a session.

    Answers come from the session's replica, at once and as of its revision; with `ask`, from the server, which
    searches less far for repairs. All raise UnknownObjectError and InvalidChangeError as the base does.
    """

    def __init__(self, session: PlanningSession, *, ask: bool = False) -> None:
        self._session = session
        self._asks = ask

    async def diagnosis(self, activity: int, rooms: Sequence[int] = (), place: int | None = None) -> Told:
        """What becomes of an activity at every place; with `place`, who is in the way there."""
        if self._asks:
            wish = m.GetDiagnosis(NEW, 0, activity, tuple(rooms), -1 if place is None else place)
            answer = await self._session.ask(wish, m.Diagnosis)
            places = _standings.decode(answer.places)
            return Told(answer.weeks, places, _place.decode(answer.here), _smallest.decode(answer.smallest))
        planning = self._planning()
        found = diagnose(planning, activity, rooms or None)
        if place is None:
            return Told(found.weeks, found.places(), None, smallest_of_all(planning, found))
        return Told(found.weeks, found.places(), found.at(place).told(), smallest(planning, found, place))

    async def repairs(self, activity: int, place: int, rooms: Sequence[int] = (), depth: int = MAX_DEPTH) -> Repairs:
        """What must move so that an activity can be at a place: each has the changes that `edit` takes."""
        if self._asks:
            wish = m.GetRepairs(NEW, 0, activity, place, tuple(rooms), depth)
            answer = await self._session.ask(wish, m.Repairs)
            return Repairs(_repairs.decode(answer.found), answer.complete, 0)
        return repairs(self._planning(), activity, place, rooms or None, depth=depth)

    async def free_rooms(
        self, place: int, steps: int, weeks: int, wanted: Wanted = ANY_ROOM, *, activity: int = 0
    ) -> tuple[RoomFit, ...]:
        """The rooms free in some of the weeks, the best fit first."""
        if self._asks:
            wish = m.GetFreeRooms(
                NEW, 0, place, steps, weeks, wanted.capacity, wanted.site or 0, wanted.pool or 0, wanted.categories,
                activity,
            )  # fmt: skip
            return _rooms.decode((await self._session.ask(wish, m.FreeRooms)).rooms)
        return free_rooms(self._planning(), place, steps, weeks, wanted, activity=activity)

    async def free_slots(self, resources: Sequence[Ident], steps: int, weeks: int) -> dict[int, int]:
        """The weeks in which all of these are free, by place."""
        if self._asks:
            wish = m.GetFreeSlots(NEW, 0, tuple(resources), steps, weeks)
            return _slots.decode((await self._session.ask(wish, m.FreeSlots)).places)
        return free_slots(self._planning(), resources, steps, weeks)

    async def report(self, limit: int = MOST_TROUBLES) -> Report:
        """Every clash and every breach of a rule, by resource."""
        if self._asks:
            return _report.decode((await self._session.ask(m.GetReport(NEW, 0, limit), m.Report)).report)
        return report(self._planning(), limit)

    def _planning(self) -> Planning:
        replica = self._session.replica
        if replica is None:
            raise self._session.failure or SessionEndedError("enter the planning first")
        return replica.planning
