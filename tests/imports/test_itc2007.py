from pathlib import Path

import pytest

from hpserver.base.model import Availability, CombinedGroup, Constraint
from hpserver.errors import ImportRefusedError
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.result import to_planning
from tests.udine import ECTT, plain

ROWS = b"Algebra rA 0 0\nOptics rB 1 2\n"


def test_a_problem_becomes_a_base() -> None:
    """Who teaches what to whom, where it may be, what is asked."""
    imported = read_itc2007(ECTT.encode(), 2026, ROWS)
    planning = to_planning(imported)
    planning.validate()
    expected = {"subject": 5, "instructor": 4, "cohort": 3, "room": 3, "site": 2, "curriculum": 3, "activity": 11}
    assert expected.items() <= planning.counts().items()
    first, second = planning.activity(1), planning.activity(2)
    assert (first.code, first.students, first.instructors, first.cohorts) == ("Algebra/1", 30, (1,), (1,))
    assert (first.place, first.rooms, second.place) == (0, (1,), None)
    assert planning.activity(4).place == 6
    assert planning.activity(6).cohorts == (1, 2)
    assert planning.get("availability", 1) == Availability(level="impossible", place=8, weeks=1, subject=3)
    assert imported.report.title == "Little school"
    assert imported.report.noted()["lectures that the solution does not place"] == 5


def test_what_is_asked_becomes_constraints() -> None:
    """Days, daily load, grouped lectures and rooms that do not suit, each a row that rules and costs read."""
    rows = to_planning(read_itc2007(ECTT.encode(), 2026)).rows("constraint")
    found = [
        (row.rule, row.weight, row.parameters, row.activities, row.cohorts, row.subjects, row.rooms)
        for row in rows.values()
        if isinstance(row, Constraint)
    ]
    assert found[0] == ("working_days", 5, (("limit", 3),), (1, 2, 3), (), (), ())
    assert found[5:] == [
        ("daily_minimum", 1, (("minutes", 120),), (), (1, 2, 3), (), ()),
        ("daily_maximum", 1, (("minutes", 180),), (), (1, 2, 3), (), ()),
        ("grouped_lectures", 1, (), (), (), (1, 3), ()),
        ("unsuitable_rooms", 1, (), (), (), (1,), (1, 3)),
        ("unsuitable_rooms", 1, (), (), (), (4,), (2,)),
    ]
    assert len(to_planning(read_itc2007(plain(ECTT).encode(), 2026)).rows("constraint")) == 5


def test_courses_of_a_curriculum_clash() -> None:
    """Students of a curriculum cannot be in two of its courses, nor a teacher in two rooms."""
    planning = to_planning(read_itc2007(ECTT.encode(), 2026, b"Algebra rA 0 0\nOptics rB 0 0\nMusic rC 0 0\n"))
    assert [(clash.kind, clash.key) for clash in planning.clashes_of(1)] == [("cohort", 1)]


def test_a_course_of_very_many_curricula_is_followed_by_all() -> None:
    """More cohorts than an activity names: combined groups hold them, none is lost."""
    curricula = "".join(f"w{number} 1 Latin\n" for number in range(130))
    text = ECTT.replace("Curricula: 3", "Curricula: 133").replace("q3 0\n", "q3 0\n" + curricula)
    planning = to_planning(read_itc2007(text.encode(), 2026))
    latin = planning.activity(10)
    groups = [planning.get("combined_group", key) for key in latin.combined]
    assert latin.cohorts == ()
    assert sum(len(row.cohorts) for row in groups if isinstance(row, CombinedGroup)) == 130


def test_a_course_without_lectures_is_noted() -> None:
    """It is kept as a subject, and said."""
    text = ECTT.replace("Latin Bruno 2", "Latin Bruno 0")
    imported = read_itc2007(text.encode(), 2026)
    assert imported.report.noted() == {"course without lectures, kept as a subject": 1}


def test_nothing_is_made_of_a_problem_whose_solution_is_not_its_own() -> None:
    """Both files, or neither."""
    with pytest.raises(ImportRefusedError):
        read_itc2007(ECTT.encode(), 2026, b"Greek rA 0 0\n")


@pytest.mark.slow
def test_every_problem_of_the_shared_data_is_read(shared_data: Path) -> None:
    """Real universities, none chosen: the figures of the head of the file, no clash in a reference solution."""
    files = [*sorted((shared_data / "cbctt").glob("*.ctt")), *sorted((shared_data / "cbctt").glob("*.ectt"))]
    assert len(files) >= 19
    for path in files:
        rows = path.with_name(f"{path.stem}-UD2.sol")
        solution = rows.read_bytes() if rows.exists() else None
        planning = to_planning(read_itc2007(path.read_bytes(), 2026, solution))
        planning.validate()
        head = dict(line.split(": ") for line in path.read_text().splitlines()[:6])
        counts = planning.counts()
        assert [counts["subject"], counts["room"], counts["cohort"]] == [
            int(head[name]) for name in ("Courses", "Rooms", "Curricula")
        ]
        assert not [clash for key in planning.rows("activity") for clash in planning.clashes_of(key)]
