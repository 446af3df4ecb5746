"""Long actions on the disk: told by who does them, ended by the kernel when that one is gone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from hpserver.directory.model import Desired
from hpserver.directory.model import State as Service
from hpserver.errors import NotFoundError, QuotaExceededError
from hpserver.hosting import tasks as module
from hpserver.hosting.tasks import Line, Tasks, served
from hpserver.identity.actor import OPERATOR

HOLDER = """
import sys, time
from pathlib import Path
from hpserver.hosting.tasks import Tasks
from hpserver.identity.actor import OPERATOR
running = Tasks(Path(sys.argv[1])).begin("bases.export", OPERATOR, base="A", step="writing")
running.copy.write_bytes(b"half")
running.copy.with_name(f".{running.copy.name}.new").write_bytes(b"half")
print(running.task.key, flush=True)
time.sleep(60)
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Tasks:
    """Those of an account that has none."""
    return Tasks(tmp_path / "tasks" / "1")


def files(tasks: Tasks) -> list[str]:
    """Return what is left on the disk."""
    return sorted(one.name.partition(".")[2] for one in tasks.folder.iterdir())


def test_an_action_is_told_from_its_beginning_to_its_end(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, what, since when, how far, what it came to; whoever looks sees the same."""
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0.0)
    assert (tasks.listed(), tasks.settle(), tasks.stamp()) == ([], [], 0)
    running = tasks.begin("bases.upload", OPERATOR, planning="p", base="B", step="receiving")
    seen = tasks.get(running.task.key)
    assert (seen.who, seen.kind, seen.state, seen.planning, seen.base) == (
        "operator",
        "bases.upload",
        "running",
        "p",
        "B",
    )
    assert tasks.settle() == []
    before = tasks.stamp()
    running.progress(5, 10)
    assert tasks.stamp() != before
    assert (tasks.get(seen.key).done, tasks.get(seen.key).of) == (5, 10)
    running.step("checking")
    assert [one.step for one in tasks.get(seen.key).lines] == ["receiving", "checking"]
    running.end("failed", QuotaExceededError("too much", limit=3))
    running.end("done")
    ended = tasks.get(seen.key)
    assert ended.state == "failed"
    assert ended.ended >= ended.began
    error = ended.error()
    assert isinstance(error, QuotaExceededError)
    assert (error.text, error.details) == ("too much", {"limit": 3})
    assert files(tasks) == ["task"]


def test_progress_is_not_written_each_time(tasks: Tasks) -> None:
    """A gigabyte is no thousand writes."""
    running = tasks.begin("bases.upload", OPERATOR)
    running.progress(1, 10)
    assert tasks.get(running.task.key).done == 0
    running.end("done")


def test_one_whose_process_is_killed_is_told_as_interrupted_and_leaves_nothing(tasks: Tasks) -> None:
    """Nobody has to remember it: the kernel let go of its lock."""
    child = subprocess.Popen([sys.executable, "-c", HOLDER, str(tasks.folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    key = child.stdout.readline().strip()
    assert tasks.settle() == []
    assert tasks.get(key).state == "running"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert [one.key for one in tasks.settle()] == [key]
    assert (tasks.get(key).state, tasks.settle(), files(tasks)) == ("interrupted", [], ["task"])


def test_a_cancel_is_seen_by_who_does_it(tasks: Tasks) -> None:
    """Once; of what has ended nothing is cancelled."""
    running = tasks.begin("bases.export", OPERATOR)
    assert not running.is_cancelled
    tasks.cancel(running.task)
    assert running.is_cancelled
    ended = running.end("cancelled")
    tasks.cancel(ended)
    assert files(tasks) == ["task"]


def test_a_copy_waits_for_an_hour(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it goes; one that was taken away is not offered any more."""
    for left in (True, False):
        running = tasks.begin("bases.export", OPERATOR)
        running.copy.write_bytes(b"copy")
        ended = running.end("done", file=True)
        tasks.settle()
        assert tasks.get(ended.key).file
        if left:
            monkeypatch.setattr(module, "COPY_SECONDS", -1.0)
            tasks.settle()
            monkeypatch.undo()
        else:
            running.copy.unlink()
            tasks.settle()
        assert not tasks.get(ended.key).file
        assert not running.copy.exists()


def test_what_ended_is_forgotten_in_time(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a week, and of too many the oldest; what runs never is."""
    first = tasks.begin("bases.export", OPERATOR)
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    ended = []
    for _ in range(4):
        running = tasks.begin("bases.create", OPERATOR)
        ended.append(running.end("done"))
    tasks.begin("bases.create", OPERATOR).end("done")
    assert [one.key for one in tasks.listed()][1:] == [ended[3].key, ended[2].key, first.task.key]
    monkeypatch.setattr(module, "KEPT_SECONDS", -1.0)
    tasks.begin("bases.create", OPERATOR)
    assert first.task.key in [one.key for one in tasks.listed()]
    assert ended[3].key not in [one.key for one in tasks.listed()]


@pytest.mark.parametrize("key", ["", "../../directory", "00062345678901-0123456", "00062345678901-01234567/.."])
def test_a_key_is_no_path(tasks: Tasks, key: str) -> None:
    """Whatever is asked for, no other file is read."""
    tasks.begin("bases.create", OPERATOR).end("done")
    with pytest.raises(NotFoundError):
        tasks.get(key)


def test_a_file_of_another_program_is_no_task(tasks: Tasks) -> None:
    """Half of one, and nothing at all."""
    running = tasks.begin("bases.create", OPERATOR)
    running.end("done")
    (tasks.folder / "00062345678901-01234567.task").write_bytes(b'{"key":')
    assert [one.key for one in tasks.listed()] == [running.task.key]


@pytest.mark.parametrize(
    ("kind", "wish", "state", "end"),
    [
        ("plannings.start", "up", "stopped", None), ("plannings.start", "up", "starting", None),
        ("plannings.start", "up", "live", "done"), ("plannings.start", "up", "failed", "failed"),
        ("plannings.start", "down", "starting", "cancelled"), ("controller.start", "up", "live", "done"),
        ("plannings.stop", "down", "live", None), ("plannings.stop", "down", "draining", None),
        ("plannings.stop", "down", "stopped", "done"), ("plannings.stop", "down", "failed", "done"),
        ("plannings.stop", "up", "live", "cancelled"),
    ],
)  # fmt: skip
def test_what_a_process_is_says_how_its_start_or_stop_ended(
    tasks: Tasks, kind: module.Kind, wish: Desired, state: Service, end: str | None
) -> None:
    """Nobody holds the lock of a wish: the directory says."""
    task = tasks.begin(kind, OPERATOR, subject="planning:1").task
    assert tasks.settle() == []
    assert served(task, wish, state) == end


def test_lines_are_bounded(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes in circles fills no disk."""
    monkeypatch.setattr(module, "MOST_LINES", 3)
    running = tasks.begin("bases.export", OPERATOR)
    for _ in range(9):
        running.step("checking")
    assert len(running.task.lines) == 3
    assert isinstance(running.task.lines[0], Line)
    assert msgspec.json.decode(msgspec.json.encode(running.task), type=module.Task) == running.task
    running.end("done")
