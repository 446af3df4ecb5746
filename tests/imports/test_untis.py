from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hpserver.base.model import Activity, Cohort, Group, Instructor, Room, Student
from hpserver.base.planning import Planning
from hpserver.errors import ImportRefusedError
from hpserver.imports.result import to_planning
from hpserver.imports.untis import read_untis
from tests.untis import folder


def rows(planning: Planning) -> dict[str, list[Activity]]:
    """Return the activities by their code."""
    found: dict[str, list[Activity]] = {}
    for key in planning.rows("activity"):
        found.setdefault(planning.activity(key).code, []).append(planning.activity(key))
    return found


@pytest.mark.parametrize(("encoding", "separator"), [("cp1252", ","), ("utf-8", ";"), ("utf-8-sig", "\t")])
def test_a_school_becomes_a_base(encoding: str, separator: str) -> None:
    """Who and what, with their short names as codes, whatever the export's settings."""
    planning = to_planning(read_untis(folder(encoding, separator), 2026))
    planning.validate()
    assert planning.get("cohort", 1) == Cohort(name="Klasse 1A", code="1A")
    teacher = Instructor(name="Müller", first_name="Jürgen", code="MUE", email="mueller@schule.example")
    assert planning.get("instructor", 1) == teacher
    assert planning.get("room", 1) == Room(name="Raum 101", code="R101", capacity=30)
    student = Student(name="Adam", first_name="Ömer", code="Adam", email="adam@schule.example", born_on="2014-03-05")
    assert planning.get("student", 1) == student
    assert len(planning.rows("membership")) == 2
    assert (planning.grid.steps_per_day, planning.grid.weeks) == (6, 36)


def test_lessons_become_activities() -> None:
    """A double lesson is one, the period not placed is another; dates are weeks."""
    planning = to_planning(read_untis(folder(), 2026))
    found = rows(planning)
    first, second, third = (found[f"101/{number}"][0] for number in (1, 2, 3))
    assert (first.place, first.duration, first.rooms, first.memo, first.students) == (0, 2, (1,), "Grammatik", 28)
    assert (second.place, third.place, third.duration) == (15, None, 1)
    assert [row.weeks for row in (first, found["301/1"][0])] == [planning.grid.all_weeks, 0b1111]


def test_strands_of_a_lesson_do_not_clash() -> None:
    """Boys with one teacher, girls with another, of the same two classes: groups that share no student."""
    planning = to_planning(read_untis(folder(), 2026))
    one, other = rows(planning)["201/1"]
    assert (one.cohorts, len(one.groups), len(other.groups)) == ((), 2, 2)
    group = planning.get("group", one.groups[0])
    assert isinstance(group, Group)
    assert group.partition == "201"
    assert not [clash for key in planning.rows("activity") for clash in planning.clashes_of(key)]


def test_what_the_base_does_not_hold_is_counted() -> None:
    """Home rooms, numbers of girls, week letters: by file and column."""
    files = folder() | {"GPU014.TXT": b"1\n"}
    noted = read_untis(files, 2026).report.noted()
    assert noted["file not imported"] == 1
    assert noted["values in GPU003.TXT, column 4"] == 2
    assert noted["values in GPU002.TXT, column 12"] == 1


def test_a_timetable_alone_is_enough() -> None:
    """Names that no master file has are made, and noted."""
    imported = read_untis({"gpu001.txt": folder()["GPU001.TXT"]}, 2026)
    planning = to_planning(imported)
    assert planning.counts()["activity"] == 6
    assert imported.report.noted() == {
        "subject of no master file": 4,
        "instructor of no master file": 3,
        "cohort of no master file": 2,
        "room of no master file": 4,
    }


def test_periods_from_zero_and_a_sixth_day_fit() -> None:
    """Some schools have a period before the first."""
    planning = to_planning(read_untis({"GPU001.TXT": b'1,"1A","X","D","R",6,0,,\n1,"1A","X","D","R",6,1,,\n'}, 2026))
    row = planning.activity(1)
    assert (row.place, row.duration, planning.grid.days) == (10, 2, 0b111111)


def test_what_is_twice_or_odd_is_noted() -> None:
    """It comes in all the same, once."""
    files = folder()
    files["GPU006.TXT"] += b'"D","Deutsch"\n'
    files["GPU002.TXT"] = files["GPU002.TXT"].replace(b"20260907", b"20269999").replace(b"101,4", b"101,2")
    noted = read_untis(files, 2026).report.noted()
    assert noted["GPU006.TXT: no short name, or the same twice"] == 1
    assert noted["date that is none"] == 1
    assert noted["periods beyond those of the lesson"] == 1


@given(st.sampled_from(sorted(folder())), st.integers(0, 400), st.binary(max_size=8), st.integers(0, 12))
@example("GPU003.TXT", 108, b"\x01", 0)
def test_t_damaged_files_are_refused_or_read(name: str, start: int, junk: bytes, cut: int) -> None:
    """Nothing but the documented error, and never half a base."""
    files = folder()
    files[name] = files[name][:start] + junk + files[name][start + cut :]
    with suppress(ImportRefusedError):
        to_planning(read_untis(files, 2026)).validate()
