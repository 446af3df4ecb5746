import pytest

from hpserver.base.changes import encode_fields
from hpserver.base.model import Grade, OralExam, RollCall
from hpserver.base.registry import KINDS
from hpserver.errors import InvalidChangeError


def test_what_belongs_to_a_student_goes_with_the_student() -> None:
    """A person who asks to be forgotten is forgotten whole."""
    for kind in ("grade", "absence", "lateness", "exemption", "internship", "oral_turn", "membership"):
        assert "student" in KINDS[kind].part_of


def test_a_roll_call_keeps_its_activity() -> None:
    """Who was absent is evidence: it does not go with a course deleted by mistake."""
    assert RollCall.part_of == ()
    assert KINDS["roll_call"].refs["activity"] == "activity"


def test_a_grade_is_a_number_or_a_word_for_its_lack() -> None:
    """Nothing and zero are two marks."""
    assert Grade(1, 1).points is None
    with pytest.raises(InvalidChangeError):
        KINDS["grade"].decode(encode_fields({"instead": "lost"}))


def test_an_oral_exam_says_how_long_each_student_takes() -> None:
    """The panel's activity is cut by it."""
    assert (OralExam("Anglais").turn, OralExam("Anglais").pause) == (20, 0)
