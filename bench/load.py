"""A crowd of TLS clients in a process of its own: bench/load.c, driven line by line. Knows no message."""

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from bench import machine
from bench.build import build
from bench.wire import Client, written


class Door(msgspec.Struct, frozen=True):
    """Where clients connect, and as who: PEM files of the client's chain and key, and of whom it trusts."""

    port: int
    server_name: str
    alpn: str
    chain: Path
    key: Path
    root: Path


class Ran(msgspec.Struct, frozen=True):
    """What a closed loop gave: answers a second, latencies in microseconds, answers in all."""

    rate: float
    p50_us: float
    p99_us: float
    answers: int


class Fanned(msgspec.Struct, frozen=True):
    """Microseconds from a publication until the last of the receivers has it, median."""

    last_us: float
    receivers: int


class Told(msgspec.Struct, frozen=True):
    """Transactions that the connections which read were told: the fewest that one of them was, and the most."""

    least: int
    most: int


class Stormed(msgspec.Struct, frozen=True):
    """Handshakes that ended well, and that did not."""

    done: int
    failed: int


class Connected(msgspec.Struct, frozen=True):
    """How many connections there are, or were made, in how many seconds."""

    count: int
    seconds: float = 0.0


class Crowd:
    """Clients of one server. Use it as a context: they leave together."""

    def __init__(self, door: Door, protocol: str = "frames") -> None:
        command = [str(build("load")), protocol, str(door.port), door.server_name, door.alpn]
        command += [str(path) for path in (door.chain, door.key, door.root)]
        self._process: Final = subprocess.Popen(
            machine.on_core(machine.CLIENT_CORE, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        """Nothing to do: the process runs."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        with self._process:
            self._process.kill()

    def connect(self, clients: Iterable[Client]) -> Connected:
        """Add connections, each greeted."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(written(clients))
            file.flush()
            return msgspec.json.decode(self._command(f"connect {file.name}"), type=Connected)

    def run(self, seconds: float, count: int) -> Ran:
        """Have the first clients ask in a closed loop."""
        return msgspec.json.decode(self._command(f"run {seconds} {count}"), type=Ran)

    def fan(self, messages: int) -> Fanned:
        """Have the last client publish, and all others receive."""
        return msgspec.json.decode(self._command(f"fan {messages}"), type=Fanned)

    def shake(self, count: int, client: Client) -> Connected:
        """Open and close connections one after the other, up to the end of the greetings."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(written([client]))
            file.flush()
            return msgspec.json.decode(self._command(f"shake {count} {file.name}"), type=Connected)

    def pulse(self, seconds: float, pause: float) -> Ran:
        """Have every client ask once in `pause` seconds, as somebody does who is at work."""
        return msgspec.json.decode(self._command(f"pulse {seconds} {round(pause * 1e6)}"), type=Ran)

    def deaf(self, count: int) -> Connected:
        """Have the first `count` clients read nothing more; answers how many still do."""
        return msgspec.json.decode(self._command(f"deaf {count}"), type=Connected)

    def told(self) -> Told:
        """What those who read were told since the last `deaf`."""
        return msgspec.json.decode(self._command("told"), type=Told)

    def storm(self, seconds: float) -> Stormed:
        """Make handshakes one after the other, and hang up after each."""
        return msgspec.json.decode(self._command(f"storm {seconds}"), type=Stormed)

    def leave(self, count: int) -> Connected:
        """Close the last `count` connections; answers how many are left."""
        return msgspec.json.decode(self._command(f"leave {count}"), type=Connected)

    def _command(self, line: str) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer: bytes = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"the load generator ended at: {line}")
        return answer
