"""How much a hash may cost on this machine: measured once, at the installation. Knows no user."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from hpserver.certs.files import make_directory, save_secret
from hpserver.errors import ConfigurationError
from hpserver.hosting.hashing import HASH_THREADS
from hpserver.identity.passwords import PEPPER_BYTES, SALT_BYTES, USERS, Cost, hash_password

ROWS: Final = (USERS, Cost(47_104, 1, 1), Cost(65_536, 3, 4))
"""Approved costs, the cheapest first, which is the floor (ASVS 5 appendix C twice; RFC 9106, second option)."""

MOST_SECONDS: Final = 0.150
"""A person waits no longer for one hash."""

LEAST_PER_SECOND: Final = 20.0
"""Hashes of all threads together: a class of thirty signs in at the bell."""

ROUNDS: Final = 3
"""Hashes of each thread in a measurement: the fastest one counts as the time, all of them as the rate."""

FILE: Final = "hashing.json"


def read_cost(folder: Path) -> Cost:
    """Return what a hash costs in this installation: what was measured, and never less than the floor.

    Raises ConfigurationError when the file cannot be read, or asks for less than the floor.
    """
    path = folder / FILE
    if not path.exists():
        return USERS
    try:
        cost = msgspec.json.decode(path.read_bytes(), type=Cost)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: remove it, the usual cost is taken then") from error
    if cost not in ROWS:
        raise ConfigurationError(f"{path} asks for a cost that is not approved: remove it, the usual one is taken then")
    return cost


def ensure_cost(folder: Path, measure: Callable[[Cost], tuple[float, float]] | None = None) -> Cost:
    """Measure what this machine can pay, unless that was done, and keep it in `folder`. It takes a second."""
    path = folder / FILE
    if not path.exists():
        make_directory(folder)
        for begun in folder.glob(f".{FILE}.*"):  # by a process that was killed
            begun.unlink(missing_ok=True)
        save_secret(path, msgspec.json.encode(choose(ROWS, measure or measured)) + b"\n")
    return read_cost(folder)


def choose(rows: Iterable[Cost], measure: Callable[[Cost], tuple[float, float]]) -> Cost:
    """Return the last of the rows that the machine can pay: seconds of one and hashes a second; the first anyhow.

    It goes on to a dearer row only where the one before was cheap enough: nobody waits for the rest.
    """
    first, *dearer = rows
    chosen = first
    for cost in dearer:
        seconds, rate = measure(cost)
        if seconds > MOST_SECONDS or rate < LEAST_PER_SECOND:
            break
        chosen = cost
    return chosen


def measured(cost: Cost) -> tuple[float, float]:
    """Return the seconds of one hash, and how many all threads make in a second."""

    def timed(number: int) -> float:
        began = time.perf_counter()
        hash_password(str(number), salt=bytes(SALT_BYTES), pepper=bytes(PEPPER_BYTES), cost=cost)
        return time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(HASH_THREADS) as threads:
        times = list(threads.map(timed, range(HASH_THREADS * ROUNDS)))
    return min(times), len(times) / (time.perf_counter() - began)
