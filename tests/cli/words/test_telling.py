import re

import msgspec
import pytest

from hpserver.base.changes import Change, create, delete, encode_changes, update
from hpserver.base.edits.commands import cancel, move_meeting
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.cli.words.telling import MOST_CHANGES, counted, find, listed, maybe_key, named, tell, week_lines
from hpserver.errors import InvalidChangeError, NotFoundError
from hpserver.protocol.messages import Transaction
from tests.schools import a_grid


@pytest.fixture
def base() -> Planning:
    """One course of one teacher in two rooms."""
    base = Planning(a_grid())
    base.apply([
        create("subject", 1, name="Algèbre"), create("instructional_type", 1, name="CM"),
        create("instructor", 1, name="Durand", first_name="Anne"),
        create("room", 1, name="Salle 1"), create("room", 2, name="Salle 10"), create("room", 12, name="2"),
        create("activity", 1, subject=1, instructional_type=1, duration=3, weeks=0b111, place=4,
               instructors=[1], rooms=[1]),
        create("activity", 2, duration=2, weeks=0b1),
    ])  # fmt: skip
    return base


def told(base: Planning, *changes: Change, language: str = "en") -> list[str]:
    """Apply, then tell."""
    base.apply(changes)
    return tell(base, Transaction(1, bytes(16), 1, "ada", 0, "", msgspec.Raw(encode_changes(changes))), language)


def test_placing_is_told_with_names_and_hours(base: Planning) -> None:
    """No key and no step is shown to people."""
    assert told(base, update("activity", 1, place=28, rooms=[2])) == [
        "Algèbre CM: placed on Tuesday 10:00; Rooms = Salle 10"
    ]
    assert told(base, update("activity", 1, place=None, rooms=[]), language="fr") == [
        "Algèbre CM : retiré de la grille; Salles = rien"
    ]


def test_a_single_week_is_told_as_such(base: Planning) -> None:
    """A cancelled meeting is not a moved course."""
    assert told(base, *cancel(base, 1, 0b10)) == ["Algèbre CM, week 2: meeting cancelled"]
    assert told(base, update("meeting", meeting_key(1, 1), cancelled=False)) == ["Algèbre CM, week 2: meeting restored"]
    assert told(base, *move_meeting(base, 1, 2, 28), language="fr") == [
        "Algèbre CM, semaine 3 : séance déplacée mardi 10:00"
    ]
    assert told(base, delete("meeting", meeting_key(1, 2))) == ["Algèbre CM, week 3: meeting at its usual place"]


def test_what_comes_and_goes_is_told(base: Planning) -> None:
    """What is gone has no name any more."""
    assert told(base, create("room", 3, name="Amphi")) == ["Amphi: created"]
    assert told(base, delete("room", 3)) == ["Room 3: deleted"]
    assert told(base, delete("room", 2), language="fr") == ["Salle 2 : supprimé"]
    assert told(base, update("activity", 2, memo="x", subject=None)) == ["activity 2: Subject = nothing; Memo = x"]


def test_weeks_are_told_as_weeks(base: Planning) -> None:
    """A set of weeks is a number to the base only."""
    assert told(base, update("activity", 1, weeks=0b1011)) == ["Algèbre CM: Weeks = [1..2,4]"]


def test_an_import_is_not_told_line_by_line(base: Planning) -> None:
    """Thousands of lines tell nothing."""
    lines = told(base, *[create("subject", key, name=f"M{key}") for key in range(10, 30)])
    assert len(lines) == MOST_CHANGES + 1
    assert lines[-1] == "and 12 more changes"


def test_an_object_is_found_by_key_by_name_or_by_its_beginning(base: Planning) -> None:
    """A key wins over a name, a whole name over a beginning."""
    assert find(base, "room", "2") == 2
    assert find(base, "room", "salle 1") == 1
    assert find(base, "room", "SALLE 10") == 2
    assert find(base, "activity", "alg") == 1
    assert find(base, "activity", "gèbre") == 1
    assert {find(base, "instructor", name) for name in ("Anne", "anne durand", "DURAND Anne", "Dur", "nd A")} == {1}
    for kind, wanted in (
        ("instructor", "x"),
        ("room", "Salle"),
        ("room", "nowhere"),
        ("room", "9" * 5000),
        ("activity", "-1"),
    ):
        with pytest.raises(NotFoundError):
            find(base, kind, wanted)
    with pytest.raises(InvalidChangeError):
        find(base, "teacher", "1")


