"""The agent with real children: what should run runs, what fails fails alone, nothing is left behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from hpserver.protocol.internal import GetStatus, Status
from hpserver.supervision.reconcile import Limits
from tests.hosting.test_hiding import hides
from tests.processes.agents import ACCOUNT, PATIENCE, built_house, wait_until
from tests.processes.ps import children, fds, is_there, wait_gone

pytestmark = pytest.mark.slow


def who_serves(port: int) -> int:
    """Connect, and return the pid of the child that took the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        return int(sock.recv(16))


def held_by(agent: int, zygote: int) -> tuple[list[str], list[str], int]:
    """Return the descriptors of the two processes and the number of children, a moment after the last question."""
    time.sleep(0.2)
    return fds(agent), fds(zygote), len(children(zygote))


def test_what_is_wished_runs_and_is_told(tmp_path: Path) -> None:
    """The directory and the agent say the same, and it is what the kernel says."""
    with built_house(tmp_path, "serves-1", "serves-2", up=("serves-1",)) as house:
        agent = house.start()
        live = house.wait_state("serves-1", "live")
        assert (live.desired, live.epoch, live.restarts) == ("up", 7, 0)
        assert who_serves(house.plannings["serves-1"]) == live.pid
        assert children(house.zygote) == [live.pid]
        observed = wait_until(lambda: found if (found := house.observed("serves-1")).state == "live" else None)
        assert (observed.pid, observed.epoch) == (live.pid, 7)
        status = house.ask(GetStatus(0), Status)
        assert (status.pid, len(status.processes)) == (agent, 3)
        assert house.status("serves-2").state == "stopped"

        house.wish("serves-2", "up")
        house.wait_state("serves-2", "live")
        house.wish("serves-1", "down")
        house.wait_state("serves-1", "stopped")
        with pytest.raises(ConnectionRefusedError):
            who_serves(house.plannings["serves-1"])
        assert house.stop() == 0


def test_s12_planning_that_dies_at_start_is_given_up_and_the_others_go_on(tmp_path: Path) -> None:
    """A bad base costs three restarts and a line with its reason; who repairs it starts it again."""
    with built_house(tmp_path, "fails-1", "ends-1", "serves-1") as house:
        house.start()
        served = house.wait_state("serves-1", "live").pid
        failed = house.wait_state("fails-1", "failed")
        assert failed.reason == "the base is corrupt: restore the last good backup"
        assert house.wait_state("ends-1", "failed").reason == "ended with exit code 1"
        assert len(house.events("child.started", subject=house.subject("fails-1"))) == 4
        assert house.status("serves-1").pid == served
        with pytest.raises(ConnectionRefusedError):
            who_serves(house.plannings["fails-1"])
        wait_until(lambda: house.observed("fails-1").reason == failed.reason)

        house.wish("fails-1", "down")
        assert house.wait_state("fails-1", "stopped").reason == ""
        house.wish("fails-1", "up")
        wait_until(lambda: len(house.events("child.started", subject=house.subject("fails-1"))) == 5)
        assert house.stop() == 0


def test_t09_no_child_but_the_signer_can_open_what_signs(tmp_path: Path) -> None:
    """A key of before is moved to where it is hidden; a server's own key, and what is written later, is not."""
    with built_house(tmp_path, "peeks-1") as house:
        account = house.paths.certs / ACCOUNT
        account.mkdir(parents=True)
        house.paths.certs.chmod(0o700)
        for file in ("intermediate-1.key", "server.key", "../root.key", "../root.passphrase"):
            (account / file).write_bytes(b"secret")
        house.start()
        assert house.wait_state("peeks-1", "live").reason == (
            " ".join(["server.key"] if hides() else ["intermediate-1.key", "root.key", "root.passphrase", "server.key"])
        )
        assert (house.paths.certs / "keys" / ACCOUNT / "intermediate-1.key").read_bytes() == b"secret"
        assert len(house.events("keys.not_hidden")) == (not hides())
        assert house.stop() == 0


