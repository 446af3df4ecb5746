"""Passwords: the rules at setting them, and the hashes."""

import pytest

from hpserver.errors import WeakSecretError
from hpserver.identity import passwords
from hpserver.identity.passwords import SUPERADMINS, USERS, Cost

PEPPER = bytes(range(32))
SALT = bytes(16)
CHEAP = Cost(8, 1, 1)
GOOD = "Lune-4-Papier"


def test_a10_a_long_password_is_refused_before_any_hash() -> None:
    """Work is bounded by bytes, not by characters."""
    assert passwords.accepts_length("é" * 512)
    assert not passwords.accepts_length("é" * 513)
    assert passwords.verify("$argon2id$nonsense", "x" * 1025, pepper=PEPPER) is False
    with pytest.raises(WeakSecretError):
        passwords.hash_password("x" * 1025, salt=SALT, pepper=PEPPER, cost=CHEAP)


def test_the_right_password_and_no_other_passes() -> None:
    """A hash answers for its password under its pepper."""
    hashed = passwords.hash_password(GOOD, salt=SALT, pepper=PEPPER, cost=CHEAP)
    assert passwords.verify(hashed, GOOD, pepper=PEPPER)
    assert not passwords.verify(hashed, GOOD + "x", pepper=PEPPER)
    assert not passwords.verify(hashed, GOOD, pepper=bytes(32))


def test_a_password_is_the_same_on_every_keyboard() -> None:
    """A composed and a decomposed accent are one letter."""
    hashed = passwords.hash_password("Zoe\u0308-au-jardin", salt=SALT, pepper=PEPPER, cost=CHEAP)
    assert passwords.verify(hashed, "Zo\u00eb-au-jardin", pepper=PEPPER)


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$", "$2b$12$é"])
def test_a_damaged_hash_lets_nobody_in(hashed: str) -> None:
    """An unreadable row is a refusal and never an error page."""
    assert not passwords.verify(hashed, GOOD, pepper=PEPPER)


@pytest.mark.parametrize("cost", [USERS, SUPERADMINS])
def test_a07_the_dummy_hash_costs_what_a_real_one_costs(cost: Cost) -> None:
    """An unknown login takes the same work: same parameters, read by the same parser."""
    assert passwords.maybe_cost(passwords.dummy(cost)) == cost


def test_a07_the_dummy_hash_is_really_computed_and_never_right() -> None:
    """A dummy that fails to parse would answer at once."""
    dummy = passwords.dummy(CHEAP)
    assert len(dummy) == len(passwords.hash_password(GOOD, salt=SALT, pepper=PEPPER, cost=CHEAP))
    assert not passwords.verify(dummy, GOOD, pepper=PEPPER)
    assert not passwords.verify(dummy, "", pepper=PEPPER)


def test_costs_are_those_of_the_standards() -> None:
    """ASVS appendix C for users, RFC 9106 second option for superadmins."""
    assert (Cost(19_456, 2, 1), Cost(65_536, 3, 4)) == (USERS, SUPERADMINS)


def test_an_old_hash_is_made_again() -> None:
    """Parameters grow with time; the next right password pays for it."""
    hashed = passwords.hash_password(GOOD, salt=SALT, pepper=PEPPER, cost=CHEAP)
    assert passwords.needs_rehash(hashed, USERS)
    assert not passwords.needs_rehash(hashed, CHEAP)
    assert not passwords.needs_rehash(passwords.dummy(SUPERADMINS), USERS)
    assert passwords.needs_rehash("$2b$12$abcdefgh", USERS)


@pytest.mark.parametrize(("salt", "pepper"), [(b"short", PEPPER), (SALT, b"short")])
def test_a_salt_and_a_pepper_have_their_length(salt: bytes, pepper: bytes) -> None:
    """A truncated pepper file must not weaken every hash in silence."""
    with pytest.raises(ValueError, match="bytes"):
        passwords.hash_password(GOOD, salt=salt, pepper=pepper, cost=CHEAP)


def test_a01_a_tag_recognises_the_same_secret_at_the_same_counter() -> None:
    """The same wrong password sent again is known without keeping it, and not between two people."""
    assert passwords.tag("Zoe\u0308", "k", pepper=PEPPER) == passwords.tag("Zo\u00eb", "k", pepper=PEPPER)
    tags = {passwords.tag(*one, pepper=PEPPER) for one in (("a", "k"), ("b", "k"), ("a", "l"))}
    assert len(tags | {passwords.tag("a", "k", pepper=bytes(32))}) == 4


def test_a_tag_says_little_even_with_the_pepper() -> None:
    """Two bytes: who stole pepper and directory finds hundreds of candidates for each, not the one."""
    wanted = passwords.tag("Lune-4-Papie", "k", pepper=PEPPER)
    assert len(wanted) == 2
    fits = sum(passwords.tag(str(number), "k", pepper=PEPPER) == wanted for number in range(30_000))
    assert fits < 10


def test_a_draw_is_always_the_same_of_a_name() -> None:
    """And another under another pepper."""
    drawn = [passwords.draw(f"user{number}", pepper=PEPPER) for number in range(300)]
    assert drawn == [passwords.draw(f"user{number}", pepper=PEPPER) for number in range(300)]
    assert 0 <= min(drawn) < 20
    assert 235 < max(drawn) <= 255
    assert passwords.draw("user0", pepper=PEPPER) == 85
    assert drawn != [passwords.draw(f"user{number}", pepper=bytes(32)) for number in range(300)]
