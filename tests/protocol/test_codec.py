"""The only door between bytes and messages: sound in, sound out, and two errors for all the rest."""

import sys
import tracemalloc
from collections.abc import Callable

import msgspec
import pytest

from hpserver.errors import HPError, MalformedMessageError, UnexpectedMessageError, UnknownMessageError
from hpserver.protocol import codec
from hpserver.protocol.internal import Internal
from hpserver.protocol.messages import Message
from tests.protocol.samples import CLIENT, INTERNAL, OPERATION, SERVER

pack = msgspec.msgpack.encode
NAN = b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"
TRANSACT = b"\x96\x39\x01\x00\xc4\x10" + OPERATION + b"\x05"
"""The head of a Transact, up to its changes."""

HOSTILE = {
    "nothing": b"",
    "no_array": b"\x81\x03\x01",
    "empty_array": b"\x90",
    "truncated": b"\x92\x03",
    "bytes_after": b"\x92\x03\x01\x00",
    "tag_as_text": b"\x92\xa1a\x01",
    "nan": b"\x92\x03" + NAN,
    "float": b"\x92\x03\xcb\x3f\xf0" + bytes(6),
    "boolean": b"\x92\x03\xc3",
    "negative": b"\x92\x03\xff",
    "huge_integer": b"\x92\x03\xcf" + b"\xff" * 8,
    "extension": b"\x92\x03\xd4\x01\x01",
    "timestamp": b"\x92\x03\xd6\xff\x00\x00\x00\x00",
    "bad_utf8": b"\x95\x01\x91\x01\x90\xa2\xff\xfe\xa2fr",
    "surrogate": b"\x95\x01\x91\x01\x90\xa3\xed\xa0\x80\xa2fr",
    "duplicate_keys": b"\x92\x03\x82\xa1a\x01\xa1a\x02",
    "long_text": pack([22, 1, 0, "x" * 201, "secret"]),
    "long_password": pack([22, 1, 0, "durand", "x" * 1025]),
    "short_ticket": pack([50, 1, 0, "EDT", bytes(31), 0, 0]),
    "no_version": pack([1, [], [], "c", "fr"]),
    "many_keys": pack([64, 1, 0, "room", list(range(1001))]),
    "array_of_4g": b"\x95\x40\x01\x00\xa1a\xdd\xff\xff\xff\xff",
    "array_of_4g_outside": b"\xdd\xff\xff\xff\xff\x03\x01",
    "text_of_4g": b"\x95\x01\x91\x01\x90\xdb\xff\xff\xff\xff",
    "bytes_of_4g": b"\x96\x14\x01\x00\xc6\xff\xff\xff\xff",
    "map_of_4g_in_values": TRANSACT + b"\xdf\xff\xff\xff\xff",
    "reserved_byte_in_values": TRANSACT + b"\xc1",
    "deep_values": TRANSACT + b"\x91" * 4000,
    "deep_maps_in_values": TRANSACT + b"\x81\x01" * 2000,
    "deep_unknown_field": b"\x93\x03\x01" + b"\x91" * 4000,
    "deep_unknown_message": b"\x92\x7e" + b"\x91" * 4000,
    "deep_all": b"\x91" * 4096,
}


@pytest.mark.parametrize("message", CLIENT, ids=lambda m: type(m).__name__)
def test_what_a_client_says_is_read_as_it_was_written(message: Message) -> None:
    """No field changes on the way to the server."""
    assert codec.decode_from_client(codec.encode_body(message)) == message


@pytest.mark.parametrize("message", SERVER, ids=lambda m: type(m).__name__)
def test_what_a_server_says_is_read_as_it_was_written(message: Message) -> None:
    """No field changes on the way to the client."""
    assert codec.decode_from_server(codec.encode_body(message)) == message


@pytest.mark.parametrize("message", INTERNAL, ids=lambda m: type(m).__name__)
def test_what_our_processes_say_is_read_as_it_was_written(message: Internal) -> None:
    """No field changes between two processes."""
    assert codec.decode_internal(codec.encode_internal(message)) == message


