"""Courses in the same room."""

from collections.abc import Hashable

from hpserver.base.rules.api import Sentences
from hpserver.base.rules.index import Index
from hpserver.base.rules.wholes import BetweenWholes, Whole


class SameRooms(BetweenWholes):
    """Courses in the same room."""

    name = "same_rooms"
    fr = "Mêmes salles"
    en = "Same rooms"
    about = "Two of the activities or series are in the same rooms, or both in none. Soft: the weight for each pair."
    sentences = Sentences(
        fr=("{first} et {second} ne sont pas dans les mêmes salles",
            "pas dans les salles de {other}, semaines {weeks}"),
        en=("{first} and {second} are not in the same rooms",
            "not in the rooms of {other}, weeks {weeks}"),
    )  # fmt: skip

    def needs_rooms(self, _index: Index) -> bool:
        """Say whether rooms matter to the answer."""
        return True

    def view(self, whole: Whole) -> Hashable:
        """Return its rooms."""
        return whole.rooms

    def agrees(self, _index: Index, first: Whole, second: Whole, _values: tuple[int, ...]) -> bool:
        """Say whether two wholes keep the rule."""
        return first.rooms == second.rooms


RULE = SameRooms()
