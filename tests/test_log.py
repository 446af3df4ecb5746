"""What a log line may hold, and how it looks."""

import contextlib
import errno
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from hpserver.errors import CertificateRefusedError, TooSlowError
from hpserver.log import REDACTED, RefusalLog, escape, is_secret, set_up_log

SECRET = "s3cr3t"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Person(msgspec.Struct):
    """A value with a secret among its fields."""

    login: str
    pin_hash: str


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Give the next test the logging of the process back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def fail(text: str, password: str = "") -> None:
    """Fail, with a secret among the variables."""
    raise ValueError(text if password is not None else password)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Return the JSON lines that were written."""
    return [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]


def test_line_is_json_with_its_time_level_and_process() -> None:
    """The journal and grep read the same line."""
    stream = io.StringIO()
    set_up_log("agent", stream)
    structlog.contextvars.bind_contextvars(planning="planning01")
    structlog.get_logger().info("process.started", child=12)
    [line] = lines(stream)
    assert str(line.pop("timestamp")).endswith("Z")
    assert isinstance(line.pop("pid"), int)
    assert line == {
        "event": "process.started",
        "level": "info",
        "process": "agent",
        "planning": "planning01",
        "child": 12,
    }


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["json", "terminal"])
def test_secret_never_reaches_the_log(stream: io.StringIO) -> None:
    """Logs travel further than anyone thinks: a secret in one is a secret lost."""
    set_up_log("controller", stream, "debug")
    log = structlog.get_logger()
    words = ["password", "pin", "secret", "ticket", "token", "key", "PIN", "client_secret", "new-password", "pin_hash"]
    for word in words:
        log.info("user.changed", **{word: SECRET})
        log.info("user.changed", before={word: SECRET}, rows=[{"deep": {word: SECRET}}])
    log.info("user.changed", person=Person(login="ada", pin_hash=SECRET), raw=SECRET.encode())
    try:
        fail("", password=SECRET)
    except ValueError:
        log.exception("login.failed")
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().count(REDACTED) == 3 * len(words) + 1


def test_harmless_names_keep_their_value() -> None:
    """Redaction goes by whole words: `keyboard` is no key, `monkey` neither."""
    assert not any(map(is_secret, ["keyboard", "monkey", "spin", "pinned", "planning_key", "error_code", "login"]))


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["json", "terminal"])
def test_s11_login_name_can_neither_write_a_line_nor_move_the_cursor(stream: io.StringIO) -> None:
    """A name with newlines and terminal codes stays on its line, as text."""
    set_up_log("controller", stream)
    evil = 'ada\n{"event": "login.accepted"}\r\x1b[2K\x9b1A\u2028\u202e'
    try:
        fail(evil)
    except ValueError:
        structlog.get_logger().exception("login.refused", login=evil, **{evil: 1})
    logging.getLogger("other").warning("%s", evil)
    text = stream.getvalue().replace("\x1b[0m", "")
    assert not [line for line in text.splitlines() if line.startswith('{"event": "login.accepted"}')]
    assert "\x1b[2K" not in text
    assert not set(text) & set("\r\x9b\u2028\u202e")


def test_escaped_text_is_readable() -> None:
    """What was taken out can still be seen."""
    assert escape("é\n\x1b\u202e") == "é\\x0a\\x1b\\u202e"


def test_exception_is_written_with_its_frames_and_no_variables() -> None:
    """A traceback helps; the values of the variables in it would tell secrets."""
    stream = io.StringIO()
    set_up_log("agent", stream)
    try:
        fail("no such thing")
    except ValueError:
        structlog.get_logger().exception("thing.failed")
    exception = msgspec.convert(lines(stream)[0]["exception"], list[dict[str, object]])[0]
    assert exception["exc_value"] == "no such thing"
    assert "locals" not in str(exception)


def test_standard_library_and_warnings_are_routed_in() -> None:
    """A library's warning looks like our own lines, and is not lost."""
    stream = io.StringIO()
    set_up_log("agent", stream)
    logging.getLogger("asyncio").warning("slow %s", "callback")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", UserWarning, stacklevel=1)
    first, second = lines(stream)
    assert (first["event"], first["level"], first["process"]) == ("slow callback", "warning", "agent")
    assert "old" in str(second["event"])


def test_level_is_that_of_the_settings_and_can_change() -> None:
    """A reload makes a running process more talkative, or less."""
    stream = io.StringIO()
    set_up_log("agent", stream, "warning")
    structlog.get_logger().info("frame.received")
    logging.getLogger("x").info("quiet")
    assert not stream.getvalue()
    set_up_log("agent", stream, "debug")
    structlog.get_logger().debug("frame.received")
    assert len(lines(stream)) == 1


def test_unknown_shapes_are_written_as_text_or_by_their_type() -> None:
    """No value can make a log line fail."""
    stream = io.StringIO()
    set_up_log("agent", stream)
    deep: dict[str, object] = {}
    deep["again"] = deep
    structlog.get_logger().info("thing.seen", deep=deep, what={1, 2}, error=ValueError("x\ny"), none=None)
    [line] = lines(stream)
    assert line["what"] == [1, 2]
    assert line["error"] == "x\\x0ay"
    assert "<dict>" in str(line["deep"])


class Full(io.StringIO):
    """A stream on a disk that may be full: of the first line that has no room, the beginning is kept."""

    full = True

    def flush(self) -> None:
        """Fail while it is."""
        if self.full:
            self.seek(8)
            self.truncate()
            raise OSError(errno.ENOSPC, "No space left on device")


def test_s11_full_disk_costs_lines_and_no_server() -> None:
    """Who serves goes on serving when its log cannot be written, and says later what is missing."""
    stream = Full()
    set_up_log("agent", stream)
    log = structlog.get_logger()
    log.info("frame.received")
    logging.getLogger("x").warning("lost too")
    stream.full = False
    log.info("frame.sent")
    half, *whole = stream.getvalue().splitlines()
    assert half == '{"event"'
    first, second = (msgspec.json.decode(line) for line in whole)
    assert first["event"] == "log.lines_lost"
    assert second["event"] == "frame.sent"
    stream.close()
    log.info("frame.lost")


def test_s11_device_without_room_is_survived() -> None:
    """The same with the kernel's own answer."""
    written = False
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as stream:
        set_up_log("agent", stream)
        structlog.get_logger().info("frame.received")
        structlog.get_logger().info("frame.received")
        written = True
    assert written


def test_t02_who_is_turned_away_is_written_and_a_flood_is_counted() -> None:
    """The audit has the source and the cause of a refused handshake; a flood costs ten lines a second and a number."""
    now = [5.0]
    refused = RefusalLog(lambda: now[0])
    with capture_logs() as lines:
        for _ in range(100):
            refused("192.0.2.7", CertificateRefusedError("not ours", cause="unknown_ca"))
        now[0] = 6.0
        refused("192.0.2.8", TooSlowError("silent"))

    assert len(lines) == 11
    assert lines[0]["source"] == "192.0.2.7"
    assert lines[0]["cause"] == "unknown_ca"
    assert lines[-1]["unlisted"] == 90
