"""Which TCP ports accounts and plannings get. Pure: what is taken comes in as an argument."""

from collections.abc import Collection

from hpserver.errors import NoPortLeftError

FIRST_PORT = 21200
"""The port of the first controller, as users know it."""

LAST_PORT = 32767
"""Below the ephemeral range, where a listener can lose its port to an outgoing connection."""


def allocate(taken: Collection[int], count: int, first: int = FIRST_PORT, last: int = LAST_PORT) -> list[int]:
    """Give the `count` lowest free ports of the range, in order: the controller's, then its plannings'.

    Raises:
        NoPortLeftError: fewer are free.
    """
    busy = frozenset(taken)
    free = [port for port in range(first, last + 1) if port not in busy][:count]
    if len(free) < count:
        raise NoPortLeftError(f"{count} ports wanted, {len(free)} free from {first} to {last}")
    return free


def check(port: int, taken: Collection[int], first: int = FIRST_PORT, last: int = LAST_PORT) -> int:
    """Accept a port that somebody chose. Raises NoPortLeftError when it is taken or outside the range."""
    if port in taken or not first <= port <= last:
        raise NoPortLeftError(f"port {port} is taken, or not from {first} to {last}", port=port)
    return port
