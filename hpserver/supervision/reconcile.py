"""From what should run and what is known to run, what to do now. Decides; carries nothing out, remembers nothing.

Whoever carries an effect out then states the fact in `process`: `Start` -> started, `Drain` -> draining, `Kill` ->
killed, `Fail` -> failed; after `Forget` nothing is known of the subject. Until then the same effect is wished again.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from hpserver.directory.model import Desired
from hpserver.supervision.process import NEVER, Process

WATCHDOG: Final = 30.0
"""Seconds without a report after which a process is taken for hung (three times a watchdog ping of 10 s)."""

DRAIN: Final = 8.0
"""Seconds a process is told it has to take leave."""

KILL_AFTER: Final = 10.0
"""Seconds from the wish to end to the kill; what `DRAIN` leaves is for the process to end."""


class Limits(msgspec.Struct, frozen=True, gc=False):
    """The seconds a process is given: to be silent, to take leave, to be gone."""

    watchdog: float = WATCHDOG
    drain: float = DRAIN
    kill_after: float = KILL_AFTER


class Start(msgspec.Struct, frozen=True, gc=False):
    """Start a process for the subject."""

    subject: str


class Drain(msgspec.Struct, frozen=True, gc=False):
    """Ask the process to take leave within `seconds`; after `kill_after` it will be killed."""

    subject: str
    seconds: float
    kill_after: float


class Kill(msgspec.Struct, frozen=True, gc=False):
    """End the process now; "" is no fault of it, it was asked to end and its time is over."""

    subject: str
    reason: str


class Fail(msgspec.Struct, frozen=True, gc=False):
    """Give up on the subject, and show the reason."""

    subject: str
    reason: str


class Forget(msgspec.Struct, frozen=True, gc=False):
    """Nothing should run and nothing does: former failures no longer count."""

    subject: str


Effect = Start | Drain | Kill | Fail | Forget

DEFAULT_LIMITS: Final = Limits()


def reconcile(
    desired: Mapping[str, Desired],
    observed: Mapping[str, Process],
    now: float,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Effect]:
    """Say what to do now, in the order of the subjects. A subject that nobody wishes is wished down.

    "moving" is down here: another node, or this one later, takes the planning once it has ended.
    """
    effects: list[Effect] = []
    for subject in sorted(desired.keys() | observed.keys()):
        process = observed.get(subject)
        if desired.get(subject) == "up":
            effect = _keep_up(subject, process, now, limits)
        else:
            effect = _keep_down(subject, process, now, limits)
        if effect is not None:
            effects.append(effect)
    return effects


def next_look(observed: Mapping[str, Process], limits: Limits = DEFAULT_LIMITS) -> float:
    """Return the first instant at which time alone may call for something new; infinity when none."""
    return min((_next_look(process, limits) for process in observed.values()), default=NEVER)


def _keep_up(subject: str, process: Process | None, now: float, limits: Limits) -> Effect | None:
    if process is None:
        return Start(subject)
    if process.is_alive:
        return _maybe_kill(subject, process, now, limits)
    if process.state == "failed":
        return None
    if process.gives_up:
        return Fail(subject, process.reason)
    return Start(subject) if now >= process.start_at else None


def _keep_down(subject: str, process: Process | None, now: float, limits: Limits) -> Effect | None:
    if process is None:
        return None
    if not process.is_alive:
        return Forget(subject)
    if process.asked or process.killed:
        return _maybe_kill(subject, process, now, limits)
    return Drain(subject, limits.drain, limits.kill_after)


def _maybe_kill(subject: str, process: Process, now: float, limits: Limits) -> Effect | None:
    if process.killed:
        return None
    if now >= process.kill_at:
        return Kill(subject, "" if process.asked else "did not end though it said it would")
    if not process.asked and now >= process.heard_at + limits.watchdog:
        return Kill(subject, f"gave no sign of life for {limits.watchdog:g} s")
    return None


def _next_look(process: Process, limits: Limits) -> float:
    if process.is_alive:
        return NEVER if process.killed else min(process.kill_at, process.heard_at + limits.watchdog)
    return NEVER if process.state == "failed" else process.start_at
