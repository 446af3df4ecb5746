"""`hp base upload` and `download`: as at the console."""

import subprocess
import sys

import pytest

from tests.cli.shell import WEEKS, Shell

pytestmark = pytest.mark.slow


def test_a_copy_is_taken_and_sent_again(shell: Shell) -> None:
    """It is proved, and it is another base; both are told as tasks."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    out = shell.folder / "copie.hpx"
    told = shell.json("base", "download", "planning01", "--out", out)
    assert (told["base"], told["bytes"]) == ("Base", out.stat().st_size)
    assert shell.hp("base", "download", "planning01", "--out", out).status == 2  # it is there already
    words = (sys.executable, "-m", "hpserver", "base", "download", "planning01", "--out", "-")
    assert subprocess.run(words, capture_output=True, check=True, timeout=60).stdout.startswith(out.read_bytes()[:4])
    assert shell.json("base", "upload", "planning02", out, "Copie")["bytes"] == out.stat().st_size
    assert [(one["base"], one["planning"]) for one in shell.json("base", "list")] == [
        ("Base", "planning01"), ("Copie", "")
    ]  # fmt: skip
    tasks = [(one["kind"], one["state"], one["file"]) for one in shell.json("task", "list", "--all")]
    assert tasks[:2] == [("bases.upload", "done", False), ("bases.export", "done", False)]


def test_what_is_no_base_is_refused(shell: Shell) -> None:
    """With its reason; nothing is left, and nothing hangs."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.hp("base", "upload", "planning01", shell.file("x.hpx", b"nonsense"), "X").status == 1
    assert shell.hp("base", "upload", "planning01", shell.file("e.hpx", b""), "X").status == 1
    assert shell.hp("base", "upload", "planning01", shell.file("x.hpx", b"nonsense"), "Base").status == 5
    assert shell.hp("base", "download", "planning02").status == 3
    assert [one["base"] for one in shell.json("base", "list")] == ["Base"]
    assert list((shell.state / "uploads").glob("*/*.part")) == []
