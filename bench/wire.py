"""The files that tell bench/load.c what to say: greetings, requests, where a request changes. Knows no socket."""

from collections.abc import Iterable
from typing import Final

import msgspec

from hpserver.base.changes import encode_changes, update
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode
from hpserver.protocol.limits import OPERATION_BYTES

SEEN: Final = (1 << 40) + 12345
"""A revision that takes 8 bytes on the wire, as any later one is written in its place."""

OPERATION: Final = bytes(range(0xC0, 0xC0 + OPERATION_BYTES))

HELLO: Final = encode(m.Hello((1,), (), "bench"))


class Client(msgspec.Struct, frozen=True):
    """One connection: what it says first, each with the end of its answer, and what it asks again and again.

    `operation`, `seen` and `place` are where the request changes, 0 for nowhere. See bench/load.c.
    """

    greetings: tuple[tuple[bytes, bytes], ...] = ()
    request: bytes = b""
    operation: int = 0
    seen: int = 0
    place: int = 0
    answer_tag: int = 0
    push_tag: int = 0

    def encoded(self) -> bytes:
        """Return it as bench/load.c reads it."""
        texts = [text for greeting in self.greetings for text in greeting]
        numbers = (self.operation, self.seen, self.place, self.answer_tag, self.push_tag)
        parts = [len(text).to_bytes(4, "big") + text for text in (*texts, b"", self.request)]
        return b"".join(parts + [number.to_bytes(4, "big") for number in numbers])


def timetable(kind: str, key: int, week: int) -> Client:
    """Return a client that asks for a timetable."""
    return Client(request=encode(m.GetTimetable(1, 0, kind, key, week)), answer_tag=tag(m.Timetable))


def edit(activity: int, place: int, why: str = "") -> Client:
    """Return a client that moves an activity between `place`, which is even and below 127, and the next one."""
    changes = encode_changes([update("activity", activity, place=place)])
    request = m.Transact(1, 0, OPERATION, SEEN, msgspec.Raw(changes), why=why)
    frame = encode(request)
    return Client(
        request=frame,
        operation=frame.index(OPERATION),
        seen=frame.index(SEEN.to_bytes(8, "big")),
        place=frame.index(b"place") + len(b"place"),
        answer_tag=tag(m.Committed),
        push_tag=tag(m.Delta),
    )


def inside(client: Client, planning: str, ticket: bytes, *, follows: bool = False) -> Client:
    """Return that client with the greetings that let it into a planning at revision 0."""
    said = [HELLO, encode(m.Enter(1, 0, planning, ticket, 0, 0))]
    if follows:
        said.append(encode(m.Follow(1, 0, 0)))
    return msgspec.structs.replace(client, greetings=tuple((one, b"") for one in said))


def signed_in(login: str, password: str) -> Client:
    """Return a client of the controller that signs in, and asks which plannings there are."""
    said = tuple((one, b"") for one in (HELLO, encode(m.Login(1, 0, login, password))))
    return Client(greetings=said, request=encode(m.ListPlannings(2, 0)), answer_tag=tag(m.Plannings))


def follower() -> Client:
    """Return a client that only listens."""
    return Client(answer_tag=tag(m.Following), push_tag=tag(m.Delta))


def written(clients: Iterable[Client]) -> bytes:
    """Return the file of these clients."""
    return b"".join(client.encoded() for client in clients)


def tag(kind: type[m.Message]) -> int:
    """Return the tag of a message on the wire."""
    found = kind.__struct_config__.tag
    assert isinstance(found, int)
    return found
