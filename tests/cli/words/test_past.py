"""What was done, in words: French and English."""

import msgspec
import pytest

from hpserver.base.changes import create, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.cli.words.past import conflict_lines, row_lines, row_value
from hpserver.client.refusals import ConflictsError
from hpserver.protocol import messages as m
from tests.schools import a_grid


@pytest.fixture
def planning() -> Planning:
    """One course in one room."""
    planning = Planning(a_grid())
    planning.apply([create("room", 1, name="A1"), create("activity", 1, rooms=[1], weeks=15, duration=2)])
    planning.apply([update("activity", 1, place=4), create("meeting", meeting_key(1, 2), cancelled=True)])
    return planning


def a_row(*changes: object, undoes: int = 0, redoes: int = 0, why: str = "") -> m.HistoryRow:
    """A row that did these."""
    raw = msgspec.Raw(msgspec.msgpack.encode(list(changes)))
    return m.HistoryRow(7, 1, b"o" * 16, 3, "ada", "ada/00", "aa", 1_795_375_629_128, why, undoes, redoes, raw)


def test_a_change_is_told_with_what_was_before(planning: Planning) -> None:
    """Places as hours, rooms by name, weeks as weeks, nothing as nothing."""
    row = a_row(
        [2, "activity", 1, {"place": 4, "rooms": [1], "weeks": 3}, {"place": None, "rooms": [], "weeks": 15}],
        [1, "room", 1, {"name": "A1"}],
        [3, "room", 9, {"name": "gone"}],
        why="because",
    )  # fmt: skip
    head, *lines = row_lines(planning, row, "en")
    assert head.startswith("7  2026-11-2")
    assert head.endswith("ada  (because)")
    assert "nothing → Monday 10:00" in lines[0]
    assert "nothing → A1" in lines[0]
    assert lines[1:] == ["    A1: created", "    Room 9 “gone”: deleted"]


def test_what_was_made_and_is_gone_keeps_its_name(planning: Planning) -> None:
    """“Room 33: created” tells nobody which room it was."""
    row = a_row(
        [1, "room", 33, {"name": "Amphi"}], [1, "instructor", 7, {"first_name": "Ada", "name": "LOVELACE"}],
        why="branch Essai",
    )  # fmt: skip
    assert [line.strip() for line in row_lines(planning, row, "fr")[1:]] == [
        "Salle 33 « Amphi » : créé",
        "Enseignant 7 « Ada LOVELACE » : créé",
    ]


@pytest.mark.parametrize(("language", "told"), [("fr", "(branche Essai)"), ("en", "(branch Essai)")])
def test_a_reason_of_the_program_is_in_the_persons_language(planning: Planning, language: str, told: str) -> None:
    """What a branch was forked anew with has a reason that nobody typed."""
    assert row_lines(planning, a_row(why="branch Essai"), language)[0].endswith(told)


def test_every_set_of_weeks_is_told_as_weeks(planning: Planning) -> None:
    """Also the weeks in which an activity was forced: nobody reads bits."""
    lines = row_lines(planning, a_row([2, "activity", 1, {"forced": 13}, {"forced": 0}]), "en")
    assert lines[1].endswith("Forced weeks [] → [1,3..4]")


def test_what_was_taken_back_is_named_in_both_languages(planning: Planning) -> None:
    """By its revision."""
    assert "annule la révision 5" in row_lines(planning, a_row(undoes=5), "fr")[0]
    assert "does again what 6 took back" in row_lines(planning, a_row(redoes=6), "en")[0]


def test_a_long_row_is_cut_and_a_meeting_named_by_its_week(planning: Planning) -> None:
    """An import has thousands of changes; the exception of a week is no object of its own for a person."""
    one = [2, "meeting", meeting_key(1, 2), {"cancelled": True}, {"cancelled": False}]
    lines = row_lines(planning, a_row(*[one] * 20), "fr")
    assert "semaine 3" in lines[1]
    assert lines[1].endswith("séance annulée")
    assert lines[-1].strip() == "et 12 autres modifications"


@pytest.mark.parametrize(
    ("entry", "french", "english"),
    [
        ([1, {"cancelled": True}], "séance annulée", "meeting cancelled"),
        ([1, {"cancelled": True, "place": None, "memo": ""}], "séance annulée", "meeting cancelled"),
        ([2, {"cancelled": False}, {"cancelled": True}], "séance rétablie", "meeting held again"),
        ([3, {"cancelled": True}], "séance rétablie", "meeting held again"),
        ([1, {"place": 4}], "séance déplacée au lundi 10:00", "meeting moved to Monday 10:00"),
        ([2, {"place": None}, {"place": 4}], "séance à sa place habituelle", "meeting at its usual place"),
        ([3, {"place": 4}], "séance comme les autres semaines", "meeting as in the other weeks"),
        ([3], "séance comme les autres semaines", "meeting as in the other weeks"),
        ([1, {"rooms": [1], "cancelled": False}], "Salles A1", "Rooms A1"),
        ([1, {}], "séance comme les autres semaines", "meeting as in the other weeks"),
    ],
)
def test_a_meeting_is_told_by_what_became_of_it(
    planning: Planning, entry: list[object], french: str, english: str
) -> None:  # fmt: skip
    """Nobody creates a cancelled meeting: one is cancelled, moved, held again."""
    does, *values = entry
    row = a_row([does, "meeting", meeting_key(1, 2), *values])
    assert row_lines(planning, row, "fr")[1] == f"    cours 1, semaine 3 : {french}"
    assert row_lines(planning, row, "en")[1] == f"    activity 1, week 3: {english}"


def test_a_conflict_says_whose_value_stands(planning: Planning) -> None:
    """A field by its label; an object that is gone as gone."""
    nil = msgspec.Raw(msgspec.msgpack.encode(None))
    place = m.FieldConflict("activity", 1, "place", nil, msgspec.Raw(msgspec.msgpack.encode(4)), 12, "bob")
    gone = m.FieldConflict("room", 1, "", nil, nil, 13, "eve")
    first, second = conflict_lines(planning, ConflictsError((place, gone)), "en")
    assert first.endswith("bob put Monday 10:00 (revision 12)")
    assert second == "A1: eve deleted it (revision 13)"


def test_a_row_as_json_names_its_parts(planning: Planning) -> None:
    """For programs; a row without what was before says so by leaving it out."""
    value = row_value(a_row([2, "room", 1, {"name": "B"}], [3, "room", 1, {"name": "B"}]))
    assert value["changes"] == [
        {"do": "update", "kind": "room", "key": 1, "after": {"name": "B"}},
        {"do": "delete", "kind": "room", "key": 1, "before": {"name": "B"}},
    ]
    assert planning.maybe_get("room", 1) is not None
