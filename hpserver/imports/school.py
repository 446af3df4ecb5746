"""A made-up French school of any size, most of it placed without a clash. Reads no file; a seed decides everything."""

import datetime as dt
from random import Random
from typing import Any, cast

import msgspec

from hpserver.base.changes import Change, create, update
from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.model import Activity, Room
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week, parse_weeks
from hpserver.imports import school_names as names
from hpserver.imports.draft import from_planning
from hpserver.imports.result import Imported, Report

WEEKS = 44
"""September to the first days of July, holidays included."""
TEACHING = parse_weeks("[1..7,10..16,19..24,27..32,35..44]")
"""The 36 weeks with classes: French universities close two weeks in autumn, at Christmas, in winter, in spring."""
SEMESTERS = (TEACHING & parse_weeks("[1..20]"), TEACHING & parse_weeks("[21..44]"))

ROOMS_TRIED = 12
"""Rooms tried for an activity before it is left unplaced: keeps large schools quick."""

NOON = range(8, 10)
"""Steps from 12:00 to 13:00."""
EVENING = 20
"""Step of 18:00."""

AMPHI, LECTURE, LAB = "Amphi", "Salle", "Salle TP"


class Size(msgspec.Struct, frozen=True):
    """How much of everything; the defaults are a department of a university. `unplaced` is part of `activities`."""

    instructors: int = 60
    cohorts: int = 20
    rooms: int = 40
    subjects: int = 48
    activities: int = 400
    unplaced: int = 20


class _Cohort(msgspec.Struct, frozen=True):
    key: int
    size: int
    classes: tuple[int, ...]
    labs: tuple[int, ...]


class _Teaching(msgspec.Struct, frozen=True):
    """One way to teach: type, duration in steps of 30 minutes, kind of room, share among activities."""

    name: str
    durations: tuple[int, ...]
    room: str
    share: int


_TEACHINGS = (
    _Teaching("CM", (3, 4), AMPHI, 2),
    _Teaching("TD", (3, 4), LECTURE, 5),
    _Teaching("TP", (4, 6), LAB, 3),
)


def first_monday_of_september(year: int) -> dt.date:
    """Return the day on which a school year starts."""
    first = dt.date(year, 9, 1)
    return first + dt.timedelta(days=-first.weekday() % DAYS_IN_WEEK)


def generate(seed: int, size: Size = Size(), year: int = 2026) -> Imported:  # noqa: B008 - frozen: one default for all
    """Return a school of about `size`: the same for the same arguments.

    Of the activities, `size.unplaced` are left without a place, and any that found none free, counted in the
    report as `unplaced`. No placed activity clashes.
    """
    return _School(seed, size, year).build()


