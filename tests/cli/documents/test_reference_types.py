"""Types in words, for readers who do not know Python."""

from typing import Annotated

import msgspec
import pytest

from hpserver.cli.documents.reference_types import described, document, told_type
from hpserver.protocol import messages as m


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (bool, "boolean"),
        (int, "integer"),
        (Annotated[int, msgspec.Meta(ge=1, lt=2**53)], "integer, 1 to (2^53 - 1)"),
        (Annotated[int, msgspec.Meta(gt=-(2**53), le=5)], "integer, -(2^53 - 1) to 5"),
        (Annotated[str, msgspec.Meta(max_length=9)], "text, at most 9 characters"),
        (Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)], "bytes, 16 bytes"),
        (Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=2)], "array of integer, 1 to 2 items"),
        (tuple[str, int], "array `[text, integer]`"),
        (dict[int, str], "map from integer to text"),
        (m.Endpoint | None, "Endpoint or nil"),
        (msgspec.Raw, "value of the base"),
    ],
)
def test_a_type_is_told_with_its_bounds(annotation: object, words: str) -> None:
    """A client in another language checks the same things."""
    assert told_type(annotation) == words


def test_a_field_without_a_meaning_stops_the_writing() -> None:
    """No table of the documentation has an empty cell."""

    class Bare(msgspec.Struct):
        """Something."""

        field: int

    with pytest.raises(KeyError):
        described(Bare)
    assert "| field | integer | a number |" in described(Bare, meanings={"field": "a number"})


def test_a_document_is_the_text_without_its_fields() -> None:
    """The fields have their own table."""
    assert document(m.GetFreePlaces) == "Client: where could this activity be? Answered by FreePlaces or Failed."


class _Answer(msgspec.Struct):
    """An answer.

    Attributes:
        told: what the base says.
    """

    told: msgspec.Raw = msgspec.Raw(b"\x90")


def test_a_value_of_the_base_has_its_default_in_words() -> None:
    """A reader is not shown bytes within bytes."""
    assert "| told | value of the base; default [] | what the base says. |" in described(_Answer)
