"""Rooms that an activity or a series may be in: where there are any, it is in none but these, and what each costs."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.index import Index

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


class PossibleRooms:
    """What has possible rooms is in none but these."""

    name = "possible_room"
    fr = "Salles possibles"
    en = "Possible rooms"
    about = (
        "An activity is only in rooms that are possible for it or for its series, when it has any; a room with a "
        "penalty costs it for each week."
    )
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = ()
    built_in = True
    counts = False
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : salle {who} à éviter ou impossible, semaines {weeks}",
            "salle {who} à éviter ou impossible, semaines {weeks}"),
        en=("{activities}: room {who} to avoid, or not possible, weeks {weeks}",
            "room {who} to avoid, or not possible, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every activity in a room that is not possible, or that costs something."""
        index = planning.index
        found: dict[int, None] = {}
        for row in index.table("possible_room").values():
            found.update(dict.fromkeys([row.activity] if row.activity is not None else index.of_series(row.series)))
        yield from self.near(planning, key, constraint, found)

    def near(
        self, planning: "Planning", _key: int, _constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of these activities."""
        index = planning.index
        for activity in activities if index.table("possible_room") else ():
            penalties = penalties_of(index, activity)
            for (kind, room), segments in index.occupancy.footprint(activity).items() if penalties else ():
                penalty = penalties.get(room)
                for place, _, weeks in segments if kind == "room" and penalty != 0 else ():
                    amount = 1 if penalty is None else penalty
                    cost = amount * weeks.bit_count()
                    about = (self.name, 0, penalty is None, cost, "room", room)
                    yield Breach(*about, (activity,), weeks, place, amount, 0)

    def barriers(
        self, planning: "Planning", _key: int, _constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier per room that the candidate takes and that is not possible or costs something."""
        index = planning.index
        penalties = penalties_of(index, candidate.key) if index.table("possible_room") else {}
        for (kind, room), weeks in candidate.needs.items() if penalties else ():
            penalty = penalties.get(room)
            starts = candidate.starts & index.everywhere * weeks if kind == "room" and penalty != 0 else 0
            if starts:
                yield Barrier(self.name, 0, penalty is None, 1 if penalty is None else penalty, "room", room, 0, starts)


def penalties_of(index: Index, activity: int) -> dict[int, int]:
    """Return the possible rooms of an activity with the least penalty of each; none when it may be in every room."""
    found: dict[int, int] = {}
    for row in index.possible("possible_room", activity).values():
        found[row.room] = min(row.penalty, found.get(row.room, row.penalty))
    return found


RULE = PossibleRooms()
