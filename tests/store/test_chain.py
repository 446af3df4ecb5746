"""The hash chain: nothing in it can be altered, removed, added or moved unseen."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import CorruptBaseError
from hpserver.store import chain
from hpserver.store.api import JournalRow

FIRST = chain.genesis("annee", b"{}")


def rows(count: int) -> list[JournalRow]:
    """Make chained rows from revision 1."""
    bare = [JournalRow(n, 1, bytes([n]) * 16, n, "dupont", 1, b'{"n":%d}' % n) for n in range(1, count + 1)]
    return chain.chained(FIRST, 0, 1, bare)


def test_a_chain_verifies() -> None:
    """What was chained is accepted, in one piece or in several."""
    made = rows(5)
    assert chain.verify(FIRST, 0, made) == made[-1].digest
    assert chain.verify(made[1].digest, 2, made[2:]) == made[-1].digest
    assert chain.verify(FIRST, 0, []) == FIRST


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 2},
        {"operation": b"x" * 16},
        {"at": 99},
        {"user": "durand"},
        {"format": 2},
        {"body": b'{"n":7}'},
        {"digest": b"x" * 32},
    ],
)
def test_an_altered_row_is_noticed(change: dict[str, Any]) -> None:
    """Every field is under the digest."""
    made = rows(3)
    made[1] = msgspec.structs.replace(made[1], **change)
    with pytest.raises(CorruptBaseError, match="2"):
        chain.verify(FIRST, 0, made)


def test_a_missing_or_moved_row_is_noticed() -> None:
    """The order and the number of rows are under the digest too."""
    one, two, three = rows(3)
    for wrong in ([one, three], [two, three], [two, one, three], [one, two, two]):
        with pytest.raises(CorruptBaseError):
            chain.verify(FIRST, 0, wrong)
    with pytest.raises(CorruptBaseError):
        chain.verify(chain.genesis("other", b"{}"), 0, [one])


@given(st.text(), st.binary(), st.text(), st.binary())
def test_fields_do_not_run_into_each_other(user: str, body: bytes, other: str, another: bytes) -> None:
    """Two different rows never have the same bytes under the digest."""
    one = JournalRow(1, 1, b"o" * 16, 0, user, 1, body)
    two = JournalRow(1, 1, b"o" * 16, 0, other, 1, another)
    assert (chain.follow(FIRST, one) == chain.follow(FIRST, two)) == (one == two)


def test_the_wrong_next_row_is_a_bug() -> None:
    """A row with another revision, epoch or operation id than it must have is never written."""
    good = JournalRow(1, 1, b"o" * 16, 0, "", 1, b"")
    for change in ({"revision": 2}, {"epoch": 2}, {"operation": b"o"}):
        with pytest.raises(ValueError, match=r"row|operation"):
            chain.chained(FIRST, 0, 1, [msgspec.structs.replace(good, **change)])


def test_seals_tell_snapshots_and_epochs_apart() -> None:
    """A snapshot belongs to one moment of one base, an epoch to one base."""
    seals = {
        chain.seal(FIRST, 1, 1, b"a"),
        chain.seal(FIRST, 2, 1, b"a"),
        chain.seal(FIRST, 1, 2, b"a"),
        chain.seal(FIRST, 1, 1, b"b"),
        chain.seal(rows(1)[0].digest, 1, 1, b"a"),
        chain.epoch_seal(FIRST, 1),
        chain.epoch_seal(FIRST, 2),
        chain.epoch_seal(chain.genesis("b", b"{}"), 1),
    }
    assert len(seals) == 8


def test_the_digests_are_frozen() -> None:
    """A base of this version is read by every later one: these bytes never change."""
    assert FIRST.hex() == "69fbbdea1c074450b153dbb6f63dabc72020d953c5c1b17177b080adf1b059fd"
    assert rows(2)[-1].digest.hex() == "5e7d65a969f3b1698b65da1cacfbc32a5f3df678c637d4d32317d99b2574d0b5"
