"""The errors' codes are part of the protocol: for ever, one meaning each."""

import pytest

from hpserver import errors
from hpserver.errors import HPError

FAMILIES = range(0x08)


def test_code_belongs_to_its_class_and_to_a_family_of_the_catalogue() -> None:
    """A client tells the kind of trouble from the high byte, even for a code newer than itself."""
    for code, error in HPError.by_code.items():
        assert error.code == code
        assert code >> 8 in FAMILIES, error


def test_every_error_of_the_house_is_in_the_catalogue() -> None:
    """An error without a code of its own could not be told to a client."""
    classes = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HPError)}
    assert classes - {HPError} == {kind for kind in HPError.by_code.values() if kind.__module__ == errors.__name__}


def test_reused_code_is_refused_at_import() -> None:
    """Two errors with one code would be one error to every client."""
    with pytest.raises(TypeError, match="reuses code 0x0101 of LocalProtocolError"):
        type("SecondError", (HPError,), {}, code=errors.LocalProtocolError.code)
    assert HPError.by_code[errors.LocalProtocolError.code] is errors.LocalProtocolError


def test_retry_flag_is_stated_not_inherited() -> None:
    """A subclass that says nothing is not retried, whatever its parent says: retrying is a decision."""
    assert errors.OutcomeUnknownError.retry
    assert not errors.StoreError.retry
    assert not errors.FencedError.retry


def test_details_travel_beside_the_text() -> None:
    """What a screen needs to explain an error comes as values, not inside an English sentence."""
    error = errors.LockedError("three failures", seconds=30)
    assert str(error) == error.text == "three failures"
    assert error.details == {"seconds": 30}
