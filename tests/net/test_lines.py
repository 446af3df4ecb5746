"""Lines to several hubs: dialled when they listen, again when they break."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hpserver.errors import HPError
from hpserver.net.hub import HubServer
from hpserver.net.lines import Lines
from hpserver.protocol.internal import Drain, Forget, Forgotten
from tests.net.ends import until
from tests.net.test_hub import Side


class Told:
    """Remembers what became of the lines."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def line_up(self, key: int) -> None:
        """Remember."""
        self.events.append(f"up {key}")

    def line_down(self, key: int, error: HPError | None) -> None:
        """Remember."""
        self.events.append(f"down {key} {type(error).__name__}")


class Bench:
    """Lines in a task group, and hubs to come."""

    def __init__(self, folder: Path, group: asyncio.TaskGroup) -> None:
        self.folder, self.told, self.side = folder, Told(), Side()
        self.lines = Lines(group, self.told, role="controller", name="1")
        self.lines.want({1: folder / "one.sock", 2: folder / "two.sock"})

    def hub(self, name: str) -> HubServer:
        """Open a hub."""
        hub = HubServer(self.folder / f"{name}.sock", asyncio.get_running_loop(), self.side, name=name, epoch=7)
        hub.open()
        return hub

    async def until_told(self, event: str) -> None:
        """Look as a controller does, until that was told."""

        def look() -> bool:
            self.lines.look()
            return event in self.told.events

        await until(look)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Two hubs are wanted, none listens."""
    folder = tmp_path / "hubs"
    folder.mkdir(mode=0o700)
    async with asyncio.TaskGroup() as group:
        bench = Bench(folder, group)
        yield bench
        bench.lines.close()
        bench.lines.close()


async def test_who_listens_is_dialled(bench: Bench) -> None:
    """A line is there once the hub is, and says whose it is."""
    bench.lines.look()
    assert bench.lines.line(1) is None
    hub = bench.hub("one")
    await bench.until_told("up 1")
    line = bench.lines.line(1)
    assert line is not None
    assert (line.name, line.epoch) == ("one", 7)
    assert bench.lines.line(2) is None
    hub.close()


async def test_a_line_that_breaks_is_told_and_dialled_again(bench: Bench) -> None:
    """A planning server that was restarted is back without anybody's help."""
    hub = bench.hub("one")
    await bench.until_told("up 1")
    hub.close()
    await until(lambda: bool(bench.lines.line(1) is None and len(bench.told.events) == 2))
    hub = bench.hub("one")
    bench.told.events.clear()
    await bench.until_told("up 1")
    hub.close()


async def test_who_does_not_answer_is_given_time(bench: Bench) -> None:
    """A dead socket is not dialled at every look."""
    (bench.folder / "one.sock").touch()
    (bench.folder / "one.sock.secret").write_bytes(b"s" * 32)
    bench.lines.look()
    await until(lambda: not bench.lines._dialling)
    bench.lines.look()
    assert not bench.lines._dialling
    assert bench.told.events == []


async def test_everybody_is_asked_and_silence_is_no_answer(bench: Bench) -> None:
    """One hub that is gone does not keep the others from hearing."""
    first, second = bench.hub("one"), bench.hub("two")
    await bench.until_told("up 1")
    await bench.until_told("up 2")
    first.close()
    answers = await bench.lines.ask_all(Forget(0, "123"), Forgotten)
    assert [answer.closed for answer in answers] == [3]
    second.close()


async def test_r04_who_was_dialled_may_only_answer(bench: Bench) -> None:
    """A planning server that gives orders to its controller loses its line."""
    hub = bench.hub("one")
    await bench.until_told("up 1")
    next(iter(hub.links)).send(Drain(1.0))
    await until(lambda: "down 1 UnexpectedMessageError" in bench.told.events)
    hub.close()


async def test_who_is_wanted_no_more_is_hung_up_on(bench: Bench) -> None:
    """A planning that was deleted has no line."""
    hub = bench.hub("one")
    await bench.until_told("up 1")
    bench.lines.want({})
    assert bench.lines.line(1) is None
    hub.close()


async def test_who_is_asked_for_is_dialled_at_once(bench: Bench) -> None:
    """A planning that has just started is there for the first who opens it; one that does not listen is not."""
    assert await bench.lines.reach(1) is None
    hub = bench.hub("one")
    one, other = await asyncio.gather(bench.lines.reach(1), bench.lines.reach(1))
    assert one is not None
    assert one is other is bench.lines.line(1)
    assert await bench.lines.reach(2) is None
    assert await bench.lines.reach(3) is None
    hub.close()
