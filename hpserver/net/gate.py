"""Who may open one more connection, or try once more. It decides from numbers; it knows no socket, clock or chance.

What is counted as a fault is only an *unauthenticated outcome*: a handshake that failed or a conversation that ended
before a valid login. A thousand clients of one address that connect and log in at once, behind a school's NAT or in a
benchmark, never meet the rate or the penalties. A source from which somebody has logged in is not refused for its
faults any more: one forgotten laptop must not close the door of a school; `UNFINISHED_PER_SOURCE` still holds there.
For the same reason, what a peer does whose certificate was checked is that certificate's fault, not its address's:
certificates are remembered by name, as sources are.
"""

import enum
import ipaddress
from typing import Final

from hpserver.errors import LocalProtocolError

UNFINISHED_PER_SOURCE: Final = 50
"""Handshakes of one source under way (sshd MaxStartups)."""

UNFINISHED: Final = 512
"""Handshakes under way in all."""

EARLY_DROP_FROM: Final = 256
"""Handshakes under way from which some are refused at random, all of them at `UNFINISHED` (sshd MaxStartups)."""

FAULTS_PER_SECOND: Final = 20 / 60
"""Faults a source is forgiven over time: 20 a minute (Teleport)."""

FAULTS_BURST: Final = 40
"""Faults a source may make at once (Teleport)."""

PENALTY_BAD_CREDENTIALS: Final = 5.0
"""Seconds for a login that was refused (OpenSSH PerSourcePenalties)."""

PENALTY_NO_LOGIN: Final = 1.0
"""Seconds for a connection that never logged in (OpenSSH)."""

PENALTY_PROTOCOL: Final = 10.0
"""Seconds for breaking the rules of TLS or of the conversation (OpenSSH)."""

PENALTY_CRASH: Final = 90.0
"""Seconds for bringing a fault of ours to light (OpenSSH): whoever did it once can do it again."""

PENALTY_ACTIVE_FROM: Final = 15.0
"""Seconds a source must have gathered before they count (OpenSSH)."""

PENALTY_MOST: Final = 600.0
"""Seconds a source can gather (OpenSSH)."""

LOOPBACK: Final = frozenset({"127.0.0.1", "::/64", "local"})
"""The machine itself: our own processes, tests, benchmarks, or a proxy that speaks for many."""

MAX_SOURCES: Final = 65_536
"""Sources remembered: 10 MB at most. Beyond, those with nothing open are forgotten, oldest first."""


class Refusal(enum.StrEnum):
    """Why a connection is closed before a byte is read."""

    FULL = "full"
    SOURCE_UNFINISHED = "source_unfinished"
    UNFINISHED = "unfinished"
    EARLY_DROP = "early_drop"
    RATE = "rate"
    PENALTY = "penalty"


class _Source:
    __slots__ = ("active", "faults", "faults_at", "opened", "trusted", "unfinished", "until")

    def __init__(self) -> None:
        self.unfinished = self.opened = 0
        self.faults = self.faults_at = self.until = 0.0
        self.active = self.trusted = False

    def faults_left(self, now: float) -> float:
        """Return the faults not forgiven yet."""
        return max(0.0, self.faults - (now - self.faults_at) * FAULTS_PER_SECOND)

    def rate_wait(self, now: float) -> float:
        """Return the seconds until one more fault may be made."""
        return max(0.0, self.faults_left(now) - (FAULTS_BURST - 1)) / FAULTS_PER_SECOND

    def penalty_wait(self, now: float) -> float:
        """Return the seconds of penalty that are left, when they count."""
        return max(0.0, self.until - now) if self.active else 0.0

    def is_idle(self, now: float) -> bool:
        """Say whether forgetting this source changes nothing."""
        return not (self.unfinished or self.opened or self.trusted) and self.until <= now and not self.faults_left(now)