class _School:
    def __init__(self, seed: int, size: Size, year: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a repeatable draw, not a secret
        self._size = size
        self._planning = Planning(Grid(first_monday_of_september(year), WEEKS, 0b11111, 11, 60, 2, 480))
        self._rooms: dict[str, list[int]] = {}
        self._cohorts: list[_Cohort] = []

    def build(self) -> Imported:
        self._create("instructional_type", [{"name": teaching.name} for teaching in _TEACHINGS])
        self._create("site", [{"name": name} for name in names.SITES])
        self._create("subject", [self._subject(index) for index in range(self._size.subjects)])
        self._create("instructor", [self._instructor(index) for index in range(self._size.instructors)])
        self._create("room", [self._room(index) for index in range(self._size.rooms)])
        for key, room in self._planning.rows("room").items():
            self._rooms.setdefault(_kind_of_room(cast(Room, room)), []).append(key)
        for index in range(self._size.cohorts):
            self._cohorts.append(self._cohort(index))
        placed = sum(self._activity(index) for index in range(self._size.activities))
        counts = self._planning.counts() | {"unplaced": self._size.activities - placed}
        return from_planning(self._planning, Report("generated", "École générée", counts))

    def _create(self, kind: str, rows: list[dict[str, Any]]) -> tuple[int, ...]:
        changes: list[Change] = [create(kind, -1 - index, **row) for index, row in enumerate(rows)]
        applied = self._planning.apply(changes)
        return tuple(change.key for change in applied.changes)

    def _subject(self, index: int) -> dict[str, Any]:
        name = names.nth(names.SUBJECTS, index)
        return {"name": name, "code": f"UE{index + 1:03}", "color": names.COLORS[index % len(names.COLORS)]}

    def _instructor(self, index: int) -> dict[str, Any]:
        again, place = divmod(index, len(names.FAMILY))
        first = names.FIRST[(place * 7 + again) % len(names.FIRST)]
        family = names.FAMILY[place] if again < len(names.FIRST) else f"{names.FAMILY[place]} {again}"
        return {"name": family, "first_name": first, "code": f"E{index + 1:04}"}

    def _room(self, index: int) -> dict[str, Any]:
        site = index // 20 % len(names.SITES) + 1
        number = index // 20 * 100 + index % 20 + 101
        if index % 8 == 0:
            return {"name": f"{AMPHI} {names.nth(names.AMPHIS, index // 8)}", "capacity": 180, "site": site}
        if index % 8 in {3, 6}:
            return {"name": f"{LAB} {number}", "capacity": 24, "site": site}
        return {"name": f"{LECTURE} {number}", "capacity": 40, "site": site}

    def _cohort(self, index: int) -> _Cohort:
        name = names.nth(names.COHORTS, index)
        classes = self._random.randint(2, 3)
        (key,) = self._create("cohort", [{"name": name, "size": classes * 36}])
        rows = [{"cohort": key, "name": f"TD{n + 1}", "partition": "TD", "size": 36} for n in range(classes)]
        halves = self._create("group", rows)
        labs: list[dict[str, Any]] = []
        for n, half in enumerate(halves):
            apart = tuple(other for other in halves if other != half)
            lab = {"cohort": key, "partition": "TP", "size": 18, "apart": apart}
            labs += ({**lab, "name": f"TP{n + 1}{letter}"} for letter in "ab")
        return _Cohort(key, classes * 36, halves, self._create("group", labs))

    def _activity(self, index: int) -> bool:
        """Create an activity; say whether it was placed."""
        cohort = self._cohorts[index % len(self._cohorts)]
        number = index // len(self._cohorts)
        (teaching,) = self._random.choices(_TEACHINGS, [teaching.share for teaching in _TEACHINGS])
        groups = {"CM": (), "TD": cohort.classes, "TP": cohort.labs}[teaching.name]
        semester = SEMESTERS[number % len(SEMESTERS)]
        subject = (cohort.key * 7 + number // 2) % self._size.subjects + 1
        row = {
            "subject": subject,
            "instructional_type": _TEACHINGS.index(teaching) + 1,
            "duration": self._random.choice(teaching.durations),
            "weeks": self._weeks(semester),
            "instructors": (self._teacher(subject),),
            "cohorts": () if groups else (cohort.key,),
            "groups": (self._random.choice(groups),) if groups else (),
        }
        (key,) = self._create("activity", [row])
        return index < self._size.activities - self._size.unplaced and self._place(key, teaching.room)

    def _teacher(self, subject: int) -> int:
        return (subject * 5 + self._random.randrange(3)) % self._size.instructors + 1

    def _weeks(self, semester: int) -> int:
        weeks = list(each_week(semester))
        half = len(weeks) // 2
        shapes = (weeks, weeks[::2], weeks[1::2], weeks[:half], weeks[half:])
        (chosen,) = self._random.choices(shapes, (6, 1, 1, 1, 1))
        return sum(1 << week for week in chosen)

    def _place(self, key: int, kind: str) -> bool:
        weeks = self._planning.activity(key).weeks
        open_places = {place for place, free in self._planning.free_places(key).items() if free == weeks}
        rooms = self._rooms.get(kind) or [room for others in self._rooms.values() for room in others]
        for room in self._random.sample(rooms, min(ROOMS_TRIED, len(rooms))):
            free = self._planning.free_places(key, [room])
            found = [place for place in open_places if free.get(place) == weeks]
            if found:
                place = min(found, key=self._cost(key))
                self._planning.apply([update("activity", key, place=place, rooms=(room,))])
                return True
        return False

    def _cost(self, key: int) -> Any:
        """Return how little a place is liked: late hours and the noon break less, any day alike."""
        grid = self._planning.grid
        day = self._random.randrange(DAYS_IN_WEEK)
        duration = cast(Activity, self._planning.get("activity", key)).duration

        def cost(place: int) -> tuple[int, int]:
            here, step = grid.day_and_step(place)
            noon = step < NOON.stop and step + duration > NOON.start
            late = step + duration > EVENING
            return 10 * noon + 20 * late + (here - day) % DAYS_IN_WEEK * 2 + step % 2, place

        return cost


def _kind_of_room(room: Room) -> str:
    return next(kind for kind in (LAB, AMPHI, LECTURE) if room.name.startswith(kind))
