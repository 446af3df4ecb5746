"""structlog set up once: colours on a terminal, JSON lines elsewhere. It knows how a line looks, not what happens.

Events are `noun.verb_past` with fields in snake_case. Whatever is written passes two doors: a field whose name
speaks of a secret loses its value, and control characters are escaped, so that no login name can write a line.
"""

import io
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import msgspec
import structlog
from structlog.processors import ExceptionRenderer, TimeStamper
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from hpserver.errors import HPError

SECRET_WORDS = frozenset(
    {"password", "passwords", "passphrase", "pin", "pins", "secret", "secrets"}
    | {"ticket", "tickets", "token", "tokens", "key", "keys", "pepper"}
)
"""A field is secret when one of these is a word of its name: `pin_hash`, `client_secret`, `ticket`."""

HARMLESS = frozenset({"planning_key"})
"""Names that have such a word and hold no secret."""

REDACTED = "[redacted]"
LINES_PER_SECOND = 10
"""Refusals written one by one: enough to see who, too few to fill a disk (1 GB takes a month)."""

MAX_DEPTH = 6
"""Levels of a nested value that are looked into; below, only its type is written."""

_CONTROL = {code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)]} | {
    code: f"\\u{code:04x}" for code in [0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
}
"""C0, DEL, C1, line separators and the signs that turn the direction of writing."""

_OF_STRUCTLOG = ("_record", "_from_structlog")


def set_up_log(process: str, stream: TextIO | None = None, level: str = "info") -> None:
    """Send every log line of this process, those of the standard library too, to `stream` (standard error).

    May be called again, after a fork or to change the level.
    """
    stream = stream if stream is not None else sys.stderr
    on_terminal = stream.isatty()
    patient = _Patient(stream)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        TimeStamper(fmt="iso", utc=True),
        _name_process(process),
        ExceptionRenderer() if on_terminal else ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        clean,
    ]
    renderer = _console() if on_terminal else structlog.processors.JSONRenderer(serializer=_to_json)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=patient),  # type: ignore[arg-type]  # it uses write and flush alone
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(patient)
    drop_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[drop_meta, renderer])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    logging.captureWarnings(capture=True)


class _Patient(io.TextIOBase):
    """A stream that never fails who writes to it: a full disk or a closed pipe costs lines, not a server (S11).

    How many were lost is written before the next line that can be, on a line of its own: half a line may stand there.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lost = stream, 0

    def write(self, text: str) -> int:
        """Write, or count what is lost; a line at a time, flushed."""
        notice = f'\n{{"event":"log.lines_lost","level":"error","lines":{self._lost}}}\n' if self._lost else ""
        try:
            self._stream.write(notice + text)
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed
            self._lost += 1
        else:
            self._lost = 0
        return len(text)


class RefusalLog:
    """Writes who was turned away before a word was said, for the audit: call it with the source and the cause.

    A flood must not fill the disk: after `LINES_PER_SECOND` lines within a second the others are counted, and the
    count is written with the next line.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = 0
        self._lines = self._silent = 0

    def __call__(self, source: str, error: HPError) -> None:
        """Write, or count."""
        second = int(self._clock())
        if second != self._second:
            self._second, self._lines = second, 0
        if self._lines >= LINES_PER_SECOND:
            self._silent += 1
            return
        self._lines += 1
        counted = {"unlisted": self._silent} if self._silent else {}
        self._silent = 0
        told = {"cause": type(error).__name__} | error.details | counted
        structlog.get_logger().warning("handshake.refused", source=source, **told)


def clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact what is secret and escape what is not printable, at every depth of the event."""
    return {
        escape(name): value
        if name in _OF_STRUCTLOG
        else _indent(value)
        if name == "exception"
        else _clean(name, value, 0)
        for name, value in event.items()
    }


def is_secret(name: str) -> bool:
    """Tell whether a field of this name must lose its value."""
    lower = name.lower()
    return lower not in HARMLESS and not SECRET_WORDS.isdisjoint(lower.replace("-", "_").split("_"))


def escape(text: str) -> str:
    """Return the text on one line, with what a terminal would obey written out."""
    return text.translate(_CONTROL)


def _clean(name: str, value: object, depth: int) -> object:
    """Return a value that may be written: no secret, no control character, nothing of unknown shape."""
    if is_secret(name):
        return REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if depth == MAX_DEPTH:
        return f"<{type(value).__name__}>"
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, Mapping):
        return {escape(str(key)): _clean(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item, depth + 1) for item in value]
    return escape(str(value))


def _indent(value: object) -> object:
    """Return a traceback of several lines that no line of it can pass for a log line of its own."""
    if not isinstance(value, str):
        return _clean("exception", value, -MAX_DEPTH)
    return "\n".join(f"  | {escape(line)}" for line in value.splitlines())


def _name_process(process: str) -> Processor:
    """Return the processor that adds who speaks."""

    def add(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        event["pid"] = os.getpid()
        return event

    return add


def _console() -> Processor:
    """Return the renderer for a terminal; NO_COLOR is respected (no-color.org)."""
    return structlog.dev.ConsoleRenderer(
        colors="NO_COLOR" not in os.environ, exception_formatter=structlog.dev.plain_traceback
    )


def _to_json(event: Any, **_: Any) -> str:
    """Write one line; the encoder of msgspec takes 1.5 us where json takes 8."""
    return msgspec.json.encode(event).decode()
