"""Nodes, their leases and the plannings they hold, in SQL. Runs inside a transaction; time comes in."""

import apsw

from hpserver.directory.api import LEASE
from hpserver.directory.model import Endpoint
from hpserver.errors import BaseInUseError, FencedError, NotFoundError

_LIVING = "SELECT 1 FROM node WHERE name = ? AND incarnation = ? AND expires > ?"
_DEAD = (
    "SELECT planning FROM ownership WHERE node <> '' AND NOT EXISTS (SELECT 1 FROM node"
    " WHERE name = ownership.node AND incarnation = ownership.incarnation AND expires > ?) ORDER BY planning"
)
_CLAIM = (
    "INSERT INTO ownership VALUES (?, 1, ?, ?) ON CONFLICT (planning)"
    " DO UPDATE SET epoch = epoch + 1, node = excluded.node, incarnation = excluded.incarnation"
)
_LOOKUP = (
    "SELECT node.name, node.address, planning.port, ownership.epoch"
    " FROM ownership JOIN planning ON planning.key = ownership.planning"
    " JOIN node ON node.name = ownership.node AND node.incarnation = ownership.incarnation"
    " WHERE ownership.planning = ? AND node.expires > ?"
)


def register(connection: apsw.Connection, name: str, address: str, now: float) -> int:
    """Take the name of a node; its new incarnation."""
    found = connection.execute("SELECT incarnation FROM node WHERE name = ?", (name,)).fetchone()
    incarnation = 1 if found is None else int(found[0]) + 1
    connection.execute("INSERT OR REPLACE INTO node VALUES (?, ?, ?, ?)", (name, address, incarnation, now + LEASE))
    return incarnation


def heartbeat(connection: apsw.Connection, name: str, incarnation: int, now: float) -> None:
    """Prolong the lease of a node. Raises FencedError."""
    connection.execute(
        "UPDATE node SET expires = ? WHERE name = ? AND incarnation = ?", (now + LEASE, name, incarnation)
    )
    if connection.changes() != 1:
        raise FencedError(f"another process is node {name} now", name=name)


def claim(connection: apsw.Connection, planning: int, name: str, incarnation: int, now: float) -> int:
    """Take a planning; its new epoch. Raises BaseInUseError, FencedError, NotFoundError."""
    if connection.execute(_LIVING, (name, incarnation, now)).fetchone() is None:
        raise FencedError(f"node {name} is not alive in incarnation {incarnation}", name=name)
    if connection.execute("SELECT 1 FROM planning WHERE key = ?", (planning,)).fetchone() is None:
        raise NotFoundError(f"there is no planning {planning}", planning=planning)
    held = lookup(connection, planning, now)
    if held is not None:
        raise BaseInUseError(f"node {held.node} has planning {planning}", node=held.node)
    connection.execute(_CLAIM, (planning, name, incarnation))
    return int(connection.execute("SELECT epoch FROM ownership WHERE planning = ?", (planning,)).get)


def release(connection: apsw.Connection, planning: int, epoch: int) -> None:
    """Give a planning back, unless a newer epoch has it."""
    connection.execute(
        "UPDATE ownership SET node = '', incarnation = 0 WHERE planning = ? AND epoch = ?", (planning, epoch)
    )


def reap(connection: apsw.Connection, now: float) -> tuple[int, ...]:
    """Free the plannings of dead nodes; which."""
    freed = tuple(int(row[0]) for row in connection.execute(_DEAD, (now,)))
    for planning in freed:
        connection.execute("UPDATE ownership SET node = '', incarnation = 0 WHERE planning = ?", (planning,))
    return freed


def lookup(connection: apsw.Connection, planning: int, now: float) -> Endpoint | None:
    """Read where a planning is served by a living node."""
    found = connection.execute(_LOOKUP, (planning, now)).fetchone()
    if found is None:
        return None
    node, address, port, epoch = found
    return Endpoint(planning, node, address, port, epoch)
