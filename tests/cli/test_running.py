import asyncio
import io
import signal
import threading
from pathlib import Path
from stat import S_IMODE

import pytest

from hpserver.cli.running import MAX_SECRET, ask_secret, asynchronous, patient, read_secret, write_file
from hpserver.errors import ConfigurationError


def test_a_secret_is_one_line(tmp_path: Path) -> None:
    """The end of the line is not part of it; spaces are."""
    file = tmp_path / "secret"
    for content in (b" correct horse ", b" correct horse \n", b" correct horse \r\n"):
        file.write_bytes(content)
        assert read_secret(file) == " correct horse "
    assert read_secret(None) == ""


def test_a_secret_may_be_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each; when there is none left, the option that could hold it is named."""
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n4815\n"))
    assert [ask_secret("Password", "--password-file"), ask_secret("PIN", "--pin-file")] == ["correct horse", "4815"]
    with pytest.raises(ConfigurationError, match="--pin-file"):
        ask_secret("PIN", "--pin-file")


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb\n", b"\xff\xfe", b"x" * (MAX_SECRET + 1)])
def test_another_file_is_no_secret(tmp_path: Path, content: bytes) -> None:
    """A wrong file is said, and never used as a password; its content is not shown."""
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="secret"):
        read_secret(file)


def test_a_private_file_is_private_even_when_it_was_not(tmp_path: Path) -> None:
    """It may have been there, open to others."""
    old, new, public = tmp_path / "old", tmp_path / "new", tmp_path / "public"
    old.write_text("something longer")
    old.chmod(0o644)
    for path in (old, new):
        write_file(path, b"secret", private=True)
        assert path.read_bytes() == b"secret"
        assert S_IMODE(path.stat().st_mode) == 0o600
    write_file(public, b"x")
    assert public.read_bytes() == b"x"


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Bytes as they are."""
    write_file(Path("-"), b"\x00\xff")
    assert capfdbinary.readouterr().out == b"\x00\xff"


def test_a_command_is_run_on_a_loop_of_its_own() -> None:
    """Its name and help stay."""

    @asynchronous
    async def command(number: int) -> int:
        """Help."""
        await asyncio.sleep(0)
        return number + 1

    assert command(1) == 2
    assert (command.__name__, command.__doc__) == ("command", "Help.")


@pytest.mark.slow
def test_who_waits_is_told_on_a_terminal_from_the_first_second_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Elsewhere nothing is said; what is raised inside comes out, and the line is ended."""
    with patient("Reading"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    interrupt = threading.Timer(1.2, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt), patient("Reading"):
        threading.Event().wait(10)
    assert capsys.readouterr().err == "\rReading... 1 s\n"
