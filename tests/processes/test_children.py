"""Children as the agent holds them: their ports, their channels, and what they may say."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hpserver.children import Children, Task
from hpserver.errors import ConfigurationError
from tests.ports import free_ports
from tests.processes.agents import BY_NAME, PATIENCE
from tests.processes.ps import children as children_of
from tests.processes.ps import fds, wait_gone
from tests.processes.roles import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]


@contextmanager
def house(turn: asyncio.Event) -> Iterator[Children]:
    """Hold children, ready to start; the loop is given to them by the test."""
    found = Children({"planning": BY_NAME}, os.environ | {"PYTHONPATH": str(ROOT)}, turn.set)
    try:
        found.wait_ready()
        yield found
    finally:
        found.close()
        found.close()


def task(name: str, port: int, host: str = "127.0.0.1") -> Task:
    """Return the task of a planning whose name says what it does."""
    return Task(f"planning:{name}", "planning", name, f"hp-{name}", {"planning": name}, host, port)


async def until(turn: asyncio.Event, held: Children, subject: str, state: str) -> None:
    """Wait until a subject is in a state."""
    async with asyncio.timeout(PATIENCE):
        while held.known[subject].state != state:
            turn.clear()
            await turn.wait()


async def test_child_starts_serves_drains_and_is_forgotten() -> None:
    """The life of a child, and nothing of it is left."""
    turn = asyncio.Event()
    loop = asyncio.get_running_loop()
    with house(turn) as held:
        held.attach(loop)
        before = fds(os.getpid())
        subject, port = "planning:serves-1", free_ports()
        held.start(task("serves-1", port), loop.time())
        assert held.alive == [subject]
        await until(turn, held, subject, "live")
        child = held.child(subject)
        assert child is not None
        assert (child.epoch, child.counters) == (7, {"sessions": 0})
        held.drain(subject, 5.0, 10.0, loop.time())
        await until(turn, held, subject, "stopped")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        held.kill(subject, "too late")
        held.drain(subject, 5.0, 10.0, loop.time())
        held.forget(subject)
        assert not held.known
        assert fds(os.getpid()) == before


@pytest.mark.parametrize(
    ("host", "port", "remedy"),
    [("127.0.0.1", 0, "is in use"), ("192.0.2.1", 21200, "listen.host")],
)
async def test_port_that_cannot_be_opened_is_said_with_what_to_do(host: str, port: int, remedy: str) -> None:
    """The operator reads one line and knows."""
    turn = asyncio.Event()
    with house(turn) as held, socket.create_server(("127.0.0.1", 0)) as other:
        held.attach(asyncio.get_running_loop())
        taken = port or other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=remedy) as caught:
            held.start(task("serves-1", taken, host), 0.0)
        assert str(taken) in caught.value.text
        assert not held.known


async def test_new_port_takes_effect_at_the_next_start() -> None:
    """Who moves a planning to another port finds it there, and the old one is free."""
    turn = asyncio.Event()
    loop = asyncio.get_running_loop()
    with house(turn) as held:
        held.attach(loop)
        subject, first, second = "planning:ends-1", free_ports(), free_ports()
        held.start(task("ends-1", first), loop.time())
        await until(turn, held, subject, "stopped")
        held.start(task("ends-1", second), loop.time())
        await until(turn, held, subject, "stopped")
        socket.create_server(("127.0.0.1", first)).close()
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", second))


async def test_children_of_a_dead_zygote_are_ended_before_another_is_started() -> None:
    """There are never two processes for one subject."""
    turn = asyncio.Event()
    loop = asyncio.get_running_loop()
    with house(turn) as held:
        held.attach(loop)
        held.start(task("hangs-1", free_ports()), loop.time())
        await until(turn, held, "planning:hangs-1", "live")
        child = held.child("planning:hangs-1")
        assert child is not None
        [zygote] = [pid for pid in children_of(os.getpid()) if child.pid in children_of(pid)]
        turn.clear()
        os.kill(zygote, 9)
        async with asyncio.timeout(PATIENCE):
            await turn.wait()
        assert held.is_orphaned
        await held.replace_zygote()
        assert not held.is_orphaned
        wait_gone(child.pid)
        assert (held.known["planning:hangs-1"].state, held.alive) == ("stopped", [])


def test_zygote_that_cannot_import_a_role_is_an_error() -> None:
    """A broken installation is told before anything is started."""
    held = Children({"planning": "no.such:run"}, os.environ, lambda: None)
    with pytest.raises(ConfigurationError, match="could not start"):
        held.wait_ready()
    held.close()
