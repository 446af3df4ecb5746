"""What a launcher and a console tell each other."""

import msgspec
import pytest

from hpserver.errors import BadCredentialsError
from hpserver.protocol.console import Address, Answered, Installation, Renewal
from hpserver.protocol.refusal import CONNECTION, error_of, refusal

ASKED = Installation("100000000001", "abcdEFGH2345jk", "1234567890", b"\x30\x82", "Bureau")


@pytest.mark.parametrize("one", [ASKED, Renewal(b"\x30"), Address(1, "100000000001", "hp.example", 21_190, "c", "-")])
def test_it_is_json_and_comes_back_as_it_was(one: msgspec.Struct) -> None:
    """Bytes of a request too."""
    assert msgspec.json.decode(msgspec.json.encode(one), type=type(one)) == one


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"request":"%%%"}', b'{"request":7}', b'{"request":"","more":1}'])
def test_what_is_not_said_is_not_understood(data: bytes) -> None:
    """Missing, of another kind, or one thing more."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(data, type=Renewal)


def test_an_error_travels_as_it_is() -> None:
    """Its kind and details: a launcher says what a client says."""
    told = Answered(failed=refusal(CONNECTION, BadCredentialsError("No.", field="invoice")))
    back = msgspec.json.decode(msgspec.json.encode(told), type=Answered).failed
    assert back is not None
    error = error_of(back)
    assert (type(error), error.details) == (BadCredentialsError, {"field": "invoice"})
