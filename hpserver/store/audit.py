"""The audit log of an account: one line for each event, each vouching for all before it. Knows no event.

A file of JSON lines, only ever appended to, by any of our processes: a lock on the file puts them in order. A line ends
with its seal, an HMAC over the seal of the line before and its own text: without the key nothing can be changed, left
out or put in between unseen. How far the log had come is kept beside it, so that lines missing at its end are seen too.
Who puts back an older copy of both files is found out by a seal that was noted elsewhere: `hp audit verify` prints it.
"""

import fcntl
import hmac
import os
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec

from hpserver.errors import CorruptBaseError, StoreFullError

KEY_CONTEXT: Final = b"hpserver audit log 1"
"""What the key of the log is derived for, from the installation's pepper."""

MAX_LINE: Final = 16 << 10
"""Bytes of a line: a wish of administration is smaller than a packet between our processes."""

_BLOCK: Final = 64 << 10

Result = Literal["", "failed", "refused"]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One event. `at` is UTC in milliseconds since 1970; `number` counts from 1 without a gap.

    `actor` is a login, `operator`, or "" for nobody known; `about` holds the values of the event, never a secret.
    `result` is "refused" for who may not, "failed" where the event of that name was told and then could not be done.
    """

    number: int
    at: int
    event: str
    actor: str
    about: dict[str, str | int | bool]
    result: Result = ""


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """A line as it is in the file. The first line of a file has no entry: it says where the file takes up."""

    seal: str
    entry: Entry | None = None
    after: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """What a check of the whole log found: how many entries, the last seal, and where it is broken (0: nowhere)."""

    entries: int
    seal: str
    broken: int = 0
    why: str = ""


class AuditLog:
    """The log in `file`, sealed with a key made from `secret`. Every call blocks: the disk is waited for."""

    def __init__(self, file: Path, secret: bytes) -> None:
        self._file = file
        self._key = hmac.digest(secret, KEY_CONTEXT, "sha256")

    def append(self, at: int, event: str, actor: str, about: dict[str, str | int | bool], result: Result = "") -> Entry:
        """Add one line; it is on the disk when this returns.

        Raises:
            StoreFullError: it could not be written: what it speaks of must not be done.
            CorruptBaseError: the log cannot be gone on with: its last line is not one of ours.
        """
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                return self._append(descriptor, at, event, actor, about, result)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StoreFullError("The audit log cannot be written: nothing is done without it.") from error

    def read(self, after: int = 0, limit: int = 100) -> list[Entry]:
        """Return at most `limit` entries with a number above `after`, in order."""
        found: list[Entry] = []
        with self._reading() as file:
            _seek(file, after)
            for line in _lines(file):
                if line.entry is not None and line.entry.number > after:
                    found.append(line.entry)
                    if len(found) == limit:
                        break
        return found

    def latest(self, limit: int = 100) -> list[Entry]:
        """Return the last `limit` entries, in order."""
        with self._reading() as file:
            _seek_back(file, limit + 1)  # the last one may be half a line
            return [line.entry for line in _lines(file) if line.entry is not None][-limit:]

    def verify(self) -> Verdict:
        """Check every seal, every number, and that no line is missing at the end."""
        number, seal, count = 0, self._genesis(), 0
        try:
            for line in self._all():
                why = self._wrong(line, number, seal)
                if why:
                    return Verdict(count, seal, number + 1, why)
                number, seal = _stands(line)
                count += line.entry is not None
        except CorruptBaseError as error:
            return Verdict(count, seal, number + 1, error.text)
        missing = self._kept() > number
        return Verdict(count, seal, number + 1, "entries are missing at the end") if missing else Verdict(count, seal)

    def _wrong(self, line: Sealed, number: int, seal: str) -> str:
        """Say what is wrong with a line after one with that number and seal, "" for nothing."""
        if line.entry is None:
            before, _, vouched = line.seal.partition("/")
            ours = hmac.compare_digest(vouched, self._mac(f"{before} {line.after}".encode()))
            return "" if ours and not number else "the beginning is not as it was written"
        if line.entry.number != number + 1:
            return "an entry is missing"
        ours = hmac.compare_digest(line.seal, self._seal(seal, line.entry))
        return "" if ours else "an entry is not as it was written"

    def prune(self, before: int) -> int:
        """Forget the entries older than `before` (UTC milliseconds), and say how many; what stays is sealed as it was.

        The last entry always stays, and what comes after one that is not older: a clock may have been set
        back. Raises StoreFullError.
        """
        try:
            with self._file.open("rb") as locked:
                fcntl.flock(locked, fcntl.LOCK_EX)
                if os.fstat(locked.fileno()).st_ino != self._file.stat().st_ino:  # pruned while we waited for the lock
                    return self.prune(before)
                return self._prune(before)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise StoreFullError("The audit log cannot be written: nothing was forgotten.") from error

    def _prune(self, before: int) -> int:
        lines = [line for line in self._all() if line.entry is not None]
        old = list(takewhile(lambda line: line.entry is not None and line.entry.at < before, lines[:-1]))
        if not old or old[-1].entry is None:
            return 0
        last, number = old[-1].seal, old[-1].entry.number
        begin = Sealed(f"{last}/{self._mac(f'{last} {number}'.encode())}", None, number)
        made = self._file.with_suffix(".new")
        with made.open("wb") as new:
            os.fchmod(new.fileno(), 0o600)
            new.write(b"".join(msgspec.json.encode(line) + b"\n" for line in (begin, *lines[len(old) :])))
            new.flush()
            os.fsync(new.fileno())
        made.replace(self._file)
        _sync(self._file.parent)
        return len(old)

    # --- within -----------------------------------------------------------------------------------------------------

    def _append(
        self, descriptor: int, at: int, event: str, actor: str, about: dict[str, str | int | bool], result: Result
    ) -> Entry:
        if os.fstat(descriptor).st_ino != self._file.stat().st_ino:  # pruned while we waited for the lock
            return self.append(at, event, actor, about, result)
        number, seal = self._end(descriptor)
        number = max(number, self._kept())  # what was cut off the end stays missed: the numbers go on after it
        entry = Entry(number + 1, at, event, actor, about, result)
        line = msgspec.json.encode(Sealed(self._seal(seal, entry), entry)) + b"\n"
        if len(line) > MAX_LINE:
            raise StoreFullError("The entry is too long for the audit log.", bytes=len(line))
        size = os.fstat(descriptor).st_size
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, size)
            raise OSError("the disk is full")
        os.fdatasync(descriptor)
        if size == 0:
            _sync(self._file.parent)
        self._keep(entry.number)
        return entry

    def _end(self, descriptor: int) -> tuple[int, str]:
        """Return number and seal of the last line; what a power cut left of a line nobody was told of is cut off."""
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, min(size, _BLOCK), max(0, size - _BLOCK))
        whole = tail.rfind(b"\n") + 1
        if whole != len(tail):
            os.ftruncate(descriptor, size - (len(tail) - whole))
        if not whole:
            return 0, self._genesis()
        return _stands(_line(tail[tail.rfind(b"\n", 0, whole - 1) + 1 : whole]))

    def _all(self) -> Iterator[Sealed]:
        with self._reading() as file:
            yield from _lines(file)

    def _reading(self) -> BinaryIO:
        """Open the log; one that is not there is empty."""
        try:
            return self._file.open("rb")
        except FileNotFoundError:
            return BytesIO()

    def _genesis(self) -> str:
        return self._mac(b"")

    def _seal(self, before: str, entry: Entry) -> str:
        return self._mac(before.encode() + msgspec.json.encode(entry))

    def _mac(self, text: bytes) -> str:
        return hmac.new(self._key, text, sha256).hexdigest()

    def _keep(self, number: int) -> None:
        """Remember how far the log has come. Not synced: after a power cut it is behind, never ahead."""
        text = f"{number} {self._mac(str(number).encode())}\n".encode()
        descriptor = os.open(self._head, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, os.pwrite(descriptor, text, 0))
        finally:
            os.close(descriptor)

    def _kept(self) -> int:
        """Return how far the log had come; a note that is not ours says nothing."""
        try:
            number, _, vouched = self._head.read_text(encoding="utf-8").strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            return 0
        return int(number) if number.isdecimal() and hmac.compare_digest(vouched, self._mac(number.encode())) else 0

    @property
    def _head(self) -> Path:
        return self._file.with_suffix(".head")


def _lines(file: BinaryIO) -> Iterator[Sealed]:
    """Read from a line's beginning to the end."""
    for text in file:
        if text.endswith(b"\n"):  # the rest is of a power cut
            yield _line(text)


