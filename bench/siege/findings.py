"""What a load showed, and what it had to: bytes and counts are judged, times are told. Knows no load."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

Bound = Literal["at most", "at least", "exactly"]

HEAD: Final = f"{'':4} {'what':62} {'bar':>12} {'found':>10}"
_SIGNS: Final = {"at most": "<=", "at least": ">=", "exactly": "="}


class Size(msgspec.Struct, frozen=True):
    """How large each load is, and how long it lasts. The names are those of the fields of `FULL` and `SMALL`."""

    idle: int
    """Connections that follow a planning and say nothing (L1)."""
    idle_seconds: float
    logins: int
    """Users who sign in at one moment (L4)."""
    silent: int
    """Connections that never say a word (L5)."""
    watchers: int
    slow: int
    """Of the watchers, those who stop reading (L6)."""
    edits: int
    churn: int
    """Clients that come in and leave (L7)."""
    warm: int
    """Of those, so many before memory is looked at."""


FULL: Final = Size(
    idle=10_000, idle_seconds=600, logins=500, silent=10_000, watchers=1_000, slow=200, edits=5_000, churn=50_000,
    warm=5_000,
)  # fmt: skip
SMALL: Final = Size(
    idle=2_000, idle_seconds=32, logins=50, silent=1_000, watchers=100, slow=20, edits=1_000, churn=5_000, warm=1_000
)  # fmt: skip
"""As in the tests; idle for longer than a ping takes to come."""


class Finding(msgspec.Struct, frozen=True):
    """One number. `bar` is None for what is only told; `timed` when another machine would find another number."""

    load: str
    what: str
    found: float
    bar: float | None = None
    bound: Bound = "at most"
    timed: bool = False

    @property
    def holds(self) -> bool:
        """Whether it reaches its bar."""
        if self.bar is None:
            return True
        if self.bound == "exactly":
            return self.found == self.bar
        return self.found <= self.bar if self.bound == "at most" else self.found >= self.bar


def broken(findings: Sequence[Finding]) -> list[Finding]:
    """Return what a test fails for: bars of bytes and counts that were not reached."""
    return [one for one in findings if not one.timed and not one.holds]


def table(findings: Sequence[Finding]) -> str:
    """Return the findings, one line each."""
    return "\n".join([HEAD, *map(_line, findings)])


def _line(one: Finding) -> str:
    bar = "" if one.bar is None else f"{_SIGNS[one.bound]} {one.bar:,.0f}"
    verdict = "" if one.holds else "  ABOVE" if one.bound == "at most" else "  BELOW"
    return f"{one.load:4} {one.what:62} {bar:>12} {one.found:>10,.1f}{verdict}"
