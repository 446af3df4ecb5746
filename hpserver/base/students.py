"""Which cohorts and groups have students in common. Knows no student: only the rule for groups."""

from collections.abc import Mapping

from hpserver.base.model import Group
from hpserver.base.references import Ident, References

SHARING_FIELDS = frozenset({"cohort", "partition", "apart"})
"""Fields of a group that decide with whom it shares students."""


class Students:
    """For every resource, those that cannot be elsewhere at the same time: its rivals, itself included."""

    def __init__(self, groups: Mapping[int, Group], references: References) -> None:
        self._groups = groups
        self._references = references
        self._rivals: dict[Ident, tuple[Ident, ...]] = {}
        self._families: dict[int, tuple[tuple[Ident, ...], tuple[int, ...]]] = {}

    def forget(self) -> None:
        """Take note that some group changed."""
        self._rivals.clear()
        self._families.clear()

    def rivals(self, resource: Ident) -> tuple[Ident, ...]:
        """Return the resources whose occupation clashes with that of `resource`, itself first."""
        if resource[0] not in {"cohort", "group"}:
            return (resource,)
        found = self._rivals.get(resource)
        if found is None:
            found = self._rivals[resource] = self._find(*resource)
        return found

    def family(self, cohort: int) -> tuple[tuple[Ident, ...], tuple[int, ...]]:
        """Return a cohort with its groups, and for each of them who of these are its rivals: a bit each."""
        found = self._families.get(cohort)
        if found is None:
            family = self.rivals(("cohort", cohort))
            where = {ident: which for which, ident in enumerate(family)}
            bits = tuple(sum(1 << where[rival] for rival in self.rivals(ident)) for ident in family)
            found = self._families[cohort] = family, bits
        return found

    def groups_of(self, cohort: int) -> list[int]:
        """Return the groups of a cohort, in order."""
        return sorted(self._references.users("group", "cohort", cohort))

    def _find(self, kind: str, key: int) -> tuple[Ident, ...]:
        if kind == "cohort":
            return ("cohort", key), *(("group", group) for group in self.groups_of(key))
        here = self._groups[key]
        others = (other for other in self.groups_of(here.cohort) if share(key, here, other, self._groups[other]))
        return ("group", key), ("cohort", here.cohort), *(("group", other) for other in others)


def share(key: int, group: Group, other_key: int, other: Group) -> bool:
    """Say whether two different groups may have a student in common."""
    return (
        key != other_key
        and group.cohort == other.cohort
        and group.partition != other.partition
        and other_key not in group.apart
        and key not in other.apart
    )
