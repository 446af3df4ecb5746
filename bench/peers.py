"""The servers we are compared with: each a process on the servers' core, with the same certificates."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench import machine, wire
from bench.build import build
from bench.house import ROOT, House
from bench.load import Crowd, Door
from bench.websockets_hub import PUBLISH

PATIENCE: Final = 10.0
PAYLOAD: Final = 300
"""Bytes published, about what a Delta of one edit takes."""

NATS: Final = """
listen: 127.0.0.1:{port}
tls {{ cert_file: "{chain}", key_file: "{key}", ca_file: "{trusted}", verify: true, timeout: 10 }}
"""

UPGRADE: Final = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Peer:
    """A running peer: its process, its door, and what one of its listeners and its publisher say."""

    def __init__(self, pid: int, door: Door, protocol: str, listener: wire.Client, publisher: wire.Client) -> None:
        self.pid, self.door, self.protocol = pid, door, protocol
        self.listener, self.publisher = listener, publisher

    def crowd(self) -> Crowd:
        """Return clients for it."""
        return Crowd(self.door, self.protocol)

    def fan_crowd(self, receivers: int) -> Crowd:
        """Return its listeners, connected, and its publisher."""
        crowd = self.crowd()
        crowd.connect([*[self.listener] * receivers, self.publisher])
        return crowd


NOBODY: Final = wire.Client()
ONCE: Final = wire.Client(greetings=((bytes(200), b""),))
"""Says something once and is answered."""


@contextmanager
def uvloop_echo(house: House, reply: int) -> Iterator[Peer]:
    """What uvloop's TLS allows: an answer of `reply` bytes to each read."""
    port = free_port()
    command = [sys.executable, "-m", "bench.uvloop_echo", str(port), *map(str, house.server_files), str(reply)]
    with running(command, port) as pid:
        yield Peer(pid, house.door(port), "frames", NOBODY, NOBODY)


@contextmanager
def limit(house: House, reply: int, kept: Path | None = None) -> Iterator[Peer]:
    """What OpenSSL allows, in C: answers of `reply` bytes, or with 0 a fan-out, of what is synced to `kept` first."""
    port = free_port()
    joiner = wire.Client(greetings=((framed(b"J"), b""),))
    publisher = wire.Client(request=framed(bytes(PAYLOAD)))
    command = [
        str(build("limit")),
        str(port),
        *map(str, house.server_files),
        str(reply),
        *([str(kept)] if kept else []),
    ]
    with running(command, port) as pid:
        yield Peer(pid, house.door(port, alpn=""), "frames", joiner, publisher)


@contextmanager
def websockets(house: House) -> Iterator[Peer]:
    """The `websockets` library and its `broadcast`."""
    port = free_port()
    publication = b"\x82\xfe" + PAYLOAD.to_bytes(2, "big") + bytes(4) + bytes(PAYLOAD)  # binary, masked by zero
    listener, publisher = (
        wire.Client(((UPGRADE.format(path=path).encode(), b"\r\n\r\n"),), request)
        for path, request in (("/", b""), (PUBLISH, publication))
    )
    command = [sys.executable, "-m", "bench.websockets_hub", str(port), *map(str, house.server_files)]
    with running(command, port) as pid:
        yield Peer(pid, house.door(port), "ws", listener, publisher)


@contextmanager
def nats(house: House, folder: Path) -> Iterator[Peer | None]:
    """nats-server; None where it is not installed."""
    if not shutil.which("nats-server"):
        yield None
        return
    port = free_port()
    chain, key, trusted = house.server_files
    config = folder / "nats.conf"
    config.write_text(NATS.format(port=port, chain=chain, key=key, trusted=trusted), encoding="utf-8")
    hello = b'CONNECT {"verbose":false,"pedantic":false,"tls_required":true}\r\n'
    listener = wire.Client(((hello + b"SUB t 1\r\nPING\r\n", b"PONG\r\n"),))
    publication = f"PUB t {PAYLOAD}\r\n".encode() + b"a" * PAYLOAD + b"\r\n"
    publisher = wire.Client(((hello + b"PING\r\n", b"PONG\r\n"),), publication)
    with running(["nats-server", "-c", str(config)], port) as pid:
        yield Peer(pid, house.door(port, alpn=""), "nats", listener, publisher)


@contextmanager
def redis(house: House) -> Iterator[Peer | None]:
    """redis-server; None where it is not installed."""
    if not shutil.which("redis-server"):
        yield None
        return
    port = free_port()
    chain, key, trusted = map(str, house.server_files)
    command = ["redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--tls-cert-file", chain, "--tls-key-file", key, "--tls-ca-cert-file", trusted, "--appendonly", "no"]
    listener = wire.Client(((b"*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nt\r\n", b":1\r\n"),))
    publication = f"*3\r\n$7\r\nPUBLISH\r\n$1\r\nt\r\n${PAYLOAD}\r\n".encode() + b"a" * PAYLOAD + b"\r\n"
    publisher = wire.Client(((b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"),), publication)
    with running(command, port) as pid:
        yield Peer(pid, house.door(port, alpn=""), "redis", listener, publisher)


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[int]:
    """Run a server on the servers' core while the context lasts; its pid."""
    process = subprocess.Popen(
        machine.on_core(machine.SERVER_CORE, list(command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        _wait_port(process, port)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def framed(body: bytes) -> bytes:
    """Return a body with its length in front."""
    return len(body).to_bytes(4, "big") + body


def free_port() -> int:
    """Return a TCP port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def _wait_port(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{process.args!r} does not serve")
