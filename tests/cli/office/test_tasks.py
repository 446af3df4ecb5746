"""`hp task`: what is under way, what it came to, and its end."""

import os
import signal
import subprocess
import sys

import pytest

from tests.cli.shell import WEEKS, Shell

pytestmark = pytest.mark.slow

HOLDER = """
import sys, time
from pathlib import Path
from hpserver.hosting.tasks import Tasks
from hpserver.identity.actor import OPERATOR
running = Tasks(Path(sys.argv[1])).begin("bases.export", OPERATOR, planning="planning01", base="Base", step="writing")
print(running.task.key, flush=True)
while not running.is_cancelled:
    time.sleep(0.01)
running.end("cancelled")
"""


def test_actions_are_listed_shown_and_cancelled(shell: Shell) -> None:
    """Those of any process; one whose process was killed is told as interrupted."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.json("task", "list") == []
    made = shell.json("task", "list", "--all")[0]
    assert (made["kind"], made["state"], made["base"]) == ("bases.create", "done", "Base")
    assert (
        "Créer une base" in shell.ok("task", "show", made["key"]).out
        or "Create a base" in shell.ok("task", "show", made["key"]).out
    )
    folder = next((shell.state / "tasks").iterdir())
    for end in ("cancelled", "interrupted"):
        with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            key = child.stdout.readline().strip()
            assert [one["key"] for one in shell.json("task", "list")] == [key]
            assert key in shell.ok("task", "list").out
            if end == "cancelled":
                assert shell.json("task", "cancel", key) == {"task": key, "state": "cancelled"}
            else:
                os.kill(child.pid, signal.SIGKILL)
        assert shell.json("task", "show", key)["state"] == end
    assert shell.hp("task", "cancel", key).status == 4
    assert shell.hp("task", "show", "00062345678901-01234567").status == 3