@pytest.mark.parametrize("decode", [codec.decode_from_client, codec.decode_from_server, codec.decode_internal])
@pytest.mark.parametrize("name", HOSTILE)
def test_p02_hostile_bodies_are_refused_by_one_of_the_documented_errors(
    decode: Callable[[bytes], object], name: str
) -> None:
    """No body brings anything else out of a decoder than a message or a protocol error."""
    with pytest.raises((MalformedMessageError, UnexpectedMessageError, UnknownMessageError)):
        decode(HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
def test_p02_hostile_bodies_reserve_no_memory(name: str) -> None:
    """A body of a few bytes cannot announce what it does not bring: at most 64 KiB are taken for any of them."""
    body = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(HPError):
            codec.decode_from_client(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 << 10


def test_p02_refusing_a_thousand_times_leaves_nothing_behind() -> None:
    """Memory after a thousand hostile bodies of each kind is what it was."""

    def refuse_all() -> None:
        for body in HOSTILE.values():
            with pytest.raises(HPError):
                codec.decode_from_client(body)

    refuse_all()
    tracemalloc.start()
    try:
        refuse_all()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            refuse_all()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 64 << 10


def test_p02_values_nest_no_deeper_than_the_interpreter_allows() -> None:
    """A field of the base is walked over: sound and shallow passes, deep is refused before anybody opens it."""
    body = TRANSACT + b"\x91" * 100 + b"\x01"
    assert codec.decode_from_client(body)
    with pytest.raises(MalformedMessageError):
        codec.decode_from_client(TRANSACT + b"\x91" * sys.getrecursionlimit() + b"\x01")


def test_p02_guarded_covers_all_that_msgspec_raises() -> None:
    """Who opens a field of the base has the same one error to think of."""
    for body in (b"\xff\xff", b"\xa2\xff\xfe", b"\x91" * 4000):
        with pytest.raises(MalformedMessageError), codec.guarded():
            msgspec.msgpack.decode(body, type=list[str])


def test_p02_the_peers_bytes_are_not_repeated_in_the_refusal() -> None:
    """A password in a broken message must not reach a log by way of the error."""
    body = pack([22, 1, 0, "durand", "hunter2"]).replace(b"hunter2", b"hunter\xff")
    with pytest.raises(MalformedMessageError) as refused:
        codec.decode_from_client(body)
    assert "hunter" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_p02_where_a_map_has_a_key_twice_the_last_wins() -> None:
    """Stated in the documentation; a server's details are the only such map."""
    body = b"\x97\x07\x01\x01\xa1e\xc2\xa0\x82\xa1a\x01\xa1a\x02"
    assert codec.decode_from_server(body).details == {"a": 2}  # type: ignore[union-attr] # a Failed by its tag


@pytest.mark.parametrize(
    ("body", "request_id"),
    [
        (pack([126, 41]), 41),
        (pack([126, 2**53 - 1, {"a": [1]}]), 2**53 - 1),
        (pack([2**64 - 1, 41]), 41),
        (pack([-1, 41]), 41),
        (pack([126]), 0),
        (pack([126, 0]), 0),
        (pack([126, -4]), 0),
        (pack([126, 2**53]), 0),
        (pack([126, "41"]), 0),
        (pack([126, True]), 0),
        (b"\x92\x7e" + NAN, 0),
    ],
)
def test_t08_an_unknown_message_is_told_from_a_malformed_one(body: bytes, request_id: int) -> None:
    """A later client gets an answer to what it asked, by its id when there is one."""
    with pytest.raises(UnknownMessageError) as refused:
        codec.decode_from_client(body)
    assert refused.value.details["id"] == request_id


def test_t08_the_other_side_s_messages_are_unexpected_whatever_they_contain() -> None:
    """A client cannot say what only a server says, nor the reverse, nor what our processes say."""
    clients = {type(m).__struct_config__.tag for m in CLIENT} - {3, 4}  # either side says Ping and Pong
    servers = {type(m).__struct_config__.tag for m in SERVER}
    for tag in servers:
        with pytest.raises(UnexpectedMessageError):
            codec.decode_from_client(pack([tag, 1]))
    for tag in clients:
        with pytest.raises(UnexpectedMessageError):
            codec.decode_from_server(pack([tag, 1]))
    for message in INTERNAL:
        with pytest.raises(UnknownMessageError):
            codec.decode_from_client(codec.encode_internal(message))


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_p02_no_float_of_our_processes_is_out_of_bounds(seconds: float) -> None:
    """The one float of the catalogues, the seconds of a Drain, is a number one can wait."""
    with pytest.raises(MalformedMessageError):
        codec.decode_internal(pack([206, seconds]))