class Gate:
    """The admission of one process. Every `admit` that returned None is followed by one `closed`.

    `most` is the number of connections allowed in all: 80 % of RLIMIT_NOFILE. Sources in `spared` are trusted not to
    attack us: their faults are not counted, and a crowd of theirs waits (`has_crowd`) where others are refused.
    """

    def __init__(self, most: int, spared: frozenset[str] = LOOPBACK) -> None:
        self._most, self._spared = most, spared
        self._spared_unfinished = 0
        self._sources: dict[str, _Source] = {}
        self.opened = 0
        self.unfinished = 0
        self.refused: dict[Refusal, int] = dict.fromkeys(Refusal, 0)

    @property
    def has_crowd(self) -> bool:
        """Whether the spared sources have enough handshakes under way: what comes next had better wait unaccepted."""
        return self._spared_unfinished >= UNFINISHED_PER_SOURCE

    def admit(self, source: str, now: float, draw: float) -> Refusal | None:
        """Return why `source` may not connect, or None and count its connection as open and unfinished.

        `now` is in seconds of a monotonic clock, `draw` in [0, 1).
        """
        refusal = self._full() or (None if source in self._spared else self._judge(source, now, draw))
        if refusal is not None:
            self.refused[refusal] += 1
            return refusal
        known = self._remember(source, now)
        known.opened += 1
        self.opened += 1
        self._began(source, known, 1)
        return None

    def finished(self, source: str) -> None:
        """Know that a handshake of this source ended well."""
        self._began(source, self._known(source), -1)

    def logged_in(self, source: str) -> None:
        """Know that a finished connection of this source carries a valid login."""
        self._known(source).trusted = True

    def closed(self, source: str, *, finished: bool) -> None:
        """Know that a connection of this source is closed, and whether `finished` was said of it."""
        known = self._known(source)
        known.opened -= 1
        self.opened -= 1
        if not finished:
            self._began(source, known, -1)

    def penalize(self, source: str, seconds: float, now: float) -> None:
        """Count one fault of this source or certificate, and `seconds` of penalty."""
        if source in self._spared:
            return
        known = self._remember(source, now)
        known.faults, known.faults_at = min(known.faults_left(now) + 1, FAULTS_BURST), now
        if known.until <= now:
            known.until, known.active = now, False
        known.until = min(known.until + seconds, now + PENALTY_MOST)
        known.active = known.active or known.until - now >= PENALTY_ACTIVE_FROM

    def rate_wait(self, name: str, now: float) -> float:
        """Return the seconds until a source, or a certificate, may make one more fault; 0.0 for now."""
        known = self._sources.get(name)
        return known.rate_wait(now) if known is not None else 0.0

    def penalty_wait(self, name: str, now: float) -> float:
        """Return the seconds of penalty left to a source or a certificate, when there are enough to count."""
        known = self._sources.get(name)
        return known.penalty_wait(now) if known is not None else 0.0

    def faults_left(self, name: str, now: float) -> float:
        """Return the faults of a source or a certificate that are not forgiven yet."""
        known = self._sources.get(name)
        return known.faults_left(now) if known is not None else 0.0

    def is_spared(self, source: str) -> bool:
        """Whether the faults of this source are not counted."""
        return source in self._spared

    def _began(self, source: str, known: _Source, count: int) -> None:
        known.unfinished += count
        self.unfinished += count
        if source in self._spared:
            self._spared_unfinished += count

    def _full(self) -> Refusal | None:
        if self.opened >= self._most:
            return Refusal.FULL
        return Refusal.UNFINISHED if self.unfinished >= UNFINISHED else None

    def _judge(self, source: str, now: float, draw: float) -> Refusal | None:
        known = self._sources.get(source)
        if known is not None:
            if known.unfinished >= UNFINISHED_PER_SOURCE:
                return Refusal.SOURCE_UNFINISHED
            if not known.trusted and known.penalty_wait(now):
                return Refusal.PENALTY
            if not known.trusted and known.rate_wait(now):
                return Refusal.RATE
        over = self.unfinished - EARLY_DROP_FROM
        return Refusal.EARLY_DROP if over >= 0 and draw < (over + 1) / (UNFINISHED - EARLY_DROP_FROM) else None

    def _remember(self, source: str, now: float) -> _Source:
        known = self._sources.get(source)
        if known is None:
            if len(self._sources) >= MAX_SOURCES:
                self._forget(now)
            known = self._sources[source] = _Source()
        return known

    def _known(self, source: str) -> _Source:
        try:
            return self._sources[source]
        except KeyError:
            raise LocalProtocolError("A connection was counted out that was never counted in.", source=source) from None

    def _forget(self, now: float) -> None:
        idle = [name for name, known in self._sources.items() if known.is_idle(now)]
        if not idle:
            closed = (name for name, known in self._sources.items() if not known.opened)
            idle = [name for name, _ in zip(closed, range(MAX_SOURCES // 16), strict=False)]
        for name in idle:
            del self._sources[name]


def source_of(address: str) -> str:
    """Return what counts as one source: an IPv4 address, the /64 of an IPv6 one, anything else as it is."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))
