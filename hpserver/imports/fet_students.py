"""Years, groups and subgroups of FET as cohorts and groups that clash when they share students. Reads no activity."""

from collections.abc import Iterable, Iterator

import msgspec

from hpserver.base.model import MAX_PEOPLE, MAX_REFS
from hpserver.errors import ImportRefusedError
from hpserver.imports.draft import Draft
from hpserver.imports.fet_xml import Node

MAX_SETS_IN_YEAR = 2_000
"""Groups of one year: each is compared with each other; the examples published with FET stay under 254."""
MAX_SETS = 20_000
"""Groups in all."""


class Set(msgspec.Struct):
    """A group or subgroup within one year: the smallest sets of students it is made of."""

    name: str
    size: int
    line: int
    leaves: frozenset[str]
    is_group: bool


class Year(msgspec.Struct):
    """A year and its groups and subgroups, each name once."""

    key: int
    name: str
    leaves: frozenset[str]
    sets: dict[str, Set]


class Keys(msgspec.Struct, frozen=True):
    """Who takes part in an activity."""

    cohorts: tuple[int, ...]
    groups: tuple[int, ...]


class Students:
    """Creates cohorts and groups in a draft, and finds them by the names that activities use."""

    def __init__(self, draft: Draft, nodes: Iterable[Node], used: frozenset[str]) -> None:
        """Create every year and group, and the subgroups in `used` or what these are made of in another year.

        The other subgroups are noted by year.
        """
        self._draft = draft
        self._count = 0
        self._crossed = False
        self._years = [self._year(node) for node in nodes if node.name == "Year"]
        self._keys: dict[tuple[int, str], int] = {}
        self._leaves: dict[str, set[str]] = {}
        self._by_leaf: dict[str, list[Year]] = {}
        for year in self._years:
            self._leaves.setdefault(year.name, set()).update(year.leaves)
            for leaf in year.leaves:
                self._by_leaf.setdefault(leaf, []).append(year)
            for one in year.sets.values():
                self._leaves.setdefault(one.name, set()).update(one.leaves)
        self._found: dict[str, Keys] = {}
        needed = {name for one in used if one in self._leaves for name in self._names_in_years(one)}
        for year in self._years:
            self._create(year, needed)

    @property
    def cohorts(self) -> list[int]:
        """The years, in order."""
        return [year.key for year in self._years]

    @property
    def partitioned(self) -> bool:
        """Whether students of some year are in two groups at once."""
        return self._crossed

    def keys_of(self, name: str) -> Keys | None:
        """Return the cohorts and groups of a set of students, in every year that has them; None if there is none."""
        if name not in self._leaves:
            return None
        known = self._found.get(name)
        if known is None:
            known = self._found[name] = self._find(name, self._leaves[name])
        return known

    def _find(self, name: str, leaves: set[str]) -> Keys:
        cohorts: list[int] = []
        groups: list[int] = []
        for year in self._years_of(leaves):
            if _is_all(year, name, leaves):
                cohorts.append(year.key)
            else:
                groups += (self._group(year, year.sets[one], "", ()) for one in _within(year, name, leaves))
        return Keys(tuple(cohorts), tuple(groups))

    def _names_in_years(self, name: str) -> Iterator[str]:
        """Yield the groups and subgroups that a set of students is in the years that have some of them."""
        leaves = self._leaves[name]
        for year in self._years_of(leaves):
            yield from () if _is_all(year, name, leaves) else _within(year, name, leaves)

    def _years_of(self, leaves: set[str]) -> list[Year]:
        years = {year.key: year for leaf in leaves for year in self._by_leaf.get(leaf, ())}
        return [year for _, year in sorted(years.items())]

    def _year(self, node: Node) -> Year:
        name = node.exact("Name")
        sets: dict[str, Set] = {}
        for group in node.all("Group"):
            inside = [_set(child, frozenset({child.exact("Name")})) for child in group.all("Subgroup")]
            leaves = frozenset(one.name for one in inside) or frozenset({group.exact("Name")})
            for one in (_set(group, leaves), *inside):
                known = sets.setdefault(one.name, one)
                known.leaves |= one.leaves
                known.is_group |= one.is_group
        leaves = frozenset(leaf for one in sets.values() for leaf in one.leaves) or frozenset({name})
        key = self._draft.named("cohort", name, node.line, exact=True, size=_size(node))
        return Year(key, name, leaves, sets)

    def _create(self, year: Year, needed: set[str]) -> None:
        kept = [one for one in year.sets.values() if one.is_group or one.name in needed]
        self._count += len(kept)
        if len(kept) > MAX_SETS_IN_YEAR or self._count > MAX_SETS:
            line, text = (
                kept[-1].line,
                f"more than {MAX_SETS_IN_YEAR} groups in {year.name[:64]!r}, or than {MAX_SETS} in all",
            )
            raise ImportRefusedError(f"line {line}, column 1: {text}", line=line, column=1)
        left_out = len(year.sets) - len(kept)
        if left_out:
            self._draft.note(0, "subgroups without an activity of their own, left out", f"{left_out} of {year.name}")
        made: list[tuple[Set, str]] = []
        for partition, sets in enumerate(_partitions(kept), 1):
            self._crossed |= partition > 1
            for one in sets:
                apart = [other for other, home in made if home != f"{partition}" and not one.leaves & other.leaves]
                if len(apart) > MAX_REFS:
                    self._draft.note(one.line, "groups taken to share students though they do not", one.name)
                keys = tuple(self._keys[year.key, other.name] for other in apart[:MAX_REFS])
                self._group(year, one, f"{partition}", keys)
                made.append((one, f"{partition}"))

    def _group(self, year: Year, one: Set, partition: str, apart: tuple[int, ...]) -> int:
        known = self._keys.get((year.key, one.name))
        if known is None:
            fields = {"cohort": year.key, "partition": partition, "size": one.size, "apart": apart}
            known = self._keys[year.key, one.name] = self._draft.named(
                "group", one.name, one.line, exact=True, **fields
            )
        return known


def _is_all(year: Year, name: str, leaves: set[str]) -> bool:
    return year.name == name or year.leaves <= leaves


def _within(year: Year, name: str, leaves: set[str]) -> list[str]:
    """Return what a set of students is in a year that it is not all of: a set of its name, or the smallest ones."""
    return [name] if name in year.sets else sorted(year.leaves & leaves)


def _partitions(sets: Iterable[Set]) -> Iterator[list[Set]]:
    """Yield sets such that those yielded together share no student: each goes with the first where it can."""
    found: list[tuple[list[Set], set[str]]] = []
    for one in sets:
        home = next((home for home in found if home[1].isdisjoint(one.leaves)), None)
        if home is None:
            found.append(([one], set(one.leaves)))
        else:
            home[0].append(one)
            home[1].update(one.leaves)
    yield from (members for members, _ in found)


def _set(node: Node, leaves: frozenset[str]) -> Set:
    return Set(node.exact("Name"), _size(node), node.line, leaves, node.name == "Group")


def _size(node: Node) -> int:
    text = node.value("Number_of_Students")
    return min(int(text[:9]), MAX_PEOPLE) if text.isdecimal() else 0  # no huge int
