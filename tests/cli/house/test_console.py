"""What the operator types about a console."""

import json
from pathlib import Path

from hpserver.client.console import read_address
from tests.cli.shell import Shell


def test_the_operator_keeps_the_console(shell: Shell, tmp_path: Path) -> None:
    """Another password, another workstation, a rest: each says what it did, in words and for programs."""
    first = json.loads(shell.ok("--output", "json", "hosting", "reset-password").out)["console_password"]
    second = json.loads(shell.ok("--output", "json", "hosting", "reset-password").out)["console_password"]
    assert first != second
    assert len(first) == 14
    assert "0" in shell.ok("hosting", "reset-workstation", "--yes").out
    shell.ok("hosting", "suspend", "--yes")
    assert shell.hp("controller", "start", "--no-wait").status == 4
    shell.ok("hosting", "resume")
    shell.ok("controller", "start", "--no-wait")
    shell.ok("controller", "stop", "--no-wait")
    file = tmp_path / "Console"
    shell.ok("hosting", "console-file", "--host", "hp.example", "--out", str(file))
    assert read_address(file.read_bytes()).host == "hp.example"
    assert "is this machine" in shell.hp("hosting", "console-file", "--host", "127.0.0.1", "--out", "-").err
    assert "is this machine" not in shell.hp("hosting", "console-file", "--host", "hp.example", "--out", "-").err
    assert "hp.example" in shell.ok("hosting", "console-file", "--host", "hp.example", "--out", "-").out


def test_nothing_is_suspended_by_mistake(shell: Shell) -> None:
    """The number is typed, or nothing happens."""
    refused = shell.hp("hosting", "suspend")
    assert refused.status == 2
    assert shell.hp("hosting", "reset-workstation").status == 2
