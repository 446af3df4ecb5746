"""Who is here and who holds what, told to those who asked. Knows no timetable."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import msgspec

from hpserver.base.registry import kind_of
from hpserver.errors import TooManyRequestsError
from hpserver.planning.effects import Broadcast, Effect, Send, WakeAt
from hpserver.planning.feed import Feed
from hpserver.planning.session import MAX_HOLDS, Session
from hpserver.protocol import messages as m

MAX_PRESENCE_BYTES: Final = 900 << 10
"""Bytes of those present in one answer: with its envelope it still fits a frame."""

EARLY_SECONDS: Final = 0.01
"""A clock may ring this much before the moment asked for: loops round to milliseconds."""

NEVER: Final = float("inf")

Audience: TypeAlias = tuple[Feed, tuple[int, ...]]

_encode: Final = msgspec.msgpack.Encoder().encode


class Presence:
    """The sessions inside a planning, and the objects they hold: the first who takes one holds it."""

    def __init__(self) -> None:
        self.sessions: dict[int, Session] = {}
        self._holders: dict[tuple[str, int], int] = {}
        self._audiences: tuple[Audience, ...] | None = ()
        self._next_end = NEVER
        """When to look which leases ended: before all of them, and asked for with `WakeAt`."""

    def came(self, session: Session) -> list[Effect]:
        """Somebody entered."""
        self.sessions[session.number] = session
        return self._tell(session, m.Came)

    def left(self, number: int) -> list[Effect]:
        """Somebody is gone; what was held is free. Empty when the session never entered."""
        session = self.sessions.pop(number, None)
        if session is None:
            return []
        self.unfollow(session)
        for held in session.holds:
            del self._holders[held]
        return self._tell(session, lambda _: m.Left(number))

    def look(self, session: Session, request: m.GetPresence) -> list[Effect]:
        """Everybody, and from now on every change. Of a crowd, those who came first: as many as fit an answer."""
        session.watching = True
        return [Send(session.number, m.Presence(request.id, tuple(self._fitting(session))))]

    def hold(self, session: Session, request: m.Hold, now: float) -> list[Effect]:
        """Take an object, unless somebody has it; asked for again, it is held for as long from now on.

        Raises InvalidChangeError for a kind that does not exist, TooManyRequestsError above `MAX_HOLDS`.
        """
        wanted = (kind_of(request.kind).name, request.key)
        effects = self.expire(now)
        holder = self._holders.get(wanted, session.number)
        effects.append(Send(session.number, m.Held(request.id, holder)))
        if holder != session.number:
            return effects
        is_new = wanted not in session.holds
        if is_new and len(session.holds) >= MAX_HOLDS:
            raise TooManyRequestsError(f"a session holds at most {MAX_HOLDS} objects", limit=MAX_HOLDS)
        self._holders[wanted] = session.number
        end = session.holds[wanted] = now + request.seconds if request.seconds else NEVER
        if is_new:
            effects += self._tell_holds(session)
        return effects + self._wake(end)

    def expire(self, now: float) -> list[Effect]:
        """Free what was held until now, and tell it: to those who watch, who held it too."""
        if now + EARLY_SECONDS < self._next_end:
            return []
        self._next_end, effects = NEVER, list[Effect]()
        for session in self.sessions.values():
            ended = [held for held, end in session.holds.items() if end <= now + EARLY_SECONDS]
            for held in ended:
                del session.holds[held], self._holders[held]
            if ended:
                effects += self._tell_holds(session)
                if session.watching:
                    effects.append(Send(session.number, m.HoldsChanged(session.number, tuple(session.holds))))
        ends = (end for session in self.sessions.values() for end in session.holds.values())
        return effects + self._wake(min(ends, default=NEVER))

    def release(self, session: Session, request: m.Release) -> list[Effect]:
        """Let an object go; nothing happens when it was not held."""
        held = (request.kind, request.key)
        effects: list[Effect] = [Send(session.number, m.Released(request.id))]
        if held in session.holds:
            del session.holds[held], self._holders[held]
            effects += self._tell_holds(session)
        return effects

    def follow(self, session: Session) -> None:
        """Push Deltas to it from now on."""
        session.following, session.behind = True, False
        self._audiences = None

    def unfollow(self, session: Session) -> None:
        """Push no more Deltas to it."""
        if session.following:
            session.following, self._audiences = False, None

    def audiences(self) -> tuple[Audience, ...]:
        """The sessions that Deltas are pushed to, by feed, kept from one edit to the next: a crowd takes 0.1 ms."""
        if self._audiences is None:
            found: dict[Feed, list[int]] = {}
            for session in self.sessions.values():
                if session.following:
                    found.setdefault(session.feed, []).append(session.number)
            self._audiences = tuple((feed, tuple(numbers)) for feed, numbers in found.items())
        return self._audiences

    def of(self, *, user: int, thumbprint: bytes, but: bytes = b"") -> Iterator[Session]:
        """The sessions of a user (when not 0) or of a certificate (when not empty), but not on the device `but`."""
        for session in self.sessions.values():
            if but and session.thumbprint == but:
                continue
            if (user and session.user == user) or (thumbprint and session.thumbprint == thumbprint):
                yield session

    def _fitting(self, watcher: Session) -> Iterator[m.Present]:
        left = MAX_PRESENCE_BYTES
        for session in self.sessions.values():
            present = _seen(session.present(), watcher.feed)
            left -= len(_encode(present))
            if left < 0:
                return
            yield present

    def _wake(self, moment: float) -> list[Effect]:
        if moment >= self._next_end:
            return []
        self._next_end = moment
        return [WakeAt(moment)]

    def _tell_holds(self, session: Session) -> list[Effect]:
        return self._tell(session, lambda present: m.HoldsChanged(session.number, present.holds))

    def _tell(self, about: Session, message: Callable[[m.Present], m.Message]) -> list[Effect]:
        """Say it to those who watch: one message for each feed, as each sees what is held."""
        watching: dict[Feed, list[int]] = {}
        for session in self.sessions.values():
            if session.watching and session is not about:
                watching.setdefault(session.feed, []).append(session.number)
        present = about.present()
        return [Broadcast(tuple(those), message(_seen(present, feed))) for feed, those in watching.items()]


def _seen(present: m.Present, feed: Feed) -> m.Present:
    """Somebody, with what they hold of what is seen."""
    if not feed.digest or not present.holds:
        return present
    holds = tuple(held for held in present.holds if feed.planning.maybe_get(*held) is not None)
    return msgspec.structs.replace(present, holds=holds)
