"""More than sixty TLS clients that break the rules, against a real port: rows T01 and T02."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.net.ends import Served, in_thread, serving
from tests.net.hostile_client import (
    CERTIFICATE,
    CERTIFICATE_VERIFY,
    CLIENT_HELLO,
    FINISHED,
    KEY_UPDATE,
    SECONDS,
    Change,
    Hello,
    HostileClient,
    Plan,
    attack,
    message,
    said,
    vector,
)
from tests.pki import Pki

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

HANDSHAKE, ALERT, CHANGE_CIPHER, DATA = 22, 21, 20, 23
SERVER_NAME, GROUPS, SIGNATURES, ALPN, VERSIONS, KEY_SHARE, PSK, EARLY, MODES = 0, 10, 13, 16, 43, 51, 41, 42, 45


def hello(change: Callable[[Hello], Hello]) -> Plan:
    """Change the first message."""
    return Plan({CLIENT_HELLO: lambda raw: said(change(Hello.read(raw)).build())})


def put(**fields: bytes) -> Callable[[Hello], Hello]:
    """Replace fields of the first message."""

    def change(one: Hello) -> Hello:
        for name, value in fields.items():
            setattr(one, name, value)
        return one

    return change


def flip(kind: int, at: int) -> Plan:
    """Flip a bit of a message: `at` counts from its end when it is negative."""

    def change(raw: bytes) -> bytes:
        changed = bytearray(raw)
        changed[at] ^= 1
        return bytes(changed)

    return Plan({kind: lambda raw: said(change(raw))})


def body(kind: int, make: Callable[[bytes], bytes]) -> Plan:
    """Replace what a message holds; its length is right."""
    return Plan({kind: lambda raw: said(message(kind, make(raw[4:])))})


def instead(kind: int, change: Change) -> Plan:
    """Send something else in place of a message."""
    return Plan({kind: change})


def afterwards(do: Callable[[HostileClient], None]) -> Plan:
    """Behave until the handshake is over."""
    return Plan(after=do)


def spoken(*pieces: tuple[int, bytes]) -> Plan:
    """Say something more once the handshake is over, in its protection."""
    return afterwards(lambda client: client.say(*pieces))


def in_the_clear(client: HostileClient) -> None:
    """Say application data with no protection at all."""
    client.raw.sendall(record(DATA, b"hello"))


def record(kind: int, data: bytes, version: bytes = b"\x03\x03", length: int | None = None) -> bytes:
    """Return a record as it is on the wire."""
    return bytes([kind]) + version + (len(data) if length is None else length).to_bytes(2, "big") + data


def certificates(*ders: bytes, context: bytes = b"") -> bytes:
    """Return what a Certificate message holds."""
    return vector(1, context) + vector(3, b"".join(vector(3, der) + vector(2, b"") for der in ders))


def first_of(raw: bytes) -> bytes:
    """Return the first certificate that a Certificate message holds."""
    length = int.from_bytes(raw[4:7], "big")
    return raw[7 : 7 + length]


def shares(*entries: tuple[int, bytes]) -> bytes:
    """Return what a key_share extension holds."""
    return vector(2, b"".join(group.to_bytes(2, "big") + vector(2, key) for group, key in entries))


NO_POINT: Final = b"\x04" + b"\x01" * 64
"""Not on the curve P-256."""

PSK_OF_NOBODY: Final = vector(2, vector(2, b"ticket") + bytes(4)) + vector(2, vector(1, bytes(32)))

X25519, P256 = 0x001D, 0x0017

REFUSED: Final[dict[str, Plan]] = {
    # versions
    "TLS 1.2 alone": Plan(settings={"minVersion": (3, 3), "maxVersion": (3, 3)}),
    "TLS 1.1 alone": Plan(settings={"minVersion": (3, 2), "maxVersion": (3, 2)}),
    "TLS 1.0 alone": Plan(settings={"minVersion": (3, 1), "maxVersion": (3, 1)}),
    "SSL 3 alone": Plan(settings={"minVersion": (3, 0), "maxVersion": (3, 0)}),
    "no list of versions": hello(lambda one: one.without(VERSIONS)),
    "a draft of TLS 1.3": hello(lambda one: one.having(VERSIONS, vector(1, b"\x7f\x1c"))),
    "TLS 1.4": hello(lambda one: one.having(VERSIONS, vector(1, b"\x03\x05"))),
    "an empty list of versions": hello(lambda one: one.having(VERSIONS, vector(1, b""))),
    "half a version": hello(lambda one: one.having(VERSIONS, b"\x01\x03")),
    # the first message
    "no suite": hello(put(suites=b"")),
    "half a suite": hello(put(suites=b"\x13")),
    "suites nobody has": hello(put(suites=b"\xfe\xfe\xfd\xfd")),
    "no compression": hello(put(compression=b"")),
    "compression asked for": hello(put(compression=b"\x01")),
    "a session of 33 bytes": hello(put(session=bytes(33))),
    "bytes after the extensions": hello(put(tail=b"\x00")),
    "a name longer than all": hello(lambda one: one.having(SERVER_NAME, b"\xff\xff")),
    "an extension twice": hello(lambda one: repeated(one, SIGNATURES)),
    "no signatures": hello(lambda one: one.without(SIGNATURES)),
    "an empty list of signatures": hello(lambda one: one.having(SIGNATURES, vector(2, b""))),
    "no groups": hello(lambda one: one.without(GROUPS)),
    "groups nobody has": hello(lambda one: one.having(GROUPS, vector(2, b"\xfe\xfe")).having(KEY_SHARE, shares())),
    "no share of a key": hello(lambda one: one.without(KEY_SHARE)),
    "a short share": hello(lambda one: one.having(KEY_SHARE, shares((X25519, bytes(31))))),
    "a share of zeros": hello(lambda one: one.having(KEY_SHARE, shares((X25519, bytes(32))))),
    "a point off the curve": hello(lambda one: one.having(KEY_SHARE, shares((P256, NO_POINT)))),
    "an empty share": hello(lambda one: one.having(KEY_SHARE, shares((X25519, b"")))),
    "another protocol": hello(lambda one: one.having(ALPN, vector(2, vector(1, b"h2")))),
    "no protocol": hello(lambda one: one.without(ALPN)),
    "an empty protocol": hello(lambda one: one.having(ALPN, vector(2, vector(1, b"")))),
    "a key of before without its modes": hello(lambda one: one.without(MODES).having(PSK, PSK_OF_NOBODY)),
    "a key of before that is not last": hello(lambda one: first(one, PSK, PSK_OF_NOBODY)),
    "a name with a zero": hello(lambda one: one.having(SERVER_NAME, vector(2, b"\x00" + vector(2, b"local\x00host")))),
    "a first message of 64 KiB": hello(lambda one: one.having(0x7777, bytes(60_000))),
    "a first message of nothing": instead(CLIENT_HELLO, lambda _: said(message(CLIENT_HELLO, b""))),
    "a first message that is cut": instead(CLIENT_HELLO, lambda raw: said(raw[:40])),
    "a length of 16 MiB": instead(CLIENT_HELLO, lambda raw: said(b"\x01\xff\xff\xff" + raw[4:])),
    "a last message first": instead(CLIENT_HELLO, lambda _: said(message(FINISHED, bytes(48)))),
    # records
    "an empty record": Plan(first=record(HANDSHAKE, b"")),
    "a record too long": Plan(first=record(HANDSHAKE, bytes(17_000))),
    "a record of no kind": Plan(first=record(99, b"hello")),
    "data before the handshake": Plan(first=record(DATA, b"hello")),
    "a record of SSL 2": Plan(first=b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(37)),
    "a cipher change of 2": Plan(first=record(CHANGE_CIPHER, b"\x02")),
    "an alert of one byte": Plan(first=record(ALERT, b"\x01")),
    "a fatal alert": Plan(first=record(ALERT, b"\x02\x28")),
    # certificates
    "no certificate": body(CERTIFICATE, lambda _: certificates()),
    "a certificate of no bytes": body(CERTIFICATE, lambda _: certificates(b"")),
    "a certificate of noise": body(CERTIFICATE, lambda _: certificates(os.urandom(600))),
    "a certificate that is cut": body(CERTIFICATE, lambda raw: certificates(first_of(raw)[:-1])),
    "a certificate with a flipped bit": body(CERTIFICATE, lambda raw: certificates(_flipped(first_of(raw)))),
    "a context nobody asked for": body(CERTIFICATE, lambda raw: certificates(first_of(raw), context=b"x")),
    "100 KiB of certificates": body(CERTIFICATE, lambda raw: certificates(*[first_of(raw)] * 300)),
    "a list longer than its message": body(CERTIFICATE, lambda raw: raw[:1] + b"\xff\xff\xff" + raw[4:]),
    "no certificate message": instead(CERTIFICATE, lambda _: []),
    # proofs
    "a proof with its first bit flipped": flip(CERTIFICATE_VERIFY, 12),
    "a proof with its last bit flipped": flip(CERTIFICATE_VERIFY, -1),
    "a proof by another algorithm": body(CERTIFICATE_VERIFY, lambda raw: b"\x08\x04" + raw[2:]),
    "a proof by SHA-1": body(CERTIFICATE_VERIFY, lambda raw: b"\x02\x03" + raw[2:]),
    "an empty proof": body(CERTIFICATE_VERIFY, lambda raw: raw[:2] + vector(2, b"")),
    "bytes after the proof": body(CERTIFICATE_VERIFY, lambda raw: raw + b"\x00"),
    "no proof": instead(CERTIFICATE_VERIFY, lambda _: []),
    "the proof twice": instead(CERTIFICATE_VERIFY, lambda raw: said(raw, raw)),
    "an end with a flipped bit": flip(FINISHED, -1),
    "a short end": body(FINISHED, lambda raw: raw[:-1]),
    "a long end": body(FINISHED, lambda raw: raw + b"\x00"),
    "no end": instead(FINISHED, lambda _: [(DATA, b"hello")]),
}
"""What never comes in: no word of it reaches the owner of a connection."""

ENDED: Final[dict[str, Plan]] = {
    "data in the clear": afterwards(in_the_clear),
    "a record that is not of this key": afterwards(lambda client: client.raw.sendall(record(DATA, os.urandom(64)))),
    "a first message again": spoken((HANDSHAKE, message(CLIENT_HELLO, bytes(60)))),
    "a certificate again": spoken((HANDSHAKE, message(CERTIFICATE, certificates(b"x")))),
    "the end again": spoken((HANDSHAKE, message(FINISHED, bytes(48)))),
    "a key update of 2": spoken((HANDSHAKE, message(KEY_UPDATE, b"\x02"))),
    "a key update of nothing": spoken((HANDSHAKE, message(KEY_UPDATE, b""))),
    "a request for a certificate": spoken((HANDSHAKE, message(13, bytes(3)))),
    "a ticket from a client": spoken((HANDSHAKE, message(4, bytes(13)))),
    "a kind of record inside that is none": spoken((99, b"hello")),
    "a cipher change after the handshake": spoken((CHANGE_CIPHER, b"\x01")),
    "a fatal alert": spoken((ALERT, b"\x02\x28")),
}
"""What comes in, and is ended at its first word out of place: none of it reaches the owner."""

SERVED: Final[dict[str, Plan]] = {
    "a good client": Plan(),
    "a record for every few bytes": Plan(record_size=64),
    "another group, asked again": Plan(settings={"keyShares": []}),
    "a suite for each": Plan(settings={"cipherNames": ["chacha20-poly1305"]}),
    "its issuer sent along": body(CERTIFICATE, lambda raw: raw),
    "an empty name": hello(lambda one: one.having(SERVER_NAME, vector(2, b"\x00" + vector(2, b"")))),
    "extensions nobody knows": hello(lambda one: [one.having(0x7000 + number, b"?") for number in range(50)][-1]),
}
"""What is unusual, and right."""


def repeated(one: Hello, kind: int) -> Hello:
    """Say an extension twice."""
    one.extensions.append((kind, one.of(kind)))
    return one


def first(one: Hello, kind: int, data: bytes) -> Hello:
    """Put an extension before all others."""
    one.extensions.insert(0, (kind, data))
    return one


def _flipped(der: bytes) -> bytes:
    return der[:-1] + bytes([der[-1] ^ 1])


def test_there_are_at_least_sixty_of_them() -> None:
    """The figure that is promised."""
    assert len(REFUSED) + len(ENDED) >= 60


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A throw-away PKI."""
    return Pki.create(tmp_path_factory.mktemp("pki"))


