import ast
import subprocess
import sys

import pytest

import hpserver.client

FORBIDDEN = ["uvloop", "apsw", "structlog", "click", "resource", "icalendar", "argon2"]
"""What a device of a user does not have, or has no use for. `fcntl` is asyncio's own on Unix: see the other test."""

UNIX = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "uvloop", "posix"}


def loaded(what: str) -> list[str]:
    """Return the modules that an import brings, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-c", f"import {what}, sys; print('\\n'.join(sys.modules))"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return told.stdout.split()


@pytest.mark.slow
def test_the_library_is_light() -> None:
    """A client on somebody's desk needs no database, no server's log, no other loop."""
    assert not {name.partition(".")[0] for name in loaded("hpserver.client")} & set(FORBIDDEN)


@pytest.mark.slow
def test_the_library_imports_nothing_of_unix() -> None:
    """It runs on Windows: none of the modules it brings imports, at any place, what is not there."""
    for name in loaded("hpserver.client"):
        if not name.startswith("hpserver"):
            continue
        __import__(name)
        file = sys.modules[name].__file__
        assert file is not None
        with open(file, "rb") as source:  # noqa: PTH123 - any path does
            tree = ast.parse(source.read())
        found = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        found |= {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not found & UNIX, name


def test_every_public_name_is_there() -> None:
    """What is announced exists."""
    assert all(hasattr(hpserver.client, name) for name in hpserver.client.__all__)
