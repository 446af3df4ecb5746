from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.planning import Planning
from hpserver.errors import ExportRefusedError
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.itc2007_export import write_itc2007
from hpserver.imports.result import to_planning
from tests.udine import ECTT, plain, solution


def base() -> Planning:
    """Return a problem as a base."""
    return to_planning(read_itc2007(ECTT.encode(), 2026, b"Algebra rA 0 0\n"))


@given(st.integers(0, 10**9), st.booleans())
def test_what_is_written_reads_back_as_the_same_base(seed: int, extended: bool) -> None:
    """Nothing is lost on the way out and in, object by object, whatever the timetable."""
    text = ECTT if extended else plain(ECTT)
    imported = read_itc2007(text.encode(), 2026, solution(text, seed).encode())
    exported = write_itc2007(to_planning(imported), imported.report.title, extended=extended)
    problem, rows = exported.files.values()
    again = read_itc2007(problem, 2026, rows)
    assert (again.changes, again.grid, exported.left_out) == (imported.changes, imported.grid, {})


def test_what_the_format_does_not_say_is_counted() -> None:
    """A wish, a student, another rule: the report has them."""
    planning = base()
    planning.apply(
        [
            create("availability", -1, level="unwanted", place=0, weeks=1, subject=1),
            create("availability", -2, level="impossible", place=0, weeks=1, room=1),
            create("student", -3, name="PETIT"),
            create("constraint", -4, rule="same_start", subjects=[1]),
        ]
    )
    left = write_itc2007(planning, "x").left_out
    assert left == {"availability": 2, "student": 1, "constraint same_start": 1}


def test_a_base_without_curricula_has_its_cohorts() -> None:
    """A base made here becomes a problem: a cohort is a curriculum."""
    planning = base()
    for kind in ("curriculum_item", "curriculum"):
        for key in list(planning.rows(kind)):
            planning.apply([delete(kind, key)])
    text = write_itc2007(planning, "x").files["x.ctt"].decode()
    assert "\nq1 3 Algebra Optics Logic\nq2 2 Logic Music\nq3 0\n" in text


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (update("activity", 1, subject=None), "activity"),
        (update("activity", 1, duration=2), "activity"),
        (update("activity", 1, instructors=[1, 2]), "subject"),
        (update("activity", 1, rooms=[]), "subject"),
        (update("room", 1, name="rB"), "room"),
        (update("subject", 1, name="x" * 60), "subject"),
    ],
)
def test_what_it_would_say_wrongly_is_refused(change: Change, kind: str) -> None:
    """Better no file than a false one."""
    planning = base()
    planning.apply([change])
    with pytest.raises(ExportRefusedError) as caught:
        write_itc2007(planning, "x")
    assert caught.value.details["kind"] == kind


def test_spaces_in_names_become_underscores() -> None:
    """The format separates words by spaces."""
    planning = base()
    planning.apply([update("room", 1, name="Amphi Curie")])
    assert "Amphi_Curie 32 1\n" in write_itc2007(planning, "x", extended=True).files["x.ectt"].decode()


@pytest.mark.slow
def test_every_problem_of_the_shared_data_reads_back(shared_data: Path) -> None:
    """Real problems and solutions, none chosen."""
    for path in sorted((shared_data / "cbctt").glob("*.*ctt")):
        rows = path.with_name(f"{path.stem}-UD2.sol")
        solved = rows.read_bytes() if rows.exists() else b""
        imported = read_itc2007(path.read_bytes(), 2026, solved)
        exported = write_itc2007(to_planning(imported), imported.report.title, extended=path.suffix == ".ectt")
        problem, written = exported.files.values()
        again = read_itc2007(problem, 2026, written)
        assert again.changes == imported.changes, path
