"""Messages about who is in the planning and what they work on. Knows no right and no base."""

import msgspec

from hpserver.protocol.catalogue.fields import Answer, Message, Request


class Present(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody in the planning.

    Attributes:
        session: number of the session.
        user: login.
        name: the name people see.
        profile: the user's profile here.
        holds: the objects held, each `[kind, key]`.
    """

    session: int
    user: str
    name: str
    profile: str
    holds: tuple[tuple[str, int], ...]


class GetPresence(Request, frozen=True, tag=72):
    """Client: who is here? From then on Came, Left and HoldsChanged are pushed. Answered by Presence or Failed."""


class Presence(Answer, frozen=True, tag=73):
    """Server: everybody who is here.

    Attributes:
        present: this session among them. Of a crowd too large for a frame, those who came first.
    """

    present: tuple[Present, ...]


class Came(Message, frozen=True, tag=74):
    """Server, push: somebody entered.

    Attributes:
        present: who.
    """

    present: Present


class Left(Message, frozen=True, tag=75):
    """Server, push: somebody left; what they held is free.

    Attributes:
        session: number of the session.
    """

    session: int


class HoldsChanged(Message, frozen=True, tag=76):
    """Server, push: somebody took or gave back objects.

    Attributes:
        session: number of the session.
        holds: all it holds now, each `[kind, key]`.
    """

    session: int
    holds: tuple[tuple[str, int], ...]
