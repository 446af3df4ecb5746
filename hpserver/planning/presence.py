"""Who is here and who holds what, told to those who asked. Knows no timetable."""

from collections.abc import Iterator
from typing import Final

import msgspec

from hpserver.base.registry import kind_of
from hpserver.errors import TooManyRequestsError
from hpserver.planning.effects import Broadcast, Effect, Send
from hpserver.planning.session import MAX_HOLDS, Session
from hpserver.protocol import messages as m

MAX_PRESENCE_BYTES: Final = 900 << 10
"""Bytes of those present in one answer: with its envelope it still fits a frame."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Presence:
    """The sessions inside a planning, and the objects they hold: the first who takes one holds it."""

    def __init__(self) -> None:
        self.sessions: dict[int, Session] = {}
        self._holders: dict[tuple[str, int], int] = {}
        self._followers: tuple[int, ...] | None = ()

    def came(self, session: Session) -> list[Effect]:
        """Somebody entered."""
        self.sessions[session.number] = session
        return self._tell(session.number, m.Came(session.present()))

    def left(self, number: int) -> list[Effect]:
        """Somebody is gone; what was held is free. Empty when the session never entered."""
        session = self.sessions.pop(number, None)
        if session is None:
            return []
        self.unfollow(session)
        for held in session.holds:
            del self._holders[held]
        return self._tell(number, m.Left(number))

    def look(self, session: Session, request: m.GetPresence) -> list[Effect]:
        """Everybody, and from now on every change. Of a crowd, those who came first: as many as fit an answer."""
        session.watching = True
        return [Send(session.number, m.Presence(request.id, tuple(self._fitting())))]

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
        self._followers = None

    def unfollow(self, session: Session) -> None:
        """Push no more Deltas to it."""
        if session.following:
            session.following, self._followers = False, None

    def followers(self) -> tuple[int, ...]:
        """The sessions that Deltas are pushed to, kept from one edit to the next: a crowd takes 0.1 ms to look at."""
        if self._followers is None:
            self._followers = tuple(session.number for session in self.sessions.values() if session.following)
        return self._followers

    def of(self, *, user: int, thumbprint: bytes) -> Iterator[Session]:
        """The sessions of a user (when not 0) or of a certificate (when not empty)."""
        for session in self.sessions.values():
            if (user and session.user == user) or (thumbprint and session.thumbprint == thumbprint):
                yield session

    def _fitting(self) -> Iterator[m.Present]:
        left = MAX_PRESENCE_BYTES
        for session in self.sessions.values():
            present = session.present()
            left -= len(_encode(present))
            if left < 0:
                return
            yield present

    def _tell_holds(self, session: Session) -> list[Effect]:
        return self._tell(session.number, m.HoldsChanged(session.number, tuple(session.holds)))

    def _tell(self, about: int, message: m.Message) -> list[Effect]:
        watching = tuple(s.number for s in self.sessions.values() if s.watching and s.number != about)
        return [Broadcast(watching, message)] if watching else []
