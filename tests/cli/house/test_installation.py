import asyncio
import os
from pathlib import Path

import pytest

from hpserver.cli.house.installation import open_accounts
from tests.cli.shell import Shell


def test_an_installation_is_made_when_it_is_first_used(bare: Shell) -> None:
    """Its directories are for their owner alone."""

    async def look() -> int:
        async with open_accounts() as accounts:
            return len(await accounts.accounts())

    assert asyncio.run(look()) == 0
    assert bare.state.stat().st_mode & 0o777 == 0o700


def test_a_state_that_is_no_use_is_said_with_what_to_do(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path, a file, a directory open to others, settings that are none."""
    bare.ok("status")
    for state, word in (("rel", "absolute"), (str(bare.file("file", "x")), "file"), ("/proc/nope", "nope")):
        monkeypatch.setenv("HP_STATE", state)
        refused = bare.hp("status")
        assert (refused.status, word in refused.err) == (78, True), refused
    monkeypatch.setenv("HP_STATE", str(bare.state))
    bare.state.chmod(0o755)
    assert "chmod 700" in bare.hp("status").err
    bare.state.chmod(0o700)
    (bare.state / "hpserver.toml").write_text("x = [")
    assert bare.hp("status").status == 78
    (bare.state / "hpserver.toml").unlink()
    monkeypatch.setenv("HP_LISTEN__PORT", "1")
    assert "HP_LISTEN__PORT" in bare.hp("status").err


def test_a_directory_that_is_damaged_is_said_to_be(bare: Shell) -> None:
    """Status 1, and what to restore."""
    bare.ok("status")
    for file in bare.state.glob("directory.sqlite*"):
        file.unlink()
    file = bare.state / "directory.sqlite"
    file.write_bytes(os.urandom(9000))
    assert bare.hp("status").status == 1
    file.unlink()
    file.mkdir()
    assert bare.hp("status").status in {1, 78}
    assert Path(file).is_dir()
