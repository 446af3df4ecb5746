"""Which TCP ports a test may give to what it starts: never one that another worker of the same run may give."""

import os
from collections.abc import Iterator
from itertools import cycle, islice
from random import Random

from hpserver.hosting.ports import is_free

LOOPBACK = "127.0.0.1"
SHARES, EACH = 8, 1200
FIRST = 22_000
"""Above the ports that an installation takes by itself; the last share ends below those of outgoing connections."""


def share(worker: str) -> range:
    """Return the ports of a worker of pytest-xdist ("gw0"...): one that replaces another has ports of its own too."""
    first = FIRST + int(worker.removeprefix("gw")) % SHARES * EACH
    return range(first, first + EACH)


def _in_turn(ports: range) -> Iterator[int]:
    """Give the ports one after the other, beginning anywhere: somebody else may run the tests on this machine."""
    start = Random().choice(ports)
    return cycle([*range(start, ports.stop), *range(ports.start, start)])


_PORTS = _in_turn(share(os.environ.get("PYTEST_XDIST_WORKER", "gw0")))


def free_ports(count: int = 1) -> int:
    """Return the first of so many neighbouring ports that nobody listens on, and that were given to nobody lately."""
    while True:
        ports = list(islice(_PORTS, count))
        if ports[-1] - ports[0] == count - 1 and all(is_free(LOOPBACK, port) for port in ports):
            return ports[0]
