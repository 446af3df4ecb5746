"""The process that children are forked from: clean children, every end told, nobody left behind."""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from hpserver.protocol.codec import decode_internal
from hpserver.protocol.internal import Report
from hpserver.zygote import (
    Ended,
    FromZygote,
    Ready,
    Spawn,
    Spawned,
    describe_end,
    receive,
    send_signal,
    send_spawn,
    start_zygote,
)
from tests.processes import roles
from tests.processes.ps import children, fds, is_there, wait_gone

ROLES = {name: f"tests.processes.roles:{name}" for name in ("ends", "fails", "breaks", "starves", "bundles", "tells")}

pytestmark = pytest.mark.slow


@dataclass
class House:
    """A zygote and what it said."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    last_id: int = 0
    ends: dict[int, Ended] = field(default_factory=dict)

    def heard(self) -> FromZygote:
        """Wait for the next message."""
        message = receive(self.channel)
        assert message is not None
        return message

    def spawn(
        self, role: str, *listeners: socket.socket, log: str = "", **arguments: str
    ) -> tuple[Spawned, socket.socket]:
        """Ask for a child; answer with what the zygote says and the channel of the child."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.last_id += 1
        with theirs:
            send_spawn(
                self.channel, Spawn(self.last_id, role, f"test:{role}", f"hp-{role}", arguments, log), theirs, listeners
            )
        while not isinstance(message := self.heard(), Spawned):
            self.note(message)
        assert message.id == self.last_id
        return message, ours

    def note(self, message: FromZygote) -> None:
        """Keep an end."""
        assert isinstance(message, Ended)
        self.ends[message.id] = message

    def wait_end(self, child: Spawned) -> Ended:
        """Wait until the child is gone."""
        while child.id not in self.ends:
            self.note(self.heard())
        return self.ends[child.id]


def facts_from(report: socket.socket) -> dict[str, object]:
    """Return what `tells` tells."""
    with report:
        return msgspec.json.decode(report.recv(65536), type=dict[str, object])


@pytest.fixture
def house() -> Iterator[House]:
    """A warm zygote, ended afterwards."""
    environ = os.environ | {"PYTHONPATH": str(roles.ROOT), "HP_TEST": "from the agent"}
    process, channel = start_zygote(ROLES, environ)
    with channel:
        first = receive(channel)
        assert first == Ready(process.pid)
        yield House(process, channel)
    assert process.wait() == 0


def test_child_is_a_clean_process_of_its_role(house: House) -> None:
    """No thread, no signal handler, no descriptor and no garbage of the zygote is in a child."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        spawned, report = house.spawn("tells", listener, account="123456789012")
        facts = facts_from(report)
        assert facts["ports"] == [listener.getsockname()[1]]
    assert facts["pid"] == spawned.pid != house.process.pid
    assert (facts["name"], facts["threads"], facts["home"]) == ("hp-tells", 1, "from the agent")
    assert facts["arguments"] == {"account": "123456789012"}
    assert (facts["collects"], bool(facts["frozen"])) == (True, True)
    assert msgspec.convert(facts["fds"], list[str]).count("socket") == 3, "its report channel twice, its listener"
    assert int(str(facts["caught"]), 16) & ~(1 << (signal.SIGINT - 1)) == 0
    assert int(str(facts["ignored"]), 16) & (1 << (signal.SIGTERM - 1)) == 0
    report.close()


def test_end_is_told_with_how_and_what_it_used(house: House) -> None:
    """The agent is no parent of its children: the zygote tells it."""
    spawned, report = house.spawn("ends", code="3")
    end = house.wait_end(spawned)
    assert describe_end(end.status) == "ended with exit code 3"
    assert end.peak_kib > 0
    report.close()
    spawned, report = house.spawn("tells")
    facts_from(report)
    send_signal(house.channel, spawned.id, signal.SIGKILL)
    send_signal(house.channel, spawned.id + 1, signal.SIGKILL)
    assert describe_end(house.wait_end(spawned).status) == "ended by SIGKILL"
    report.close()


def test_error_that_a_role_lets_through_is_its_last_word(house: House) -> None:
    """Why a planning does not start is said on a screen, not only in a log."""
    for role, code, reason in [
        ("fails", 78, "the base is corrupt: restore the last good backup"),
        ("breaks", 70, "ZeroDivisionError: in the role"),
        ("starves", 71, "it needed more memory than it may have"),
        ("bundles", 75, "page 7 is damaged"),
    ]:
        spawned, report = house.spawn(role)
        assert decode_internal(report.recv(65536)) == Report("failed", 0, {}, reason)
        assert describe_end(house.wait_end(spawned).status).startswith(f"ended with exit code {code}")
        report.close()


def test_unknown_role_is_refused_and_the_next_is_served(house: House) -> None:
    """One bad request costs one answer."""
    refused, report = house.spawn("juggles")
    assert (refused.pid, refused.reason) == (0, "no such role: juggles")
    report.close()
    spawned, report = house.spawn("ends", code="0")
    assert house.wait_end(spawned).status == 0
    report.close()


def test_output_goes_to_the_file_that_was_named(house: House, tmp_path: Path) -> None:
    """A child may have a log of its own, readable by its owner alone."""
    log = tmp_path / "child.log"
    spawned, report = house.spawn("breaks", log=str(log))
    house.wait_end(spawned)
    report.close()
    line = msgspec.json.decode(log.read_bytes(), type=dict[str, object])
    assert (line["event"], line["process"], line["pid"]) == ("process.failed", "test:breaks", spawned.pid)
    assert log.stat().st_mode & 0o777 == 0o600


def test_children_die_with_the_zygote(house: House) -> None:
    """No orphan keeps a base or a port."""
    spawned, report = house.spawn("tells")
    facts_from(report)
    house.process.kill()
    wait_gone(spawned.pid)
    assert not is_there(spawned.pid)
    report.close()
    house.process.wait()
    house.process.returncode = 0


def test_an_agent_that_dies_with_words_unread_is_no_fault() -> None:
    """Killed at any moment, it takes its zygote along without an error in anybody's log."""
    process, channel = start_zygote(ROLES, os.environ | {"PYTHONPATH": str(roles.ROOT)})
    with channel:
        select.select([channel], [], [])
    assert process.wait() == 0


def test_many_children_leave_no_descriptor_and_no_zombie(house: House) -> None:
    """A year of restarts leaves the zygote as it was."""
    before = fds(house.process.pid)
    for _ in range(50):
        spawned, report = house.spawn("ends", code="0")
        house.wait_end(spawned)
        report.close()
    assert fds(house.process.pid) == before
    assert not children(house.process.pid)
