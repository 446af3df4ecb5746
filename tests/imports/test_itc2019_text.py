import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports.itc2019_text import parse_problem, parse_solution
from tests.itc2019 import problem, solution

TEXT = problem()


def test_a_problem_is_read_as_it_is_written() -> None:
    """Rooms with their travel and closing, classes with their choices, constraints with their numbers, students."""
    found = parse_problem(TEXT.encode())
    assert (found.name, found.weeks, found.days, found.slots) == ("little", 2, 3, 24)
    assert (found.weights.time, found.weights.student) == (2, 7)
    assert (found.rooms["1"].travel, found.rooms["1"].unavailable[0].weeks) == ({"2": 2}, 0b10)
    assert found.sections["2"].parent == "1"
    assert not found.sections["6"].needs_room
    assert [len(course.configs) for course in found.courses] == [1, 2]
    assert [one.parameters for one in found.distributions if one.type == "MaxBreaks"] == [(0, 2)] * 2
    assert found.students == {"x": ("A",), "y": ("A", "B"), "z": ("B",)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('nrDays="3"', 'nrDays="8"'),
        ('nrWeeks="2"', 'nrWeeks="63"'),
        ('slotsPerDay="24"', 'slotsPerDay="289"'),
        ('days="100"', 'days="1000"'),
        ('weeks="01"', 'weeks="00"'),
        ('<travel room="2"', '<travel room="9"'),
        ('parent="1"', 'parent="9"'),
        ('<room id="2" capacity="20"/>', '<room id="1" capacity="20"/>'),
        ('type="SameStart"', 'type="SameTaste"'),
        ('type="WorkDay(8)"', 'type="WorkDay"'),
        ('type="MaxBlock(6,1)"', 'type="MaxBlock(6)"'),
        ('<course id="B"/></student>', '<course id="C"/></student>'),
        ("<students>", "<teachers/><students>"),
        ('<config id="b1">', '<subpart id="q"/><config id="b1">'),
        ('limit="9"', 'limit="many"'),
        ('required="true"', 'required="yes"'),
    ],
)
def test_what_is_wrong_is_shown_where_it_is(old: str, new: str) -> None:
    """Whoever made the file finds the element."""
    assert old in TEXT
    with pytest.raises(ImportRefusedError, match=r"line \d+, column \d+"):
        parse_problem(TEXT.replace(old, new).encode())


@pytest.mark.parametrize(
    "inside",
    [
        '<class id="99" days="100" start="1" weeks="11"/>',
        '<class id="1" start="1" weeks="11"/>',
        '<class id="1" days="100" start="24" weeks="11"/>',
        '<class id="1" days="100" start="1" weeks="11" room="99"/>',
        '<class id="1" days="100" start="1" weeks="11"/><class id="1" days="100" start="1" weeks="11"/>',
        '<class id="1" days="100" start="1" weeks="11"><student id="x"/><student id="x"/></class>',
        '<class id="1" days="100" start="1" weeks="11"><student id="nobody"/></class>',
    ],
)
def test_a_solution_of_another_problem_is_refused(inside: str) -> None:
    """Its cost would mean nothing."""
    stated = parse_problem(TEXT.encode())
    with pytest.raises(ImportRefusedError):
        parse_solution(f"<solution>{inside}</solution>".encode(), stated)
    with pytest.raises(ImportRefusedError, match="another problem"):
        parse_solution(b'<solution name="big"/>', stated)


@given(st.data())
def test_t_a_file_with_other_words_is_refused_or_read(data: st.DataObject) -> None:
    """Attributes and elements out of place: the same error, or a file that is right."""
    words = re.split(r'([\s"<>/]+)', TEXT)
    for _ in range(data.draw(st.integers(1, 3))):
        other = st.sampled_from([*words, "", "0", "-1", "99999999999", "é", "room", "class", "1" * 70])
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(other)
    with suppress(ImportRefusedError):
        stated = parse_problem("".join(words).encode())
        parse_solution(solution(TEXT, 1).encode(), stated)


def test_a_room_may_be_closed_past_the_end_of_the_day() -> None:
    """What is beyond midnight is no time of the problem."""
    closed = parse_problem(TEXT.replace('start="4" length="4"', 'start="20" length="9"').encode())
    assert closed.rooms["1"].unavailable[0].length == 4
