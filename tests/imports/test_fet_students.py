import datetime as dt
from itertools import combinations

import pytest

from hpserver.base.grid import Grid
from hpserver.base.model import Group
from hpserver.base.planning import Planning
from hpserver.base.students import share
from hpserver.errors import ImportRefusedError
from hpserver.imports import fet_students
from hpserver.imports.draft import Draft
from hpserver.imports.fet_students import Students
from hpserver.imports.fet_xml import parse
from hpserver.imports.result import to_planning

GRID = Grid(dt.date(2026, 9, 7), 36, 0b11111, 10, 60, 4)

YEARS = {
    "Y1": {"A": "ax ay", "B": "bx by", "X": "ax bx", "Y": "ay by", "Lone": ""},
    "Y2": {"C": "cx ax"},
    "Y3": {},
}


def read(used: str, years: dict[str, dict[str, str]] = YEARS) -> tuple[Students, Planning, Draft]:
    """Return the students of some years, in a base."""
    text = "<Students_List>"
    for year, groups in years.items():
        text += f"<Year><Name>{year}</Name><Number_of_Students>30</Number_of_Students>"
        for group, subgroups in groups.items():
            inside = "".join(f"<Subgroup><Name>{name}</Name></Subgroup>" for name in subgroups.split())
            text += f"<Group><Name>{group}</Name>{inside}</Group>"
        text += "</Year>"
    draft = Draft("fet")
    students = Students(draft, parse(f"{text}</Students_List>".encode()).children, frozenset(used.split()))
    return students, to_planning(draft.finish(GRID)), draft


def test_groups_share_students_exactly_when_a_subgroup_is_common() -> None:
    """Two groups may run in parallel when nobody is in both, and only then."""
    _, planning, _ = read("ax ay bx by")
    leaves = {**{name: set(inside.split()) or {name} for name, inside in YEARS["Y1"].items()}}
    leaves |= {name: {name} for name in ("ax", "ay", "bx", "by")}
    rows = {key: row for key, row in planning.rows("group").items() if isinstance(row, Group) and row.cohort == 1}
    assert {row.name for row in rows.values()} == leaves.keys()
    for (one, first), (two, second) in combinations(rows.items(), 2):
        common = bool(leaves[first.name] & leaves[second.name])
        assert share(one, first, two, second) == common, (first.name, second.name)


def test_subgroups_without_activity_are_left_out_with_a_note() -> None:
    """FET writes every combination of divisions as a subgroup: most never meet alone."""
    _, planning, draft = read("ax")
    names = {row.name for row in planning.rows("group").values() if isinstance(row, Group)}
    assert names == {"A", "B", "X", "Y", "Lone", "C", "ax"}
    assert [note.detail for note in draft._notes] == ["3 of Y1", "1 of Y2"]


def test_students_of_two_years_are_taken_in_both() -> None:
    """Whoever is in two years clashes with the activities of both."""
    students, _, _ = read("ax")
    keys = students.keys_of("A")
    assert keys is not None
    assert keys.cohorts == ()
    assert len(keys.groups) == 2


def test_a_year_is_a_cohort_and_an_unknown_name_is_nobody() -> None:
    """Years without groups exist too."""
    students, planning, _ = read("")
    keys = students.keys_of("Y3")
    assert keys is not None
    assert (keys.cohorts, keys.groups) == ((3,), ())
    assert students.keys_of("nobody") is None
    assert planning.get("cohort", 3).size == 30  # type: ignore[attr-defined] # a cohort


def test_t_too_many_groups_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each group is compared with each other of its year: their number is bounded."""
    monkeypatch.setattr(fet_students, "MAX_SETS_IN_YEAR", 4)
    with pytest.raises(ImportRefusedError):
        read("")
