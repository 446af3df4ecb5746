"""What a new hosting account is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.directory import hosting, names
from hpserver.directory.model import Account
from hpserver.errors import NoPortLeftError


@given(st.binary(min_size=16, max_size=16))
def test_numbers_have_their_digits(chance: bytes) -> None:
    """Whatever chance gives, a number can be typed in full."""
    assert names.hosting_number(hosting.hosting_number(chance)) == hosting.hosting_number(chance)
    assert names.invoice_number(hosting.invoice_number(chance)) == hosting.invoice_number(chance)
    assert hosting.hosting_number(chance)[0] != "0"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_console_passwords_are_readable_and_differ(chance: bytes, other: bytes) -> None:
    """Fourteen characters nobody confuses when they are read over the telephone."""
    password = hosting.console_password(chance)
    assert len(password) == 14
    assert not set(password) & set("lIO01")
    if int.from_bytes(chance) % 57**14 != int.from_bytes(other) % 57**14:
        assert password != hosting.console_password(other)


def test_too_little_chance_is_refused() -> None:
    """A caller that gives fewer random bytes gets no password that could be guessed."""
    with pytest.raises(ValueError, match="random bytes"):
        hosting.console_password(b"x" * 16)
    with pytest.raises(ValueError, match="random bytes"):
        hosting.hosting_number(b"x")


def account(port: int = 0) -> Account:
    """Make an account without ports."""
    return Account(number="1" * 12, name="École", domain="e.org", invoice="1" * 10, port=port)


def test_a_school_starts_with_two_plannings() -> None:
    """This year and next year, each with its own port, none of them started."""
    made, plannings = hosting.with_plannings(account(), [21200])
    assert made.port == 21201
    assert [(one.name, one.publication_name, one.port, one.desired) for one in plannings] == [
        ("planning01", "Année en cours", 21202, "down"),
        ("planning02", "Préparation année suivante", 21203, "down"),
    ]
    assert {one.account for one in plannings} == {made.number}


def test_a_chosen_port_is_kept() -> None:
    """A school that moves here keeps the port its clients know."""
    made, plannings = hosting.with_plannings(account(21202), [])
    assert (made.port, [one.port for one in plannings]) == (21202, [21200, 21201])


def test_no_account_is_half_made() -> None:
    """Without a port for every planning there is no account."""
    with pytest.raises(NoPortLeftError):
        hosting.with_plannings(account(), range(21200, 32766))