def test_child_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    """A process that loops for ever is found out by its silence."""
    with built_house(tmp_path, "hangs-1", "serves-1") as house:
        house.start(Limits(watchdog=1.0, kill_after=0.5))
        first = house.wait_state("hangs-1", "live").pid
        house.wait_other("hangs-1", first)
        [ended, *_] = house.events("child.ended", subject=house.subject("hangs-1"))
        assert (ended["how"], ended["reason"]) == ("ended by SIGKILL", "gave no sign of life for 1 s")
        assert house.stop() == 0


def test_killed_child_is_replaced_and_no_connection_is_refused_meanwhile(tmp_path: Path) -> None:
    """The agent holds the listening sockets: who connects while nobody is there waits for the next child."""
    with built_house(tmp_path, "serves-1", "serves-2") as house:
        house.start()
        first, other = house.wait_state("serves-1", "live").pid, house.wait_state("serves-2", "live").pid
        os.kill(first, signal.SIGKILL)
        wait_gone(first)
        second = who_serves(house.plannings["serves-1"])
        assert second != first
        again = house.wait_state("serves-1", "live")
        assert (again.pid, again.restarts) == (second, 1)
        assert house.status("serves-2").pid == other
        assert house.stop() == 0


def test_s01_everything_dies_with_the_agent_and_the_next_one_starts_it_again(tmp_path: Path) -> None:
    """No orphan stands in the way of the next agent."""
    with built_house(tmp_path, "serves-1", "hangs-1") as house:
        house.start()
        pids = [house.wait_state(name, "live").pid for name in ("serves-1", "hangs-1")]
        zygote = house.zygote
        os.kill(house.pid, signal.SIGKILL)
        for pid in [zygote, *pids]:
            wait_gone(pid)
        assert house.process is not None
        house.process.wait()
        house.paths.agent_socket.unlink()

        house.start(Limits(kill_after=1.0))
        house.wait_other("serves-1", pids[0])
        assert house.stop() == 0


def test_stop_drains_kills_who_stays_and_leaves_nothing(tmp_path: Path) -> None:
    """SIGTERM is a clean stop: exit code 0, no orphan, no socket file, and the truth in the directory."""
    with built_house(tmp_path, "serves-1", "stays-1") as house:
        house.start(Limits(kill_after=1.0))
        pids = [house.wait_state(name, "live").pid for name in ("serves-1", "stays-1")]
        zygote = house.zygote
        assert house.stop() == 0
        assert not [pid for pid in [zygote, *pids] if is_there(pid)]
        assert not house.paths.agent_socket.exists()
        assert [house.observed(name).state for name in ("serves-1", "stays-1")] == ["stopped", "stopped"]
        hows = {line["subject"]: line["how"] for line in house.events("child.ended")}
        assert hows[house.subject("serves-1")] == "ended with exit code 0"
        assert hows[house.subject("stays-1")] == "ended by SIGKILL"


def test_second_signal_stops_at_once(tmp_path: Path) -> None:
    """Who is in a hurry presses Ctrl-C twice."""
    with built_house(tmp_path, "stays-1") as house:
        house.start(Limits(kill_after=3600.0))
        house.wait_state("stays-1", "live")
        os.kill(house.pid, signal.SIGINT)
        house.wait_state("stays-1", "draining")
        assert house.stop() == 0


def test_second_agent_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    """Two agents would start everything twice."""
    with built_house(tmp_path, "serves-1") as house:
        first = house.start()
        assert house.popen().wait(PATIENCE) == 5
        assert f"runs already: process {first}" in house.output.read_text()
        assert house.stop() == 0


def test_port_in_use_is_the_failure_of_that_planning_alone(tmp_path: Path) -> None:
    """The reason names the port and what to do; the others go on."""
    with built_house(tmp_path, "serves-1", "serves-2", up=("serves-2",)) as house:
        port = house.plannings["serves-1"]
        with socket.create_server(("127.0.0.1", port)):
            house.start()
            house.wish("serves-1", "up")
            failed = house.wait_state("serves-1", "failed")
            assert f"TCP port {port} on 127.0.0.1 is in use" in failed.reason
            assert "give another port" in failed.reason
            house.wait_state("serves-2", "live")
        house.wish("serves-1", "down")
        house.wish("serves-1", "up")
        house.wait_state("serves-1", "live")
        assert house.stop() == 0


