"""What a command does at length is told to everybody, and ended by whoever may."""

import subprocess
import sys
from pathlib import Path

import pytest

from hpserver.cli.house import telling
from hpserver.cli.house.telling import tasks_of_backup, told
from hpserver.errors import AlreadyExistsError
from hpserver.hosting.tasks import Tasks
from tests.cli.shell import WEEKS, Shell

pytestmark = pytest.mark.slow

LONG = """
import asyncio, sys, time
from pathlib import Path
from hpserver.cli.house.telling import told
from hpserver.hosting.tasks import Tasks

async def main(waits):
    with told(Tasks(Path(sys.argv[1])), "bases.export", base="Base"):
        print("begun", flush=True)
        await asyncio.sleep(60) if waits else time.sleep(60)

asyncio.run(main(sys.argv[2] == "waits"))
"""


def rows(shell: Shell) -> list[tuple[str, str, str]]:
    """Return what is told, the newest first."""
    return [(one["kind"], one["state"], one["base"]) for one in shell.json("task", "list", "--all")]


@pytest.mark.parametrize("how", ["waits", "works"])
def test_a_cancel_ends_a_command_as_ctrl_c_does(tmp_path: Path, how: str) -> None:
    """Whether it waits for something or works itself."""
    tasks = Tasks(tmp_path / "tasks")
    with subprocess.Popen(
        [sys.executable, "-c", LONG, str(tasks.folder), how],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        (task,) = tasks.listed()
        assert (task.state, task.base) == ("running", "Base")
        tasks.cancel(task)
        assert child.wait(30) != 0
    assert [one.state for one in tasks.listed()] == ["cancelled"]


def test_how_it_ended_is_told(tmp_path: Path) -> None:
    """Done, failed and why, or forgotten when nobody asked for it."""
    tasks = Tasks(tmp_path / "tasks")
    with told(tasks, "bases.export", base="A"):
        pass
    with told(tasks, "bases.backup", base="B", keep=False):
        pass
    with pytest.raises(AlreadyExistsError), told(tasks, "bases.import", base="C"):
        raise AlreadyExistsError("taken")
    with pytest.raises(ValueError, match="x"), told(tasks, "bases.import", base="D"):
        raise ValueError("x")
    with told(None, "bases.verify"):
        pass
    assert [(one.base, one.state) for one in tasks.listed()] == [("D", "interrupted"), ("C", "failed"), ("A", "done")]


def test_bases_and_their_files_are_told_of(shell: Shell, tmp_path: Path) -> None:
    """Exported, backed up, verified, imported, restored, transferred: each with its base and its end."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    out = tmp_path / "a.hpx"
    shell.ok("base", "export", "Base", "--out", out)
    shell.ok("base", "verify", out)
    shell.ok("base", "backup", "Base")
    backup = next(file for file in (shell.state / "backups").rglob("*.hpx"))
    shell.ok("base", "verify", backup)
    shell.ok("base", "import", "planning02", "Copie", out)
    assert shell.hp("base", "import", "planning01", "Base", out).status == 5
    shell.ok("base", "restore", backup, "planning01", "Base", "--replace")
    shell.ok("planning", "stop", "planning01", "--no-wait")
    shell.ok("base", "transfer", "Base", "planning01", "--as", "Encore")
    shell.ok("base", "backup", "--due")
    told_of = [one for one in rows(shell) if one[0].startswith("bases.")]
    assert told_of[::-1] == [
        ("bases.create", "done", "Base"), ("bases.export", "done", "Base"), ("bases.backup", "done", "Base"),
        ("bases.verify", "done", "Base"), ("bases.import", "done", "Copie"), ("bases.import", "failed", "Base"),
        ("bases.restore", "done", "Base"), ("bases.transfer", "done", "Base"),
    ]  # fmt: skip
    assert tasks_of_backup(out) is None
    assert telling.tasks_of_backup(backup) is not None