def test_a_week_is_a_list_of_days(base: Planning) -> None:
    """Hours, course, people, rooms; a cancelled meeting is kept, and said."""
    base.apply(cancel(base, 1, 0b10))
    assert week_lines(base, base.timetable("room", 1, 0), 0, "en") == [
        "Monday 2025-09-01", "  10:00-11:30  Algèbre CM  Anne Durand  Salle 1"
    ]  # fmt: skip
    assert week_lines(base, base.timetable("room", 1, 1), 1, "fr") == [
        "lundi 08/09", "  10:00-11:30  Algèbre CM  Anne Durand  Salle 1  (séance annulée)"
    ]  # fmt: skip
    assert week_lines(base, base.timetable("room", 2, 0), 0, "fr") == ["aucune séance"]
    assert named(base, "meeting", 1, "fr") == "Séance 1"


def test_numbers_of_things_are_said_in_the_language_of_the_person() -> None:
    """With their plurals; what is no kind of the base stays as it is."""
    assert [counted(n, "room", "en") for n in (0, 1, 2)] == ["0 rooms", "1 room", "2 rooms"]
    assert [counted(n, "room", "fr") for n in (0, 1, 2)] == ["0 salle", "1 salle", "2 salles"]
    assert counted(2, "activity", "en") == "2 activities"
    assert [counted(2, kind, "fr") for kind in ("activity", "group")] == ["2 cours", "2 TD ou options"]
    assert counted(363, "events", "fr") == "363 events"


def test_what_is_in_a_planning_is_listed_by_name(base: Planning) -> None:
    """The keys and names that other commands take; all of them, or those that begin so."""
    assert listed(base, "room", "", "en") == [(12, "2"), (1, "Salle 1"), (2, "Salle 10")]
    assert listed(base, "room", "salle 10", "en") == [(2, "Salle 10")]
    assert listed(base, "activity", "alg", "fr") == [(1, "Algèbre CM, lundi 10:00")]
    assert listed(base, "activity", "act", "en") == [(2, "activity 2, unplaced")]
    assert listed(base, "instructor", "dur", "en") == listed(base, "instructor", "anne", "en") == [(1, "Anne Durand")]


def test_of_several_it_is_told_which(base: Planning) -> None:
    """Two activities of one subject differ by who attends and by when: both are said, with the key to type."""
    base.apply([
        create("cohort", 1, name="L1"), create("cohort", 2, name="L2"),
        update("activity", 1, cohorts=[1]), update("activity", 2, subject=1, instructional_type=1, cohorts=[2]),
    ])  # fmt: skip
    with pytest.raises(NotFoundError) as several:
        find(base, "activity", "algebre")
    assert several.value.text == (
        "'algebre' may be 2 of kind activity: 1 Algèbre CM (L1), Monday 10:00; 2 Algèbre CM (L2), unplaced"
    )
    assert find(base, "activity", "algebre cm (l2)") == 2
    assert find(base, "activity", "L2") == 2


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_counted_in_words_of_the_language(kind: str, language: str) -> None:
    """A new kind whose plural is irregular would be told as nobody says it."""
    many = counted(2, kind, language).removeprefix("2 ")
    assert not re.search(r"([^aeiou]y|s|x)s$", many)
    inner = " de " in many or " d'" in many or " des " in many
    assert not inner or many.split()[0].endswith(("s", "x"))


def test_a_key_is_digits_and_no_more_than_any_key_has() -> None:
    """What is typed may be anything: it is a name then, and nothing fails over its length."""
    assert [maybe_key(text) for text in ("17", "0017", "", "²", "-1", "9" * 17, "9" * 5000)] == [17, 17, *[None] * 5]
