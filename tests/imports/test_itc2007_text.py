from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import itc2007_text
from hpserver.imports.itc2007_text import parse, parse_solution
from tests.udine import ECTT, plain

WORDS = ["0", "-1", "99999999999", "Algebra", "x" * 60, ":", "END.", "COURSES:", "\x00", "é", "\ufeff", "\t", "1.5"]


def test_a_problem_is_read_as_it_is_written() -> None:
    """Every number of both formats."""
    found = parse(ECTT.encode())
    assert (found.name, found.days, found.periods, found.extended) == ("Little school", 3, 4, True)
    assert found.courses[0] == itc2007_text.Course("Algebra", "Rossi", 3, 3, 30, double=True)
    assert found.rooms[1] == itc2007_text.Room("rB", 50, "0")
    assert found.curricula[1:] == (("q2", ("Logic", "Music")), ("q3", ()))
    assert (found.min_daily, found.max_daily, len(found.unavailable), len(found.unsuitable)) == (2, 3, 4, 3)
    assert parse(plain(ECTT).encode()).courses[0] == itc2007_text.Course("Algebra", "Rossi", 3, 3, 30)


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ("Name: Little", "Nom: Little", 1, 1),
        ("Courses: 5", "Courses: five", 2, 10),
        ("Days: 3", "Days: 8", 4, 7),
        ("Days: 3", "Days: 3 3", 4, 9),
        ("Lectures: 2 3", "Lectures: 2 1", 7, 27),
        ("Algebra Rossi 3 3 30 1", "Algebra Rossi 3 3 30", 12, 19),
        ("Algebra Rossi 3 3 30 1", "Algebra Rossi 3 3 30 2", 12, 22),
        ("Optics Verdi", "Algebra Verdi", 13, 1),
        ("q2 2 Logic Music", "q2 3 Logic Music", 25, 12),
        ("q2 2 Logic Music", "q2 2 Logic Logic", 25, 12),
        ("q2 2 Logic Music", "q2 2 Logic Greek", 25, 12),
        ("Logic 2 0", "Logic 3 0", 29, 7),
        ("Logic 2 0", "Logic 2\x0b0", 29, 8),
        ("Algebra rA", "Algebra rZ", 35, 9),
        ("END.", "END", 39, 1),
        ("END.", "END.\nmore", 40, 1),
    ],
)
def test_what_is_wrong_is_shown_where_it_is(old: str, new: str, line: int, column: int) -> None:
    """Whoever made the file finds the word."""
    with pytest.raises(ImportRefusedError) as caught:
        parse(ECTT.replace(old, new).encode())
    assert (caught.value.details["line"], caught.value.details["column"]) == (line, column)


@pytest.mark.parametrize(
    "row", ["Algebra rA 0", "Algebra rA 0 0 0", "Greek rA 0 0", "Algebra rZ 0 0", "Algebra rA 3 0", "Algebra rA 0 4"]
)
def test_a_solution_of_another_problem_is_refused(row: str) -> None:
    """Its cost would mean nothing."""
    instance = parse(ECTT.encode())
    with pytest.raises(ImportRefusedError, match="line 2, column"):
        parse_solution(f"Music rA 0 0\n{row}\n".encode(), instance)
    with pytest.raises(ImportRefusedError, match="more lines than"):
        parse_solution(b"Music rA 0 0\nMusic rA 0 1\n", instance)


def test_t_a_file_is_bounded_before_it_is_read() -> None:
    """A huge file costs nothing, and neither does one that promises a hundred million lectures."""
    with pytest.raises(ImportRefusedError):
        parse(b" " * (itc2007_text.MAX_BYTES + 1))
    rows = "".join(f"c{number} t 1000 1 1\n" for number in range(101))
    head = "Name: x\nCourses: 101\nRooms: 0\nDays: 5\nPeriods_per_day: 5\nCurricula: 0\nConstraints: 0\nCOURSES:\n"
    with pytest.raises(ImportRefusedError):
        parse((head + rows + "ROOMS:\nCURRICULA:\nUNAVAILABILITY_CONSTRAINTS:\nEND.\n").encode())


@given(st.integers(0, len(ECTT)), st.binary(max_size=20), st.integers(0, 20))
def test_t_a_damaged_file_is_refused_or_read(start: int, junk: bytes, cut: int) -> None:
    """Nothing but the documented error comes out of any bytes."""
    data = ECTT.encode()
    with suppress(ImportRefusedError):
        parse(data[:start] + junk + data[start + cut :])


@given(st.data())
def test_t_a_file_with_other_words_is_refused_or_read(data: st.DataObject) -> None:
    """Words out of range, out of place or too long: the same error, or a file that is right."""
    words = ECTT.split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(WORDS))
    with suppress(ImportRefusedError):
        parse(" ".join(words).encode())


@given(st.binary(max_size=60))
def test_t_a_truncated_file_is_refused(junk: bytes) -> None:
    """Half a problem is none."""
    with pytest.raises(ImportRefusedError):
        parse(ECTT.encode()[: 300 - len(junk)])
    with suppress(ImportRefusedError):
        parse_solution(junk, parse(ECTT.encode()))
