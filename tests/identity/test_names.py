"""Logins: one key however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.errors import InvalidNameError
from hpserver.identity import names

WIDE = "".join(chr(ord(one) + 0xFEE0) for one in "durand")


@pytest.mark.parametrize(
    "typed",
    ["durand", "DURAND", " Durand\t", WIDE, "du\u200brand", "dura\u00adnd", "\u202edurand", "Durand\x00"],
)
def test_a09_other_spellings_of_a_login_are_one_key(typed: str) -> None:
    """No case, blank, width or unseen sign gives fresh tries at the same user."""
    assert names.login(typed) == "durand"


def test_a09_accents_are_one_key_composed_or_not() -> None:
    """The same letter in two encodings is the same login."""
    assert names.login("Zoe\u0308") == names.login("ZO\u00cb")


def test_inner_blanks_are_one() -> None:
    """Two blanks cannot be told from one on a screen."""
    assert names.login("jean \u00a0 durand") == "jean durand"


@given(some.text(max_size=80))
def test_a09_twice_is_once(typed: str) -> None:
    """A key is its own key, or the counter and the search could differ."""
    assert names.login(names.login(typed)) == names.login(typed)


@given(some.text(max_size=40))
def test_a09_case_never_matters(typed: str) -> None:
    """Upper case of what was typed reaches the same counter."""
    assert names.login(names.login(typed).upper().casefold()) == names.login(typed)


@pytest.mark.parametrize("typed", ["", " \t", "\u200b\u200d", "x" * 65, "a\nb", "a\u202eb"])
def test_a_login_is_not_given_when_nobody_could_type_it(typed: str) -> None:
    """A user needs a login that can be seen and fits the wire."""
    with pytest.raises(InvalidNameError):
        names.new_login(typed)


@pytest.mark.parametrize("typed", ["x", "x" * names.MAX_LOGIN])
def test_a_login_of_one_character_or_of_the_most_is_given(typed: str) -> None:
    """What is allowed begins and ends where it is said."""
    assert names.new_login(typed) == typed


def test_a_login_is_given_as_its_key() -> None:
    """What is kept is what is searched for."""
    assert names.new_login(" Durand ") == "durand"
