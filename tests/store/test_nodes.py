"""Nodes and what they hold, at the edges of a lease."""

from collections.abc import Iterator

import apsw
import pytest

from hpserver.directory.api import LEASE
from hpserver.errors import BaseInUseError, FencedError
from hpserver.store import nodes, sqlite_file


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    """A directory in memory with one planning, key 1."""
    made = apsw.Connection(":memory:")
    with sqlite_file.writing(made):
        sqlite_file.migrate(made, "directory", 1)
    made.execute(
        "INSERT INTO account (number, name, domain, invoice, port, desired, console_hash, email,"
        " created_at) VALUES ('1', '', 'a.b', '1', 21200, 'down', '', '', 0.0)"
    )
    made.execute(
        "INSERT INTO planning (key, account, name, publication_name, port, domain, base, desired, timezone)"
        " VALUES (1, '1', 'p', '', 21201, '', '', 'up', 'UTC')"
    )
    yield made
    made.close()


def test_a_lease_ends_at_its_instant(connection: apsw.Connection) -> None:
    """At the end of its lease a node has nothing; just before, it has all."""
    incarnation = nodes.register(connection, "a", "h", 0.0)
    nodes.claim(connection, 1, "a", incarnation, 0.0)
    assert nodes.lookup(connection, 1, LEASE - 0.001) is not None
    assert nodes.reap(connection, LEASE - 0.001) == ()
    assert nodes.lookup(connection, 1, LEASE) is None
    assert nodes.reap(connection, LEASE) == (1,)


def test_a_late_heartbeat_revives_what_nobody_took(connection: apsw.Connection) -> None:
    """A short silence costs nothing when nobody noticed."""
    incarnation = nodes.register(connection, "a", "h", 0.0)
    epoch = nodes.claim(connection, 1, "a", incarnation, 0.0)
    nodes.heartbeat(connection, "a", incarnation, 100.0)
    found = nodes.lookup(connection, 1, 100.0)
    assert found is not None
    assert found.epoch == epoch


def test_a_claim_needs_a_living_node(connection: apsw.Connection) -> None:
    """A node that was silent too long, or never registered, takes nothing."""
    incarnation = nodes.register(connection, "a", "h", 0.0)
    for name, number, now in (("a", incarnation, LEASE), ("a", incarnation + 1, 0.0), ("b", 1, 0.0)):
        with pytest.raises(FencedError):
            nodes.claim(connection, 1, name, number, now)
    nodes.claim(connection, 1, "a", incarnation, 0.0)
    with pytest.raises(BaseInUseError):
        nodes.claim(connection, 1, "a", incarnation, 0.0)


def test_epochs_only_grow(connection: apsw.Connection) -> None:
    """Release and claim again: a ticket for the old epoch opens nothing."""
    incarnation = nodes.register(connection, "a", "h", 0.0)
    epochs = []
    for _ in range(3):
        epochs.append(nodes.claim(connection, 1, "a", incarnation, 0.0))
        nodes.release(connection, 1, epochs[-1])
    assert epochs == [1, 2, 3]
