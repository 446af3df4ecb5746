"""Courses that have no room in common."""

from collections.abc import Hashable, Iterable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class DifferentRooms(BetweenWholes):
    """Courses that have no room in common."""

    name = "different_rooms"
    fr = "Salles différentes"
    en = "Different rooms"
    about = (
        "No room is common to two of the activities or series, even at different times. Soft: the weight for each pair."
    )
    sentences = Sentences(
        fr=("{first} et {second} ont une salle en commun",
            "dans une salle de {other}, semaines {weeks}"),
        en=("{first} and {second} have a room in common",
            "in a room of {other}, weeks {weeks}"),
    )  # fmt: skip

    def needs_rooms(self, _index: Index) -> bool:
        """Say whether rooms matter to the answer."""
        return True

    def view(self, whole: Whole) -> Hashable:
        """Return its rooms."""
        return whole.rooms

    def keys(self, _index: Index, whole: Whole, _values: tuple[int, ...]) -> Iterable[Hashable]:
        """Return its rooms."""
        return whole.rooms

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return not first.rooms & second.rooms


RULE = DifferentRooms()
