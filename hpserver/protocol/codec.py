"""Messages <-> bytes: the only encoder and the only decoders. Knows the catalogues, no state and no order.

What holds for hostile bytes, whatever they are: a decoder answers with a message or with one of two errors. Types are
checked (no float, NaN, extension or boolean where an integer is asked), texts are UTF-8, every sequence and text of a
client's message has a length limit, bytes after the message are refused. Integers outside their bounds are refused.

A `msgspec.Raw` field (the values of the base) is only walked over: its structure is sound and its nesting is below
Python's recursion limit, but its texts and types are unchecked. Who decodes it does so with the types of the base and
with `guarded`. No message a client may say has a map outside such a field; where a map has a key twice, the last wins.

Never decode on a thread with a stack below 512 KiB: the recursion limit protects a normal stack only (measured: 100 KB
of nested arrays end a process whose thread has 64 KiB).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn, TypeVar, get_args

import msgspec

from hpserver.errors import MalformedMessageError, UnexpectedMessageError, UnknownMessageError
from hpserver.protocol.frames import frame
from hpserver.protocol.internal import AnyInternal, Internal
from hpserver.protocol.messages import FromClient, FromServer, Message

Said = TypeVar("Said")


class _Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The two first fields of any message; the rest is walked over."""

    tag: int
    id: msgspec.Raw = msgspec.Raw(b"\xc0")


UNDECODABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError, MemoryError)
"""All that msgspec raises on hostile bytes; UnicodeDecodeError is a ValueError and no MsgspecError."""

MAX_ID: Final = 2**53 - 1

encode_body: Final[Callable[[Message], bytes]] = msgspec.msgpack.Encoder().encode
"""Return the body of a message, without its length."""

encode_internal: Final[Callable[[Internal], bytes]] = msgspec.msgpack.Encoder().encode
"""Return a message between our processes as one packet."""

# mypy reads a union given as a value as `Any`: the annotation says what comes out.
_from_client: Final[msgspec.msgpack.Decoder[FromClient]] = msgspec.msgpack.Decoder(FromClient)
_from_server: Final[msgspec.msgpack.Decoder[FromServer]] = msgspec.msgpack.Decoder(FromServer)
_internal: Final[msgspec.msgpack.Decoder[AnyInternal]] = msgspec.msgpack.Decoder(AnyInternal)
_head: Final = msgspec.msgpack.Decoder(_Head)
_integer: Final = msgspec.msgpack.Decoder(int)


def _tags(union: object) -> frozenset[object]:
    return frozenset(kind.__struct_config__.tag for kind in get_args(union))


_CLIENT_TAGS: Final = _tags(FromClient)
_SERVER_TAGS: Final = _tags(FromServer)
_PUBLIC_TAGS: Final = _CLIENT_TAGS | _SERVER_TAGS
_INTERNAL_TAGS: Final = _tags(AnyInternal)


def encode(message: Message) -> bytes:
    """Return a whole frame."""
    return frame(encode_body(message))


def decode_from_client(body: bytes) -> FromClient:
    """Return what a client said.

    Raises:
        MalformedMessageError: it is not a message of the catalogue.
        UnexpectedMessageError: it is a message that only a server says.
        UnknownMessageError: it is sound, with a tag this version does not know; its `id` is 0 without a request id.
    """
    try:
        return _from_client.decode(body)
    except UNDECODABLE as error:
        _explain(body, error, _CLIENT_TAGS, _PUBLIC_TAGS)


def decode_from_server(body: bytes) -> FromServer:
    """Return what a server said. Raises as `decode_from_client` does."""
    try:
        return _from_server.decode(body)
    except UNDECODABLE as error:
        _explain(body, error, _SERVER_TAGS, _PUBLIC_TAGS)


def decode_internal(packet: bytes) -> AnyInternal:
    """Return what another of our processes said. Raises MalformedMessageError or UnknownMessageError."""
    try:
        return _internal.decode(packet)
    except UNDECODABLE as error:
        _explain(packet, error, _INTERNAL_TAGS, _INTERNAL_TAGS)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever msgspec raises on hostile bytes into MalformedMessageError: for decoders of `Raw` fields."""
    try:
        yield
    except UNDECODABLE as error:
        raise MalformedMessageError(_why(error)) from None


def _explain(body: bytes, error: Exception, here: frozenset[object], known: frozenset[object]) -> NoReturn:
    """Raise the error that says best why `body` is not a message."""
    try:
        head = _head.decode(body)
    except UNDECODABLE:
        raise MalformedMessageError(_why(error)) from None
    if head.tag in here:
        raise MalformedMessageError(f"{_why(error)} in message {head.tag}", tag=head.tag) from None
    if head.tag in known:
        raise UnexpectedMessageError(f"message {head.tag} is for the other side to say", tag=head.tag) from None
    raise UnknownMessageError(f"no message has tag {head.tag}", id=_maybe_id(head.id)) from None


def _maybe_id(raw: msgspec.Raw) -> int:
    """Return the request id in `raw`, 0 when it is none."""
    try:
        value = _integer.decode(raw)
    except UNDECODABLE:
        return 0
    return value if 0 < value <= MAX_ID else 0


def _why(error: Exception) -> str:
    # A UnicodeDecodeError's text quotes the peer's bytes: say what, never repeat them.
    return str(error) if isinstance(error, msgspec.MsgspecError) else type(error).__name__
