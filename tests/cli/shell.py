"""A shell for tests: `hp` called in this process on an installation of its own, with what it printed and its status."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hpserver.cli.main import run

PASSWORD = "Lune-4-Papier-77"
WEEKS = ("--first-monday", "2026-08-31", "--last-sunday", "2027-07-04")


@dataclass(frozen=True)
class Result:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """What it printed as JSON."""
        return json.loads(self.out)


class Shell:
    """One installation, one person in front of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"

    def hp(self, *words: str | Path, given: str = "") -> Result:
        """Run a command; `given` is typed on the keyboard."""
        with CliRunner().isolation(input=given) as (out, err, _):
            status = run([str(word) for word in words])
            return Result(status, out.getvalue().decode(), err.getvalue().decode())

    def ok(self, *words: str | Path, given: str = "") -> Result:
        """Run a command that must succeed."""
        done = self.hp(*words, given=given)
        assert done.status == 0, done
        return done

    def json(self, *words: str | Path) -> Any:
        """Run a command that must succeed, and return what it printed as JSON."""
        return self.ok("--output", "json", *words).value

    def file(self, name: str, text: str | bytes) -> Path:
        """Write a file beside the installation."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


@contextmanager
def a_shell(folder: Path, language: str = "en") -> Iterator[Shell]:
    """Point this process at an installation in `folder`, which may have one already."""
    run_folder = Path(tempfile.mkdtemp(prefix="hp-cli-"))
    environ = {"HP_STATE": str(folder / "state"), "HP_RUN": str(run_folder / "run"), "HP_LANG": language}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HP_")]:
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        yield Shell(folder)
    shutil.rmtree(run_folder)
