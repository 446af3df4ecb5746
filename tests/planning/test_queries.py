"""Questions to a base and their answers."""

import msgspec
import pytest

from hpserver.base.changes import update
from hpserver.base.planning import Planning
from hpserver.errors import AnswerTooBigError, InvalidChangeError, UnknownObjectError
from hpserver.planning import queries
from hpserver.planning.queries import Answers, answer
from hpserver.protocol import messages as m
from tests.schools import a_school


@pytest.fixture(scope="module")
def planning() -> Planning:
    """A small school."""
    return a_school(60)


def test_a_timetable_is_what_the_base_says(planning: Planning) -> None:
    """The answer names the revision it is true at and the request it answers."""
    given = answer(planning, 7, m.GetTimetable(5, 0, "room", 1, 3))
    assert isinstance(given, m.Timetable)
    assert (given.id, given.revision) == (5, 7)
    assert bytes(given.items) == msgspec.msgpack.encode(planning.timetable("room", 1, 3))


def test_objects_are_the_ones_that_exist(planning: Planning) -> None:
    """A key that another deleted a moment ago is left out, not an error."""
    given = answer(planning, 7, m.GetObjects(5, 0, "room", (2, 999, 1)))
    assert isinstance(given, m.Objects)
    assert [key for key, _ in msgspec.msgpack.decode(given.rows)] == [2, 1]


def test_free_places_are_those_of_the_base(planning: Planning) -> None:
    """Place by place, the weeks in which the activity could be there."""
    given = answer(planning, 7, m.GetFreePlaces(5, 0, 1))
    assert isinstance(given, m.FreePlaces)
    assert msgspec.msgpack.decode(given.places, strict=False) == planning.free_places(1)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (m.GetTimetable(5, 0, "subject", 1, 3), InvalidChangeError),
        (m.GetTimetable(5, 0, "room", 999, 3), UnknownObjectError),
        (m.GetObjects(5, 0, "nothing", (1,)), InvalidChangeError),
        (m.GetFreePlaces(5, 0, 999), UnknownObjectError),
    ],
)
def test_a_question_about_nothing_is_refused(planning: Planning, request_: m.Request, error: type[Exception]) -> None:
    """The base says what is wrong."""
    with pytest.raises(error):
        answer(planning, 7, request_)


def test_an_answer_that_fits_no_frame_is_refused(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is told to ask for less; its session goes on."""
    monkeypatch.setattr(queries, "MAX_ANSWER", 50)
    with pytest.raises(AnswerTooBigError):
        answer(planning, 7, m.GetObjects(5, 0, "room", (1, 2, 3)))


def test_a_timetable_asked_again_bears_its_own_request_and_revision(planning: Planning) -> None:
    """What was encoded once is told to everybody, each as the answer to what was asked."""
    answers = Answers(planning)
    for number in (5, 6):
        given = answers.answer(7, m.GetTimetable(number, 0, "room", 1, 3))
        assert given == answer(planning, 7, m.GetTimetable(number, 0, "room", 1, 3))


def test_only_a_timetable_given_at_that_revision_is_kept(planning: Planning) -> None:
    """Nothing before the first question, nothing of another revision, nothing that is no timetable."""
    answers, question = Answers(planning), m.GetTimetable(5, 0, "room", 1, 3)
    assert answers.maybe_kept(7, question) is None
    given = answers.answer(7, question)
    assert answers.maybe_kept(7, question) == given
    assert answers.maybe_kept(8, question) is None
    assert answers.maybe_kept(7, m.GetObjects(5, 0, "room", (1,))) is None


def test_a_timetable_is_never_older_than_its_revision() -> None:
    """The revision that changed it, and the number that another revision bears after a refusal, show the change."""
    planning = a_school(60)
    answers = Answers(planning)
    question = m.GetTimetable(5, 0, "instructor", *a_full_week(planning))
    before = answers.answer(7, question)
    row = planning.timetable(question.kind, question.key, question.week)[0]
    applied = planning.apply([update("activity", row.activity, weeks=0)])
    after = answers.answer(8, question)
    assert after == answer(planning, 8, question) != before
    planning.revert(applied)
    answers.forget()
    assert answers.answer(8, question) == answer(planning, 8, question) != after


def test_few_timetables_are_kept(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks for all there are does not fill the memory, and is answered as well."""
    monkeypatch.setattr(queries, "KEPT_TIMETABLES", 3)
    answers = Answers(planning)
    for week in [*range(10), *range(10)]:
        question = m.GetTimetable(5, 0, "room", 1, week)
        assert answers.answer(7, question) == answer(planning, 7, question)
        assert len(answers._timetables) <= 3


def test_a_big_timetable_is_not_kept(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are big, and they would take the room of many."""
    monkeypatch.setattr(queries, "KEPT_BYTES", 0)
    answers = Answers(planning)
    question = m.GetTimetable(5, 0, "room", 1, 3)
    assert answers.answer(7, question) == answer(planning, 7, question)
    assert not answers._timetables


def test_what_is_no_timetable_is_answered_anew(planning: Planning) -> None:
    """Rows and free places are asked rarely, and in many ways."""
    question = m.GetObjects(5, 0, "room", (2, 1))
    assert Answers(planning).answer(7, question) == answer(planning, 7, question)


def a_full_week(planning: Planning) -> tuple[int, int]:
    """Return an instructor and a week with something in it."""
    return next(
        (key, week)
        for key in planning.rows("instructor")
        for week in range(planning.grid.weeks)
        if planning.timetable("instructor", key, week)
    )