async def outcome(served: Served, pki: Pki, plan: Plan) -> str:
    """Return what became of a plan that has a good certificate in hand."""
    device = pki.device()
    leaf = _leaf_alone(device.chain_file)
    return await in_thread(lambda: attack(served.port, plan, leaf, device.key_file))


def _leaf_alone(chain: Path) -> Path:
    leaf = chain.with_suffix(".leaf")
    end = "-----END CERTIFICATE-----\n"
    leaf.write_text(chain.read_text().split(end)[0] + end)
    return leaf


def to_itself(_sock: socket.socket, _name: str, _source: str) -> bool:
    """Route every connection to the listener itself: the name was read before."""
    return False


@pytest.mark.parametrize("name", REFUSED)
async def test_t01_t02_a_client_that_breaks_the_rules_never_comes_in(pki: Pki, name: str) -> None:
    """It gets an alert or an end; nobody hears a word of it, and the next client is served."""
    async with serving(pki.server_context(), route=to_itself, seconds=2.0) as served:
        told = await outcome(served, pki, REFUSED[name])
        assert told != "let in"
        assert not [one for one in served.owners if one.received]
        assert await outcome(served, pki, Plan()) == "let in"


@pytest.mark.parametrize("name", ENDED)
async def test_t01_a_client_that_breaks_the_rules_later_is_ended(pki: Pki, name: str) -> None:
    """What is out of place after the handshake ends the connection, unread."""
    async with serving(pki.server_context(), route=to_itself) as served:
        assert await outcome(served, pki, ENDED[name]) != "let in"
        await served.owners[0].wait("lost")
        assert not served.owners[0].received
        assert await outcome(served, pki, Plan()) == "let in"


