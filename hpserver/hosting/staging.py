"""Files on their way to become bases: what was received so far, on disk, within a quota. Knows no session.

Of an upload, the folder of its account has `<stem>.wish` (what was announced), `<stem>.part` (the bytes) and, in the
end, `<stem>.done` (what was answered). All of it survives a restart; what nobody touches for a day is removed.
"""

import contextlib
import datetime as dt
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import (
    AlreadyExistsError,
    InvalidChangeError,
    NotFoundError,
    OperationReusedError,
    QuotaExceededError,
    StoreError,
    StoreFullError,
)
from hpserver.exports.format import MAX_FILE
from hpserver.hosting.bases import SUFFIX, bases_in, path_in
from hpserver.hosting.exporting import write_whole
from hpserver.protocol.messages import Reading
from hpserver.store.sqlite_file import DIRECTORY_MODE, FILE_MODE

UPLOADS_AT_ONCE: Final = 4
"""Uploads under way of one account: a school brings in a base a year."""

MAX_BASES: Final = 1_000
"""Bases of one account that uploads may reach: ten plannings for a century."""

UPLOAD_KEPT: Final = dt.timedelta(days=1)
"""From its last byte to the end of an upload that nobody went on with."""

WISH: Final = ".wish"
PART: Final = ".part"
DONE: Final = ".done"


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was announced. `operation` and `sha256` in hexadecimal."""

    planning: str
    user: int
    operation: str
    base: str
    bytes: int
    sha256: str
    reading: Reading | None = None
    of: str = ""
    """Of what becomes a branch, the base."""

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return f"{self.planning}.{self.user}.{self.operation}"


_wishes: Final = msgspec.json.Decoder(Wish)


class Staging:
    """The uploads of one account, in `folder`; several processes may share it. `bases` counts in the quota too."""

    def __init__(self, folder: Path, bases: Path, quota: int) -> None:
        self._folder, self._bases, self._quota = folder, bases, quota

    def start(self, wish: Wish, now: float) -> int:
        """Make room for an upload, or find it again; return how many bytes are there. `now` is UTC, in seconds.

        Raises QuotaExceededError, AlreadyExistsError for the name, OperationReusedError, StoreFullError.
        """
        if not 0 < wish.bytes <= MAX_FILE:
            text = f"a file of {wish.bytes} bytes: from 1 to {MAX_FILE} can be sent"
            raise QuotaExceededError(text, bytes=wish.bytes, limit=MAX_FILE)
        with system_errors():
            self._folder.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            with self._locked():
                self._expire(now)
                if (known := self._maybe_known(wish)) is None:
                    self._refuse_what_cannot_be(wish)
                    write_whole(self._path(wish, WISH), [msgspec.json.encode(wish)])
                elif known != wish:
                    raise OperationReusedError("that operation is another upload")
                elif self.maybe_done(wish):
                    return wish.bytes
                return self._touch(wish)

    def write(self, wish: Wish, offset: int, data: bytes) -> int:
        """Add bytes, unless they are there; return how many are. Raises InvalidChangeError, NotFoundError."""
        with system_errors():
            try:
                part = os.open(self.part(wish), os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                raise NotFoundError("nothing is left of that upload: start it again") from None
            try:
                return _written(part, wish.bytes, offset, data)
            finally:
                os.close(part)

    def is_known(self, wish: Wish) -> bool:
        """Whether anything is left of an upload."""
        return self._path(wish, WISH).exists()

    def part(self, wish: Wish) -> Path:
        """Return where the bytes are."""
        return self._path(wish, PART)

    def done(self, wish: Wish) -> Path:
        """Return where the answer is kept once the base is there."""
        return self._path(wish, DONE)

    def maybe_done(self, wish: Wish) -> bytes:
        """Return the answer, nothing when there is none yet."""
        with contextlib.suppress(FileNotFoundError):
            return self.done(wish).read_bytes()
        return b""

    def forget(self, wish: Wish) -> None:
        """Leave nothing of an upload."""
        with system_errors():
            for suffix in (PART, WISH, DONE):
                self._path(wish, suffix).unlink(missing_ok=True)

    def brought(self, base: str) -> int:
        """Return which user sent what became that base, the last one while it is known; 0 for nobody."""
        found: dict[float, int] = {}
        for file in self._folder.glob(f"*{WISH}"):
            with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
                wish = _wishes.decode(file.read_bytes())
                if wish.base == base:
                    found[self.done(wish).stat().st_mtime] = wish.user
        return found[max(found)] if found else 0

    def expire(self, now: float) -> None:
        """Remove what nobody touched for `UPLOAD_KEPT`. `now` is UTC, in seconds."""
        if self._folder.is_dir():
            with system_errors(), self._locked():
                self._expire(now)

    # --- within ---------------------------------------------------------------------------------------------

    def _path(self, wish: Wish, suffix: str) -> Path:
        return self._folder / (wish.stem + suffix)

    def _maybe_known(self, wish: Wish) -> Wish | None:
        with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
            return _wishes.decode(self._path(wish, WISH).read_bytes())
        return None

    def _refuse_what_cannot_be(self, wish: Wish) -> None:
        names = bases_in(self._bases)
        if wish.base in names:
            raise AlreadyExistsError(f"there is a base {wish.base!r} already: choose another name", base=wish.base)
        if len(names) >= MAX_BASES:
            raise QuotaExceededError(f"an account has at most {MAX_BASES} bases", limit=MAX_BASES)
        others = list(self._pending())
        if len(others) >= UPLOADS_AT_ONCE:
            text = f"{len(others)} uploads are under way: finish or cancel one"
            raise QuotaExceededError(text, limit=UPLOADS_AT_ONCE)
        held = sum(other.bytes for other in others) + sum(
            file.stat().st_size for file in self._bases.glob(f"*{SUFFIX}")
        )
        wanted = wish.bytes + (path_in(self._bases, wish.of).stat().st_size if wish.of else 0)
        if held + wanted > self._quota:
            left = max(0, self._quota - held)
            raise QuotaExceededError(f"{wanted} bytes, and {left} are left of the quota", left=left)

    def _pending(self) -> Iterator[Wish]:
        for file in self._folder.glob(f"*{WISH}"):
            with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
                wish = _wishes.decode(file.read_bytes())
                if not self.done(wish).exists():
                    yield wish

    def _touch(self, wish: Wish) -> int:
        """Make the file of the bytes, or mark it as used now; return its size."""
        part = os.open(self.part(wish), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
        try:
            os.utime(part)
            return os.fstat(part).st_size
        finally:
            os.close(part)

    def _expire(self, now: float) -> None:
        newest: dict[str, float] = {}
        files = [file for file in self._folder.iterdir() if file.name != ".lock"]
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                newest[file.stem] = max(newest.get(file.stem, 0.0), file.stat().st_mtime)
        for file in files:
            if newest.get(file.stem, now) < now - UPLOAD_KEPT.total_seconds():
                file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


@contextlib.contextmanager
def system_errors() -> Iterator[None]:
    """Raise StoreFullError or StoreError for what the system says."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFullError("no space is left on the disk") from error
        raise StoreError(f"the disk refused: {error.strerror}") from error


def _written(part: int, whole: int, offset: int, data: bytes) -> int:
    size = os.fstat(part).st_size
    end = offset + len(data)
    if end <= size:
        return size
    if offset != size or end > whole:
        text = f"{len(data)} bytes at {offset}, when {size} of {whole} are there"
        raise InvalidChangeError(text, received=size)
    done = 0
    try:
        while done < len(data):
            done += os.pwrite(part, memoryview(data)[done:], size + done)
    except OSError:
        os.ftruncate(part, size)
        raise
    return end
