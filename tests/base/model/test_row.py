import msgspec
import pytest

from hpserver.base.model import row
from hpserver.base.model.row import MAX_KEY, Row, values_of


class Chair(Row, frozen=True, array_like=True, gc=False):
    """A kind that no base has."""

    name: row.Name = "chair"
    beside: row.Keys = ()


def test_the_values_of_a_row_are_named_in_its_order() -> None:
    """A journal entry, an export and a patch name fields the same way."""
    assert list(values_of(Chair("stool", (1, 2))).items()) == [("name", "stool"), ("beside", (1, 2))]


def test_a_label_carries_both_languages_and_the_kind_referred_to() -> None:
    """One declaration drives screens, checks and documents."""
    extra = row.field("Salles", "Rooms", "room").extra
    assert extra is not None
    assert (extra["fr"], extra["en"], extra["ref"]) == ("Salles", "Rooms", "room")


@pytest.mark.parametrize("key", [MAX_KEY + 1, -MAX_KEY - 1, 2**64, "1"])
def test_a_key_that_some_reader_would_round_is_refused(key: object) -> None:
    """A number past 2^53 is another number in JavaScript."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(key, row.Key)


@pytest.mark.parametrize("day", ["2026-9-1", "26-09-01", "2026-09-01T00", "tomorrow"])
def test_a_date_is_written_one_way(day: str) -> None:
    """Dates sort as text and mean the same everywhere."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(day, row.Day)
    assert msgspec.convert("2026-09-01", row.Day) == "2026-09-01"
