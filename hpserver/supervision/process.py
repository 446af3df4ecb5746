"""What is known of one process, and how each fact changes it. Knows no wish and takes no decision.

Facts come from whoever runs the processes; every instant is of one monotonic clock. Each function answers with the
process as it is after the fact.
"""

from typing import Final

import msgspec

from hpserver.directory.model import State
from hpserver.supervision.backoff import delay_before_restart, has_recovered

ALIVE: Final[frozenset[State]] = frozenset({"starting", "live", "frozen", "draining"})
"""States in which there is an operating system process."""

SERVING: Final[frozenset[State]] = frozenset({"live", "frozen"})
"""States in which clients are served; a frozen planning still reads."""

NEVER: Final = float("inf")

OWN_DRAIN: Final = 60.0
"""Seconds for a process that drains without having been asked (10 s of notice, closes spread over 30 s)."""


class Process(msgspec.Struct, frozen=True, gc=False):
    """One process. `restarts` were made since it last served for long; it starts again not before `start_at`.

    `heard_at` is its last sign of life, `serving_since` when it first served after its start. `asked` tells that it
    was asked to end, `kill_at` when its time for that is over, `killed` that it was killed. `gives_up` means that
    there is no restart left.
    """

    state: State = "stopped"
    heard_at: float = 0.0
    serving_since: float = NEVER
    start_at: float = 0.0
    asked: bool = False
    kill_at: float = NEVER
    killed: bool = False
    gives_up: bool = False
    restarts: int = 0
    reason: str = ""

    @property
    def is_alive(self) -> bool:
        """Whether there is an operating system process."""
        return self.state in ALIVE


def started(process: Process, now: float) -> Process:
    """There is a process now."""
    return Process(state="starting", heard_at=now, restarts=process.restarts)


def reported(process: Process, state: State, now: float, reason: str = "") -> Process:
    """The process says how it is. One that must end cannot say that it serves again; nor can one that is gone."""
    if not process.is_alive:
        return process
    process = msgspec.structs.replace(process, heard_at=now, reason=process.reason if process.killed else reason)
    if process.state == "draining" or state not in ALIVE:
        return process
    if state == "draining":
        return msgspec.structs.replace(process, state="draining", kill_at=now + OWN_DRAIN)
    serving_since = min(process.serving_since, now) if state in SERVING else process.serving_since
    return msgspec.structs.replace(process, state=state, serving_since=serving_since)


def draining(process: Process, now: float, seconds: float) -> Process:
    """The process was asked to end within `seconds`."""
    return msgspec.structs.replace(process, state="draining", asked=True, kill_at=now + seconds)


def killed(process: Process, reason: str = "") -> Process:
    """The process was killed; it is alive until it has ended."""
    return msgspec.structs.replace(process, killed=True, reason=reason or process.reason)


def ended(process: Process, now: float, how: str) -> Process:
    """The process is gone; `how` says so in words, for when it gave no reason itself."""
    if process.asked:
        return Process()
    restarts = 0 if has_recovered(now - process.serving_since) else process.restarts
    delay = delay_before_restart(restarts)
    return Process(
        restarts=restarts if delay is None else restarts + 1,
        start_at=now + (delay or 0.0),
        gives_up=delay is None,
        reason=process.reason or how,
    )


def failed(process: Process, reason: str) -> Process:
    """Nobody tries any more, for this reason."""
    return Process(state="failed", restarts=process.restarts, reason=reason)
