from typing import Any

import pytest

from hpserver.base.changes import encode_fields
from hpserver.base.registry import KINDS, Kind, kind_of
from hpserver.errors import InvalidChangeError

EVERY_KIND = pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))


def test_the_names_of_kinds_are_for_ever() -> None:
    """They are on the wire and in the journal."""
    assert " ".join(KINDS) == (
        "category category_value custom_field document_template reason instructional_type criterion site travel_time "
        "subject "
        "instructor staff cohort group combined_group student guardian membership room room_pool curriculum "
        "curriculum_item teaching_assignment series activity meeting availability possible_time possible_room "
        "constraint booking_request oral_exam "
        "oral_panel oral_turn course_survey survey_answer gradebook assessment grade absence lateness exemption "
        "roll_call company internship comment custom_value"
    )


@EVERY_KIND
def test_every_kind_and_field_is_labelled(kind: Kind) -> None:
    """Screens and documentation never show a name of the code."""
    assert kind.fr
    assert kind.en
    assert all(field.fr and field.en for field in kind.fields())
    assert tuple(field.name for field in kind.fields()) == kind.row.__struct_fields__


@EVERY_KIND
def test_references_name_kinds(kind: Kind) -> None:
    """A reference to nothing could not be checked."""
    assert set(kind.refs.values()) <= set(KINDS)


def test_references_are_read_from_the_declarations() -> None:
    """One declaration drives them."""
    assert KINDS["meeting"].refs == {"instructors": "instructor", "rooms": "room"}
    assert KINDS["group"].refs == {"cohort": "cohort", "apart": "group", "categories": "category_value"}
    assert KINDS["group"].required == {"cohort", "name"}


def test_a_patch_says_only_what_it_names() -> None:
    """What is not named stays as it is; None is a value."""
    patch = {"place": None, "rooms": [1, 2]}
    wanted = {"place": None, "rooms": (1, 2)}
    assert KINDS["activity"].decode(encode_fields(patch)) == wanted


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("room", {"nam": "typo"}),
        ("room", {"name": ""}),
        ("room", {"name": "x" * 201}),
        ("room", {"name": None}),
        ("room", {"capacity": -1}),
        ("room", {"capacity": 1.5}),
        ("subject", {"color": "red"}),
        ("subject", {"color": "#12345g"}),
        ("activity", {"duration": 0}),
        ("activity", {"duration": 289}),
        ("activity", {"weeks": 2**62}),
        ("activity", {"weeks": -1}),
        ("activity", {"place": -1}),
        ("activity", {"place": True}),
        ("activity", {"rooms": list(range(1, 66))}),
        ("activity", {"rooms": [2**53]}),
        ("activity", {"rooms": None}),
        ("meeting", {"rooms": ["A1"]}),
    ],
)
def test_a_value_out_of_bounds_is_refused(kind: str, fields: dict[str, Any]) -> None:
    """Every string, number and list has a limit, on the wire and in the journal alike."""
    with pytest.raises(InvalidChangeError) as refusal:
        KINDS[kind].decode(encode_fields(fields))
    assert refusal.value.details["kind"] == kind


def test_a_refusal_names_the_field_and_what_it_takes() -> None:
    """Who typed the value looks for the field, not for a path in a patch."""
    with pytest.raises(InvalidChangeError, match=r"^capacity of room: Expected `int`, got `str`$") as refusal:
        KINDS["room"].decode(encode_fields({"capacity": "many"}))
    assert refusal.value.details == {"kind": "room", "field": "capacity"}


def test_an_unknown_kind_is_refused() -> None:
    """A kind of a newer program is not guessed."""
    with pytest.raises(InvalidChangeError):
        kind_of("student" * 20)