@pytest.mark.parametrize("name", SERVED)
async def test_an_unusual_client_that_keeps_the_rules_is_served(pki: Pki, name: str) -> None:
    """The cases above fail for what they do, not for who does it."""
    async with serving(pki.server_context(), route=to_itself) as served:
        assert await outcome(served, pki, SERVED[name]) == "let in"


async def test_t01_a_thousand_key_updates_are_followed_or_ended(pki: Pki) -> None:
    """Never more work than the client has: no memory grows, and the next client is served."""

    def update(client: HostileClient) -> None:
        for _ in range(1000):
            for _ in client.send_keyupdate_request(0):
                pass

    async with serving(pki.server_context(), route=to_itself) as served:
        assert await outcome(served, pki, afterwards(update)) in {"let in", "closed", "alert 10"}
        assert await outcome(served, pki, Plan()) == "let in"


async def test_t01_a_reset_in_the_middle_of_a_record_leaves_nothing(pki: Pki) -> None:
    """After each part of a first message, with a reset in place of an end."""
    hello_of: list[bytes] = []

    def keep(raw: bytes) -> list[tuple[int, bytes]]:
        hello_of.append(raw)
        return []

    async with serving(pki.server_context(), route=to_itself, seconds=1.0) as served:
        await outcome(served, pki, instead(CLIENT_HELLO, keep))
        raw = record(HANDSHAKE, hello_of[0])
        for cut in (1, 4, 5, 6, 43, len(raw) - 1, len(raw)):
            await in_thread(lambda cut=cut: _reset(served.port, raw[:cut]))  # type: ignore[misc]  # its default
        async with asyncio.timeout(SECONDS):
            while served.gate.opened:  # noqa: ASYNC110  a test waits for any condition
                await asyncio.sleep(0.01)
        assert not served.arrivals
        assert await outcome(served, pki, Plan()) == "let in"


def _reset(port: int, data: bytes) -> None:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), SECONDS) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.sendall(data)
