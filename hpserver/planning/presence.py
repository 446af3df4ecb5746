"""Who is here and who holds what, told to those who asked. Knows no timetable."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import msgspec

from hpserver.base.registry import kind_of
from hpserver.errors import TooManyRequestsError
from hpserver.planning.effects import Broadcast, Effect, Send
from hpserver.planning.feed import Feed
from hpserver.planning.session import MAX_HOLDS, Session
from hpserver.protocol import messages as m

MAX_PRESENCE_BYTES: Final = 900 << 10
"""Bytes of those present in one answer: with its envelope it still fits a frame."""

Audience: TypeAlias = tuple[Feed, tuple[int, ...]]

_encode: Final = msgspec.msgpack.Encoder().encode


class Presence:
    """The sessions inside a planning, and the objects they hold: the first who takes one holds it."""

    def __init__(self) -> None:
        self.sessions: dict[int, Session] = {}
        self._holders: dict[tuple[str, int], int] = {}
        self._audiences: tuple[Audience, ...] | None = ()

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

    def hold(self, session: Session, request: m.Hold) -> list[Effect]:
        """Take an object, unless somebody has it.

        Raises InvalidChangeError for a kind that does not exist, TooManyRequestsError above `MAX_HOLDS`.
        """
        wanted = (kind_of(request.kind).name, request.key)
        holder = self._holders.get(wanted)
        if holder is not None:
            return [Send(session.number, m.Held(request.id, holder))]
        if len(session.holds) >= MAX_HOLDS:
            raise TooManyRequestsError(f"a session holds at most {MAX_HOLDS} objects", limit=MAX_HOLDS)
        self._holders[wanted] = session.number
        session.holds[wanted] = None
        return [Send(session.number, m.Held(request.id, session.number)), *self._tell_holds(session)]

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

    def of(self, *, user: int, thumbprint: bytes) -> Iterator[Session]:
        """The sessions of a user (when not 0) or of a certificate (when not empty)."""
        for session in self.sessions.values():
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