def _seek(file: BinaryIO, number: int) -> None:
    """Go to a line's beginning, at most a few blocks before the first entry above `number`: numbers only grow."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _BLOCK:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()  # the rest of a line
        at, text = file.tell(), file.readline()
        if at < high and text.endswith(b"\n") and _stands(_line(text))[0] <= number:
            low = at
        else:
            high = middle
    file.seek(low)


def _seek_back(file: BinaryIO, lines: int) -> None:
    """Go to a line's beginning, with that many whole lines after it or the whole file."""
    at, found = file.seek(0, os.SEEK_END), 0
    while at > 0 and found <= lines:
        size = min(at, _BLOCK)
        at = file.seek(at - size)
        found += file.read(size).count(b"\n")
    file.seek(at)
    if at > 0:
        file.readline()  # the rest of a line


def _stands(line: Sealed) -> tuple[int, str]:
    """Return the number and the seal that the line after this one follows."""
    return (line.after, line.seal.partition("/")[0]) if line.entry is None else (line.entry.number, line.seal)


def _line(text: bytes) -> Sealed:
    try:
        line = msgspec.json.decode(text, type=Sealed)
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorruptBaseError("a line of the audit log cannot be read") from error
    if msgspec.json.encode(line) + b"\n" != text:  # what is passed over in reading is vouched for by no seal
        raise CorruptBaseError("a line of the audit log is not as we write them")
    return line


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
