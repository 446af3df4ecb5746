"""What objects of a base are called in a FET file, which knows them by their names alone. Reads a base, writes nothing.

What has the name of another gets spaces after its own: FET tells names apart by them, and read again it is called as
it was.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, cast

from hpserver.base.model import Group, Instructor, Row
from hpserver.base.planning import Planning
from hpserver.imports.draft import one_line

AND: Final = " + "
"""Between names in the name of what several have in common, or are together."""

_LISTED: Final = ("subject", "instructor", "room", "instructional_type", "site")


class Names:
    """Names of all that a file names, by kind and key."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._by_kind = {kind: self._unique(kind, set()) for kind in _LISTED}
        taken: set[str] = set()
        self._by_kind |= {kind: self._unique(kind, taken) for kind in ("cohort", "group")}
        self.shared = self._shared(taken)
        """Per group, names of the students it shares with each group of its cohort that may share some."""

    def of(self, kind: str) -> Mapping[int, str]:
        """Return the names of a kind by key, in the order of the keys."""
        return self._by_kind[kind]

    def people(self, cohorts: Sequence[int], groups: Sequence[int]) -> list[str]:
        """Return the names of cohorts and groups."""
        return [*(self.of("cohort")[key] for key in cohorts), *(self.of("group")[key] for key in groups)]

    def rooms(self, rooms: Sequence[int]) -> str:
        """Return the name of rooms that are taken together."""
        return AND.join(self.of("room")[room] for room in rooms)

    def _unique(self, kind: str, taken: set[str]) -> dict[int, str]:
        found: dict[int, str] = {}
        for key, row in sorted(self._planning.rows(kind).items()):
            found[key] = free(_called(row), taken)
            taken.add(found[key])
        return found

    def _shared(self, taken: set[str]) -> dict[int, list[str]]:
        names = self.of("group")
        inside: dict[int, list[int]] = {}
        for key in names:
            inside.setdefault(cast(Group, self._planning.get("group", key)).cohort, []).append(key)
        found: dict[int, list[str]] = {}
        for one, other in self._sharing(inside.values()):
            name = free(f"{names[one]}{AND}{names[other]}", taken)
            taken.add(name)
            for group in (one, other):
                found.setdefault(group, []).append(name)
        return found

    def _sharing(self, cohorts: Collection[Sequence[int]]) -> Iterator[tuple[int, int]]:
        students = self._planning.students
        for groups in cohorts:
            rivals = {group: set(students.rivals(("group", group))) for group in groups}
            for at, one in enumerate(groups):
                yield from ((one, other) for other in groups[at + 1 :] if ("group", other) in rivals[one])


def free(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the name itself, or with spaces after it."""
    while name in taken:
        name += " "
    return name


def _called(row: Row) -> str:
    name = getattr(row, "name", "")
    return one_line(f"{row.first_name} {name}" if isinstance(row, Instructor) else name)
