"""Messages that ask where something could be, who is in the way, what to move, and what is wrong in a base."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.fields import Answer, Key, Keys, Request, Revision, Word

Place = Annotated[int, msgspec.Meta(ge=0, lt=7 * 288)]
"""A time step of the week, in grids as fine as can be."""
PlaceOrNone = Annotated[int, msgspec.Meta(ge=-1, lt=7 * 288)]
Steps = Annotated[int, msgspec.Meta(ge=1, le=288)]
Weeks = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
"""A week set: bit 0 is the first week."""
Depth = Annotated[int, msgspec.Meta(ge=0, le=16)]
Seats = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Rooms = Annotated[tuple[Key, ...], msgspec.Meta(max_length=64)]
Resources = Annotated[tuple[tuple[Word, Key], ...], msgspec.Meta(max_length=64)]


class GetDiagnosis(Request, frozen=True, tag=80):
    """Client: what becomes of this activity at every place of the week? Answered by Diagnosis or Failed.

    Attributes:
        activity: key of the activity, itself left aside.
        rooms: as if it took these in every week; empty for its own.
        place: whose reasons are wished; -1 for none.
    """

    activity: Key
    rooms: Rooms = ()
    place: PlaceOrNone = -1


class Diagnosis(Answer, frozen=True, tag=81):
    """Server: the whole grid at once.

    Attributes:
        revision: at which it is true.
        weeks: the weeks of the activity that need a place.
        places: map from place to `[free, soft, blocked]`, three week sets: free, possible though a soft rule is
            broken, impossible. Places where it does not fit in a working day are left out.
        here: the PlaceDiagnosis of the base at the place asked about: weeks, cost of all, the first 100 reasons, the
            hard ones first, and how many more there are; nil when none was.
        smallest: Smallest of the base: the fewest causes to lift at the place asked about, else at the place where
            they are the fewest of all; nil when it fits nowhere.
    """

    revision: Revision
    weeks: Weeks
    places: msgspec.Raw
    here: msgspec.Raw
    smallest: msgspec.Raw


class GetRepairs(Request, frozen=True, tag=82):
    """Client: what must move so that this activity can be at that place? Answered by Repairs or Failed.

    Attributes:
        activity: key of the activity.
        place: where it is wanted, in all its weeks.
        rooms: as in GetDiagnosis.
        depth: edits in one repair at most, beside the placement; more than 3 means 3.
    """

    activity: Key
    place: Place
    rooms: Rooms = ()
    depth: Depth = 3


class Repairs(Answer, frozen=True, tag=83):
    """Server: what to do, those that disturb the fewest people first. Nothing was done.

    Attributes:
        revision: at which it is true.
        found: array of Repair of the base; the changes of one are ready to be sent in Transact.
        complete: false when the search was cut short: a client with a replica can search further.
    """

    revision: Revision
    found: msgspec.Raw
    complete: bool


class GetFreeRooms(Request, frozen=True, tag=84):
    """Client: which rooms are free then? Answered by FreeRooms or Failed.

    Attributes:
        place: where it begins.
        steps: how long.
        weeks: in which weeks, all or some.
        capacity: seats at least.
        site: key of a site, 0 for any.
        pool: key of a pool of rooms, 0 for any room.
        categories: keys of category values it must all have.
        activity: what this one takes counts as free, and only rooms possible for it are told; 0 for none.
    """

    place: Place
    steps: Steps
    weeks: Weeks
    capacity: Seats = 0
    site: Key = 0
    pool: Key = 0
    categories: Keys = ()
    activity: Key = 0


class FreeRooms(Answer, frozen=True, tag=85):
    """Server: the rooms free in some of the weeks, the best fit first, at most 1,000.

    Attributes:
        revision: at which it is true.
        rooms: array of `[room, weeks, seats to spare]`.
    """

    revision: Revision
    rooms: msgspec.Raw


class GetFreeSlots(Request, frozen=True, tag=86):
    """Client: when are all of these free? Answered by FreeSlots or Failed.

    Attributes:
        resources: kind and key of instructors, cohorts, groups, rooms.
        steps: how long.
        weeks: in which weeks.
    """

    resources: Resources
    steps: Steps
    weeks: Weeks


class FreeSlots(Answer, frozen=True, tag=87):
    """Server: where they are all free.

    Attributes:
        revision: at which it is true.
        places: map from place to week set; a place that is free in no week is left out.
    """

    revision: Revision
    places: msgspec.Raw


class GetReport(Request, frozen=True, tag=88):
    """Client: what is wrong in this base? Answered by Report or Failed.

    Attributes:
        limit: clashes and breaches listed at most; more than 1,000 means 1,000. All are counted.
    """

    limit: Limit = 1000


class Report(Answer, frozen=True, tag=89):
    """Server: every clash and every breach of a rule, by resource.

    Attributes:
        revision: at which it is true.
        report: Report of the base.
    """

    revision: Revision
    report: msgspec.Raw
