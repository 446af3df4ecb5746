import errno
import os
import pty
import subprocess
import sys

import click
import pytest

from hpserver import __version__, errors
from hpserver.cli import main
from hpserver.cli.main import COMMANDS, EXIT_FAILED, EXIT_OF, EXIT_TEMPORARY, exit_status, house_error
from hpserver.errors import ClashError, ConfigurationError, HPError, NotFoundError, StoreError
from tests.cli.shell import Shell

HEAVY = {"structlog", "starlette", "apsw", "uvloop", "cryptography", "icalendar", "argon2", "zstandard", "ssl"}


@pytest.mark.slow
@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_import_little(word: str) -> None:
    """What a person types by habit answers at once."""
    code = f"import sys; from hpserver.cli.main import run; s = run(['{word}']); print(*sys.modules, file=sys.stderr)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ("Usage" if word == "--help" else __version__) in told.stdout
    assert not {name.partition(".")[0] for name in told.stderr.split()} & (HEAVY - {"ssl"})


@pytest.mark.slow
def test_a_client_needs_no_server() -> None:
    """`hp client` runs on a desk where no server can: no database, no log of a server."""
    code = "import sys; import hpserver.cli.client.command; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not {name.partition(".")[0] for name in told.stdout.split()} & {"structlog", "apsw", "uvloop", "argon2"}


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "demo"])
def test_the_one_line_of_a_command_is_that_of_its_help(name: str) -> None:
    """The list is written by hand so that nothing is imported; it may not lie."""
    command = main.hp.get_command(click.Context(main.hp), name)
    assert command is not None
    line = COMMANDS[name][2].removesuffix("...")
    assert " ".join((command.help or "").split()).startswith(line)


def test_an_unknown_command_is_a_usage_error(bare: Shell) -> None:
    """Status 2, as every shell expects."""
    assert bare.hp("nope").status == 2
    assert bare.hp("hosting", "create").status == 2
    assert bare.hp("--output", "xml", "status").status == 2


def test_every_status_is_documented_by_its_errors() -> None:
    """A subclass ends as its parent; what nobody foresaw ends with 1."""
    assert exit_status(NotFoundError()) == 3
    assert exit_status(ConfigurationError()) == 78
    assert exit_status(StoreError()) == 1
    assert exit_status(type("MoreClashes", (ClashError,), {})()) == 5
    assert set(EXIT_OF.values()) == {2, 3, 4, 5, 6, 75, 78}
    assert all(getattr(errors, kind.__name__) is kind for kind in EXIT_OF)


def test_what_the_system_says_of_a_file_is_an_error_of_the_house() -> None:
    """A full disk or a missing right is no bug; anything else is, and is shown as such."""
    error = house_error(PermissionError(13, "Permission denied", "/x"))
    assert isinstance(error, ConfigurationError)
    assert error.text == "/x: Permission denied"
    for number, status in ((errno.ENOSPC, EXIT_TEMPORARY), (errno.EDQUOT, EXIT_TEMPORARY), (errno.EIO, EXIT_FAILED)):
        said = house_error(OSError(number, os.strerror(number), "/x"))
        assert isinstance(said, StoreError)
        assert exit_status(said) == status
    inner = NotFoundError("x")
    assert house_error(ExceptionGroup("tasks", [ValueError(), ExceptionGroup("more", [inner])])) is inner
    assert house_error(ValueError("a bug")) is None


def test_a_bug_is_not_hidden(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback is what a developer needs; with HP_DEBUG it is shown for the errors of the house too."""
    monkeypatch.setenv("HP_DEBUG", "1")
    with pytest.raises(HPError):
        bare.hp("planning", "list")


def test_a_secret_without_a_terminal_says_which_option_holds_it(shell: Shell) -> None:
    """A command in a script or a timer ends with what to do, not in silence."""
    device = shell.folder / "device"
    device.mkdir(mode=0o700)
    (device / "device.pem").write_text("x")
    refused = shell.hp("client", "list", "--login", "ada", "--device", device)
    assert (refused.status, "--password-file" in refused.err) == (78, True)


@pytest.mark.slow
@pytest.mark.parametrize("key", [b"\x03", b"\x04"])
def test_ctrl_c_and_ctrl_d_at_a_question_have_their_status(bare: Shell, key: bytes) -> None:
    """130, as for any program that was interrupted; the question is asked on a terminal, without an echo."""
    device = bare.folder / "device"
    device.mkdir(mode=0o700)
    (device / "device.pem").write_text("x")
    words = ["client", "list", "--login", "ada", "--device", str(device)]
    code = f"import sys; from hpserver.cli.main import run; sys.exit(run({words!r}))"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])  # noqa: S606 - the terminal is the child's, no shell is
    told = b""
    while b": " not in told:
        told += os.read(terminal, 1024)
    os.write(terminal, key)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    os.close(terminal)


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["base", "--help"]])
def test_a_reader_that_has_seen_enough_ends_it_quietly(words: list[str]) -> None:
    """`hp ... | head`: the status of a closed pipe, and not a word."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        command = [sys.executable, "-m", "hpserver", *words]
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (main.EXIT_PIPE, b"")