def test_child_that_speaks_nonsense_is_killed(tmp_path: Path) -> None:
    """The other end is treated as hostile input, even when we have started it."""
    with built_house(tmp_path, "babbles-1") as house:
        house.start()
        wait_until(lambda: house.status("babbles-1").reason == "did not speak as our processes do")
        assert house.events("child.spoke_nonsense")
        assert house.stop() == 0


def test_zygote_that_dies_is_replaced_with_its_children(tmp_path: Path) -> None:
    """The one process that starts the others is no single point of failure."""
    with built_house(tmp_path, "serves-1") as house:
        house.start()
        first, zygote = house.wait_state("serves-1", "live").pid, house.zygote
        os.kill(zygote, signal.SIGKILL)
        again = house.wait_other("serves-1", first)
        assert house.zygote != zygote
        assert who_serves(house.plannings["serves-1"]) == again.pid
        assert house.stop() == 0


def test_nothing_leaks_over_many_starts_and_deaths(tmp_path: Path) -> None:
    """Descriptors and processes are as before, however often children came and went."""
    with built_house(tmp_path, "serves-1", "serves-2", up=("serves-1",)) as house:
        agent = house.start()
        house.wait_state("serves-1", "live")
        zygote = house.zygote
        before = wait_until(lambda: held if (held := held_by(agent, zygote)) == held_by(agent, zygote) else None)
        for _ in range(5):
            house.wish("serves-2", "up")
            first = house.wait_state("serves-2", "live").pid
            os.kill(first, signal.SIGKILL)
            house.wait_other("serves-2", first)
            house.wish("serves-2", "down")
            house.wait_state("serves-2", "stopped")
        wait_until(lambda: held_by(agent, zygote) == before)
        assert house.stop() == 0


def test_reload_reads_the_settings_and_a_mistake_changes_nothing(tmp_path: Path) -> None:
    """SIGHUP is no risk."""
    with built_house(tmp_path, "serves-1", "serves-2", up=("serves-1",)) as house:
        house.start()
        house.wait_state("serves-1", "live")
        house.paths.settings.write_text("[log]\nlevel = 'loud'\n")
        os.kill(house.pid, signal.SIGHUP)
        wait_until(lambda: house.events("settings.refused"))
        house.paths.settings.write_text("[log]\nto = 'files'\n[listen]\nhost = '127.0.0.2'\n")
        os.kill(house.pid, signal.SIGHUP)
        wait_until(lambda: house.events("settings.read"))
        house.wish("serves-2", "up")
        house.wait_state("serves-2", "live")
        assert house.paths.log("123456789012", "serves-2").exists()
        with socket.create_connection(("127.0.0.2", house.plannings["serves-2"]), timeout=PATIENCE):
            pass
        assert house.stop() == 0


def test_service_manager_is_told(tmp_path: Path) -> None:
    """`Type=notify`: what depends on the agent starts when it answers."""
    with built_house(tmp_path) as house, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications:
        path = house.paths.run / "notify"
        notifications.bind(str(path))
        notifications.settimeout(PATIENCE)
        house.start(NOTIFY_SOCKET=str(path))
        assert notifications.recv(64) == b"READY=1"
        assert house.stop() == 0
        assert notifications.recv(64) == b"STOPPING=1"


def test_agent_without_a_role_that_can_be_imported_says_so(tmp_path: Path) -> None:
    """A broken installation is an error at once, not a loop."""
    code = "from hpserver.agent import run_agent; run_agent(roles={'planning': 'no.such:run'})"
    with tempfile.TemporaryDirectory(prefix="hp-test-") as run:
        environ = os.environ | {"HP_STATE": str(tmp_path / "s"), "HP_RUN": run}
        ended = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=False, text=True)
    assert ended.returncode == 1
    assert "could not start" in ended.stderr
