"""An error survives the wire as what it is."""

import pytest

from hpserver.errors import HPError, LockedError
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode_body
from hpserver.protocol.limits import MAX_FRAME_BEFORE_LOGIN
from hpserver.protocol.refusal import CONNECTION, error_of, refusal


@pytest.mark.parametrize("code", sorted(HPError.by_code))
def test_every_error_comes_back_as_its_own_class(code: int) -> None:
    """A client decides by class, and learns the details."""
    told = refusal(7, HPError.by_code[code]("why", seconds=3))
    error = error_of(told)
    assert (type(error), error.text, error.details) == (HPError.by_code[code], "why", {"seconds": 3})
    assert (told.id, told.code, told.name, told.retry) == (7, code, type(error).__name__, type(error).retry)


def test_an_error_of_a_later_version_is_still_an_error() -> None:
    """Its code and name are kept for who wants to show them."""
    error = error_of(m.Failed(7, 0x7FFF, "LaterError", True, "why", {}))
    assert type(error) is HPError
    assert error.details == {"code": 0x7FFF, "name": "LaterError"}


def test_a_refusal_fits_a_frame_before_login_however_long_its_text() -> None:
    """Even who is not known learns why, in characters of any width."""
    told = refusal(CONNECTION, LockedError("é\U0001f512" * 5000, seconds=60))
    assert len(encode_body(told)) < MAX_FRAME_BEFORE_LOGIN
