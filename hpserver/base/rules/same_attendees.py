"""Courses that the same people can attend: never at once, and with the time to go from one to the other."""

from collections.abc import Hashable, Iterable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Part, Whole, hours_of


class SameAttendees(BetweenWholes):
    """Courses that the same people can attend: never at once, and with the time to go from one to the other."""

    name = "same_attendees"
    fr = "Mêmes participants"
    en = "Same attendees"
    about = (
        "Two of the activities or series are never at once, and between two on one day there is the travel time from "
        "the site of one to that of the other. "
        "Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("personne ne peut suivre {first} et {second}",
            "trop près de {other} pour y être aussi, semaines {weeks}"),
        en=("nobody can attend {first} and {second}",
            "too near {other} to be there too, weeks {weeks}"),
    )  # fmt: skip

    def needs_rooms(self, index: Index) -> bool:
        """Say whether rooms matter to the answer."""
        return bool(index.ways())

    def keys(self, index: Index, whole: Whole, _values: tuple[int, ...]) -> Iterable[Hashable]:
        """Return the hours of each day that the longest way after it takes, its own among them."""
        longest = -(-max(index.ways(), default=0) // index.grid.step_minutes)
        return {(part.day, hour) for part in whole.parts for hour in hours_of(index, part, longest)}

    def agrees(self, index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        travel = max(_ways(index, first, second), default=0)
        back = max(_ways(index, second, first), default=0)
        return all(
            one.end + travel <= other.start or other.end + back <= one.start
            for one in first.parts
            for other in second.parts
            if one.meets(other)
        )

    def marks(self, index: Index, part: Part, values: tuple[int, ...]) -> tuple[int, ...]:
        """Return the steps at which the answer may turn."""
        longest = {-(-minutes // index.grid.step_minutes) for minutes in index.ways()}
        gaps = [mark for steps in longest for mark in (part.start - steps, part.end + steps)]
        return (*super().marks(index, part, values), *gaps)


def _ways(index: Index, first: Whole, second: Whole) -> list[int]:
    """Return the steps it takes from the rooms of one to those of another."""
    minutes = index.grid.step_minutes
    there = [index.site_of(room) for room in first.rooms], [index.site_of(room) for room in second.rooms]
    return [
        -(-index.travel(one, other) // minutes)
        for one in there[0]
        for other in there[1]
        if one is not None and other is not None and one != other
    ]


RULE = SameAttendees()
