"""A problem and a solution of ITC-2019 (university timetabling with students) as plain values. Knows no file."""

import msgspec


class Time(msgspec.Struct, frozen=True):
    """When a class may meet: sets of days and weeks (bit 0 = the first), slots from midnight."""

    days: int
    start: int
    length: int
    weeks: int
    penalty: int = 0

    @property
    def end(self) -> int:
        """The first slot after it."""
        return self.start + self.length

    def when(self) -> tuple[int, int, int]:
        """Return what a solution says of it."""
        return self.days, self.start, self.weeks

    def meets_with(self, other: "Time") -> bool:
        """Say whether both have a day of some week in common."""
        return bool(self.days & other.days and self.weeks & other.weeks)

    def overlaps(self, other: "Time") -> bool:
        """Say whether some slot belongs to both."""
        return self.meets_with(other) and self.start < other.end and other.start < self.end


class Room(msgspec.Struct, frozen=True):
    """A room; `travel` in slots to other rooms, none to those it does not name."""

    id: str
    capacity: int
    travel: dict[str, int] = {}
    unavailable: tuple[Time, ...] = ()


class Section(msgspec.Struct, frozen=True):
    """A class of a subpart: where and when it may be, each choice with its penalty."""

    id: str
    limit: int | None = None
    parent: str | None = None
    needs_room: bool = True
    rooms: dict[str, int] = {}
    times: tuple[Time, ...] = ()


class Subpart(msgspec.Struct, frozen=True):
    """Classes of which a student takes one."""

    id: str
    sections: tuple[str, ...]


class Config(msgspec.Struct, frozen=True):
    """Subparts that a student takes all of."""

    id: str
    subparts: tuple[Subpart, ...]


class Course(msgspec.Struct, frozen=True):
    """Configurations of which a student takes one."""

    id: str
    configs: tuple[Config, ...]


class Distribution(msgspec.Struct, frozen=True):
    """A constraint over classes; without `required`, each breach costs `penalty`."""

    type: str
    sections: tuple[str, ...]
    required: bool = False
    penalty: int = 0
    parameters: tuple[int, ...] = ()


class Weights(msgspec.Struct, frozen=True):
    """What a point of each part of the cost weighs."""

    time: int = 0
    room: int = 0
    distribution: int = 0
    student: int = 0


class Problem(msgspec.Struct, frozen=True):
    """A problem; `students` are the courses that each asks for."""

    name: str
    weeks: int
    days: int
    slots: int
    weights: Weights
    rooms: dict[str, Room]
    courses: tuple[Course, ...]
    sections: dict[str, Section]
    distributions: tuple[Distribution, ...]
    students: dict[str, tuple[str, ...]]

    def travel(self, one: str | None, other: str | None) -> int:
        """Return the slots it takes from a room to another, the same both ways; none without a room."""
        if one is None or other is None or one == other:
            return 0
        there = self.rooms[one].travel.get(other)
        return self.rooms[other].travel.get(one, 0) if there is None else there


class Placed(msgspec.Struct, frozen=True):
    """A class in a solution: sets of days and weeks, first slot, room, students."""

    days: int
    start: int
    weeks: int
    room: str | None = None
    students: tuple[str, ...] = ()
    scattered: bool = False
    """Its days are not at the same hour, in the same weeks and room: no time of the problem is like that."""


class Solution(msgspec.Struct, frozen=True):
    """Where the classes are, by class; those that are nowhere are not in it."""

    placed: dict[str, Placed]


DISTRIBUTIONS: dict[str, int] = {
    **dict.fromkeys(("SameStart", "SameTime", "DifferentTime", "SameDays", "DifferentDays"), 0),
    **dict.fromkeys(("SameWeeks", "DifferentWeeks", "Overlap", "NotOverlap", "SameRoom"), 0),
    **dict.fromkeys(("DifferentRoom", "SameAttendees", "Precedence"), 0),
    **dict.fromkeys(("WorkDay", "MinGap", "MaxDays", "MaxDayLoad"), 1),
    **dict.fromkeys(("MaxBreaks", "MaxBlock"), 2),
}
"""Types of constraint, and how many parameters each has."""
