"""A disk that fails at one step of an operation: what this process asks of the system under a folder, SQLite included.

Python's own calls are wrapped in `os` and `io`, and those of SQLite through its table of system calls; its syncs are
not in that table (`powerloss` has them). What other processes do is not seen.
"""

import ctypes
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec
import pytest

GROWING: Final = {"open", "write", "mkdir", "link", "grow"}
"""What a full disk refuses: it still removes, renames and syncs."""

ANOTHER: Final = 4_194_303
"""Number of the process that fails: who does it again is another one."""

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_libc: Final = ctypes.CDLL(None, use_errno=True)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, use_errno=True)
_PWRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, use_errno=True
)
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, use_errno=True)
_CUT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int64, use_errno=True)
_UNLINK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, use_errno=True)


class Killed(BaseException):
    """The process ended here: nothing that it would have done after reaches the disk."""


class Fault(msgspec.Struct, frozen=True):
    """What fails from the `at`-th step on, `times` times. `number` is an errno; 0 writes only a half; -1 is a kill."""

    name: str
    number: int
    at: int = 0
    times: int = 1_000_000
    kinds: frozenset[str] = frozenset()
    """Those that it touches, all when empty."""


FAULTS: Final = (
    Fault("full", errno.ENOSPC, kinds=frozenset(GROWING)),
    Fault("quota", errno.EDQUOT, kinds=frozenset(GROWING)),
    Fault("broken", errno.EIO, times=1),
    Fault("read-only", errno.EROFS, kinds=frozenset(GROWING | {"reopen", "rename", "remove", "truncate"})),
    Fault("short", 0, times=1, kinds=frozenset({"write"})),
    Fault("killed", -1),
)


class Disk:
    """Counts the steps under `folder`, and fails as `fault` says."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.fault: Fault | None = None
        self.steps: list[tuple[str, str]] = []

    def step(self, kind: str, where: object) -> int | None:
        """Note one step. None to go on, 0 to do a half, else what errno to fail with. Raises Killed."""
        path = _path_of(where)
        if not path.startswith(self.folder):
            return None
        self.steps.append((kind, path.removeprefix(self.folder)))
        fault = self.fault
        if fault is None or not fault.at <= len(self.steps) - 1 < fault.at + fault.times:
            return None
        if fault.number < 0:
            raise Killed
        return fault.number if not fault.kinds or kind in fault.kinds else None

    def check(self, kind: str, where: object) -> bool:
        """Note one step of Python's; whether only a half is done. Raises OSError, Killed."""
        number = self.step(kind, where)
        if number:
            raise OSError(number, os.strerror(number), _path_of(where))
        return number == 0


@contextmanager
def failing(disk: Disk) -> Iterator[None]:
    """Have every step under the folder of `disk` go through it."""
    with pytest.MonkeyPatch.context() as patch:
        _wrap_python(disk, patch)
        kept = _wrap_sqlite(disk)
        try:
            yield
        finally:
            for name in kept:
                _VFS.xSetSystemCall(name, 0)


def _path_of(where: object) -> str:
    if isinstance(where, int):
        try:
            return _readlink(f"/proc/self/fd/{where}")
        except OSError:
            return ""
    return os.fsdecode(where) if isinstance(where, (str, bytes, os.PathLike)) else ""


_readlink, exists = os.readlink, os.path.exists


