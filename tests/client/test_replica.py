import msgspec
import pytest

from hpserver.base.changes import Change, encode_changes, update
from hpserver.base.snapshot import encode_snapshot
from hpserver.client import Replica
from hpserver.errors import CorruptBaseError, RemoteProtocolError, ResyncNeededError
from hpserver.protocol.messages import Delta, Transaction
from tests.schools import a_school


def a_delta(first: int, *each: Change, epoch: int = 1) -> Delta:
    """One transaction for each change."""
    told = [
        Transaction(first + n, bytes(16), 1, "ada", 0, "", msgspec.Raw(encode_changes([one])))
        for n, one in enumerate(each)
    ]
    return Delta(epoch, tuple(told))


def a_replica() -> Replica:
    """A copy at revision 5 of epoch 1."""
    return Replica.of_snapshot(encode_snapshot(a_school(5)), 1, 5)


def test_what_is_new_is_applied_and_returned() -> None:
    """What was seen already is passed over: Deltas may overlap after a break."""
    replica = a_replica()
    news = replica.apply(a_delta(5, update("activity", 1, memo="old"), update("activity", 1, memo="new"), epoch=2))
    assert [one.revision for one in news] == [6]
    assert (replica.revision, replica.epoch) == (6, 2)
    assert replica.planning.activity(1).memo == "new"


def test_a_gap_is_noticed() -> None:
    """A copy with a hole is never shown."""
    with pytest.raises(ResyncNeededError):
        a_replica().apply(a_delta(7, update("activity", 1, memo="x")))


def test_what_does_not_fit_is_noticed() -> None:
    """A change of what is not there means that the copy is not what the server has."""
    with pytest.raises(RemoteProtocolError):
        a_replica().apply(a_delta(6, update("activity", 999, memo="x")))


def test_a_damaged_snapshot_is_refused() -> None:
    """Nothing is shown of it."""
    with pytest.raises(CorruptBaseError):
        Replica.of_snapshot(b"nothing", 1, 1)
