"""A disk that loses power: a SQLite VFS in memory that knows which writes were synced, and every crash state.

The model: a write reaches the plate at its file's next sync, or earlier, or never; unsynced writes reach it in any
order; one that was under way may be torn into 512-byte sectors. A file's first sync makes its name durable too. The
first sync of a journal or WAL syncs the directory, as the unix VFS does: what was removed before is gone then. Until
then a removed file may come back.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any, cast

import apsw
import msgspec

SECTOR = 512
"""The smallest piece of a write that a disk keeps whole."""


JOURNALS = ("-wal", "-journal")
"""Endings of the files whose first sync also syncs their directory."""


class Create(msgspec.Struct, frozen=True):
    """A file appeared, empty."""

    path: str


class Write(msgspec.Struct, frozen=True):
    """Bytes were written."""

    path: str
    offset: int
    data: bytes


class Truncate(msgspec.Struct, frozen=True):
    """A file was cut."""

    path: str
    size: int


class Delete(msgspec.Struct, frozen=True):
    """A file was removed."""

    path: str


class Sync(msgspec.Struct, frozen=True):
    """Everything before this on the file is on the plate."""

    path: str


class Promise(msgspec.Struct, frozen=True):
    """The program told somebody: `value` is kept. Not a write; it marks the moment."""

    value: Any


Change = Create | Write | Truncate | Delete
Event = Change | Sync | Promise
Files = dict[str, bytes]


class Disk:
    """Files in memory, and the log of all that was done to them.

    `before(kind, path)` is asked before every write, sync, truncate, delete, read and open; what it raises is the
    fault.
    """

    def __init__(self, files: Files | None = None) -> None:
        self.files = {path: bytearray(data) for path, data in (files or {}).items()}
        self.log: list[Event] = []
        self.before: Callable[[str, str], None] = lambda _kind, _path: None

    def promise(self, value: object) -> None:
        """Mark the moment from which `value` must survive."""
        self.log.append(Promise(value))

    def do(self, change: Change) -> None:
        """Carry out and log."""
        self.log.append(change)
        content = _applied(self.files.get(change.path), change)
        if content is None:
            self.files.pop(change.path, None)
        else:
            self.files[change.path] = content


class LossyVFS(apsw.VFS):
    """Serves `disk` to SQLite; put another one there between two connections."""

    def __init__(self, name: str) -> None:
        self.disk = Disk()
        super().__init__(name, "unix")
        self.name = name

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - the name SQLite gives it
        """Keep names as they are."""
        return name

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: ARG002, N802 - the signature SQLite gives it
        """Tell whether a file exists."""
        return pathname in self.disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - the name SQLite gives it
        """Remove a file."""
        self.disk.before("delete", filename)
        if filename not in self.disk.files:
            raise apsw.IOError("no such file")
        self.disk.do(Delete(filename))
        if syncdir:
            self.disk.log.append(Sync(filename))

    def xOpen(  # noqa: N802 - the name SQLite gives it
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        """Open or make a file."""
        flags[1] = flags[0]
        if name is None:
            return cast("apsw.VFSFile", LossyFile(Disk(), "temporary"))
        path = name if isinstance(name, str) else name.filename()
        self.disk.before("open", path)
        return cast("apsw.VFSFile", LossyFile(self.disk, path))


class LossyFile:
    """One open file. Locks always succeed: one connection at a time is what the tests need."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk, self._path = disk, path
        if path not in disk.files:
            disk.do(Create(path))

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: D102, N802 - named and described by SQLite
        self._disk.before("read", self._path)
        return bytes(self._disk.files[self._path][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: D102, N802 - as above
        self._disk.before("write", self._path)
        self._disk.do(Write(self._path, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: D102, N802 - as above
        self._disk.before("truncate", self._path)
        self._disk.do(Truncate(self._path, newsize))

    def xSync(self, flags: int) -> None:  # noqa: ARG002, D102, N802 - as above
        self._disk.before("sync", self._path)
        self._disk.log.append(Sync(self._path))

    def xFileSize(self) -> int:  # noqa: D102, N802 - as above
        return len(self._disk.files[self._path])

    def xLock(self, level: int) -> None:  # noqa: D102, N802 - as above
        pass

    def xUnlock(self, level: int) -> None:  # noqa: D102, N802 - as above
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: D102, N802 - as above
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: ARG002, D102, N802 - as above
        return False

    def xSectorSize(self) -> int:  # noqa: D102, N802 - as above
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: D102, N802 - as above
        # What the unix VFS says by default: a torn write leaves the bytes beside it alone.
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:  # noqa: D102, N802 - as above
        pass


class CrashState(msgspec.Struct, frozen=True):
    """What is on the plate when power fails after event `at` of the log, and what had been promised."""

    at: int
    kind: str
    files: Files
    promised: tuple[Any, ...]


def crash_states(log: list[Event], seed: int) -> Iterator[CrashState]:
    """Yield every crash state of a log: after each event nothing, all, a random half, or a torn last write."""
    dice = random.Random(seed)
    plate: dict[str, bytearray | None] = {}
    pending: dict[str, list[Change]] = {}
    promised: list[Any] = []
    for at, event in enumerate(log):
        if isinstance(event, Promise):
            promised.append(event.value)
        elif isinstance(event, Sync):
            synced = pending.pop(event.path, [])
            plate[event.path] = _all(plate.get(event.path), synced)
            if event.path.endswith(JOURNALS) and any(isinstance(change, Create) for change in synced):
                _forget_removed(plate, pending)
        else:
            pending.setdefault(event.path, []).append(event)
        for kind, files in _variants(plate, pending, event, dice):
            yield CrashState(at, kind, files, tuple(promised))


def _forget_removed(plate: dict[str, bytearray | None], pending: dict[str, list[Change]]) -> None:
    for path in [path for path, changes in pending.items() if isinstance(changes[-1], Delete)]:
        plate[path] = _all(plate.get(path), pending.pop(path))


def _variants(
    plate: dict[str, bytearray | None], pending: dict[str, list[Change]], event: Event, dice: random.Random
) -> Iterator[tuple[str, Files]]:
    yield "nothing", _files(plate, {})
    if not pending:
        return
    yield "all", _files(plate, pending)
    if sum(map(len, pending.values())) > 1:
        yield "half", _files(plate, {path: _half(changes, dice) for path, changes in pending.items()})
    if isinstance(event, Write) and len(event.data) > SECTOR:
        torn = {**pending, event.path: [*pending[event.path][:-1], *_torn(event, dice)]}
        yield "torn", _files(plate, torn)


def _files(plate: dict[str, bytearray | None], changes: dict[str, list[Change]]) -> Files:
    states = {path: _all(plate.get(path), changes.get(path, [])) for path in plate.keys() | changes.keys()}
    return {path: bytes(content) for path, content in states.items() if content is not None}


def _half(changes: list[Change], dice: random.Random) -> list[Change]:
    kept: list[Change] = []
    for change in changes:
        if dice.random() < 0.5:
            kept.append(change)
        elif isinstance(change, Delete | Create):
            break  # what follows was done to another file, which never got this name
    return kept


def _torn(write: Write, dice: random.Random) -> list[Change]:
    return [
        Write(write.path, write.offset + start, write.data[start : start + SECTOR])
        for start in range(0, len(write.data), SECTOR)
        if dice.random() < 0.5
    ]


def _all(content: bytearray | None, changes: list[Change]) -> bytearray | None:
    result = None if content is None else bytearray(content)
    for change in changes:
        result = _applied(result, change)
    return result


def _applied(content: bytearray | None, change: Change) -> bytearray | None:
    if isinstance(change, Delete):
        return None
    result = bytearray() if content is None else content
    if isinstance(change, Truncate):
        del result[change.size :]
        result.extend(bytes(change.size - len(result)))
    elif isinstance(change, Write):
        result.extend(bytes(max(0, change.offset - len(result))))
        result[change.offset : change.offset + len(change.data)] = change.data
    return result