def _wrap_python(disk: Disk, patch: pytest.MonkeyPatch) -> None:  # noqa: C901 - one small function for each call
    plain = {"fsync": "sync", "fdatasync": "sync", "replace": "rename", "rename": "rename", "unlink": "remove"}
    plain |= {"remove": "remove", "rmdir": "remove", "ftruncate": "truncate", "truncate": "truncate", "mkdir": "mkdir"}
    for name, kind in plain.items():
        patch.setattr(os, name, _checked(disk, kind, getattr(os, name)))
    link, opened, write, pwrite, io_open = os.link, os.open, os.write, os.pwrite, io.open

    def linked(source: Any, target: Any, **more: Any) -> None:
        disk.check("link", target)
        link(source, target, **more)

    def open_(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if flags & _WRITING:
            disk.check("reopen" if exists(path) else "open", path)
        return opened(path, flags, mode, **more)

    def written(descriptor: int, data: Any) -> int:
        return write(descriptor, _half(data) if disk.check("write", descriptor) else data)

    def pwritten(descriptor: int, data: Any, offset: int) -> int:
        return pwrite(descriptor, _half(data) if disk.check("write", descriptor) else data, offset)

    class Raw(io.FileIO):
        def write(self, data: Any) -> int:
            return super().write(_half(data) if disk.check("write", self.fileno()) else data) or 0

    def file(path: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        if not set(mode) & set("wax+") or not _path_of(path).startswith(disk.folder):
            return io_open(path, mode, *args, **more)
        if not isinstance(path, int):
            disk.check("open", path)
        raw = Raw(path, mode.replace("b", "").replace("t", ""))
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding=more.get("encoding"))

    patch.setattr(os, "getpid", lambda: ANOTHER)
    for module, name, wrapped in (
        (os, "link", linked), (os, "open", open_), (os, "write", written), (os, "pwrite", pwritten), (io, "open", file),
    ):  # fmt: skip
        patch.setattr(module, name, wrapped)


def _checked(disk: Disk, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def checked(where: Any, *args: Any, **more: Any) -> Any:
        disk.check(kind, where)
        return call(where, *args, **more)

    return checked


def _half(data: Any) -> memoryview:
    view = memoryview(data).cast("B")
    return view[: len(view) // 2] if len(view) > 1 else view


_VFS: Final = apsw.VFS("system calls", "unix")


def _wrap_sqlite(disk: Disk) -> dict[str, Any]:  # noqa: C901 - one small function for each call
    """Put our calls in SQLite's table; what must be kept alive meanwhile."""

    def tried(kind: str, where: object, call: Callable[[bool], int]) -> int:
        try:
            number = disk.step(kind, where)
        except Killed:
            number = errno.EIO  # SQLite learns no more of it than of a disk that is gone
        if number:
            ctypes.set_errno(number)
            return -1
        return call(number == 0)

    def write(file: int, data: int, size: int) -> int:
        return tried("write", file, lambda half: _libc.write(file, ctypes.c_void_p(data), _part(size, half=half)))

    def pwrite(file: int, data: int, size: int, at: int) -> int:
        return tried("write", file, lambda half: _pwrite(file, data, _part(size, half=half), at))

    def open_(path: bytes, flags: int, mode: int) -> int:
        if flags & _WRITING:
            return tried("reopen" if exists(path) else "open", path, lambda _: _libc.open(path, flags, mode))
        return int(_libc.open(path, flags, mode))

    def cut(file: int, size: int) -> int:
        kind = "grow" if os.fstat(file).st_size < size else "truncate"
        return tried(kind, file, lambda _: _libc.ftruncate(file, ctypes.c_int64(size)))

    def unlink(path: bytes) -> int:
        return tried("remove", path, lambda _: _libc.unlink(path))

    made: dict[str, Any] = {
        "write": _WRITE(write), "pwrite": _PWRITE(pwrite), "pwrite64": _PWRITE(pwrite), "open": _OPEN(open_),
        "ftruncate": _CUT(cut), "unlink": _UNLINK(unlink),
    }  # fmt: skip
    for name, call in made.items():
        _VFS.xSetSystemCall(name, ctypes.cast(call, ctypes.c_void_p).value or 0)
    return made


def _pwrite(file: int, data: int, size: int, at: int) -> int:
    return int(_libc.pwrite(file, ctypes.c_void_p(data), ctypes.c_size_t(size), ctypes.c_int64(at)))


def _part(size: int, *, half: bool) -> int:
    return max(1, size // 2) if half else size
