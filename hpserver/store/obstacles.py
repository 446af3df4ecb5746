"""What keeps a file from being opened, said as it is: no space, no right, a disk that fails. Knows no table."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from hpserver.errors import HPError, StoreError, StoreFullError

PROBE_BYTES: Final = 32 << 10
"""What a base needs beside its file to be opened: the first part of its shared index (sqlite.org/walformat.html)."""


@contextlib.contextmanager
def opening(path: Path) -> Iterator[None]:
    """Say what keeps a file from being opened: nothing was promised yet, so nothing is in doubt.

    Raises StoreFullError, StoreError, and what is damaged or busy as `translated`.
    """
    try:
        yield
    except (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise _obstacle(path, error) from error
    except OSError as error:
        raise _obstacle(path, error) from error


def _obstacle(path: Path, error: apsw.Error | OSError) -> HPError:
    """What keeps us out: SQLite says little of it, so the folder is tried."""
    if isinstance(error, apsw.FullError) or getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE:
        return _no_room(path)
    number = error.errno if isinstance(error, OSError) else _trouble_in(path.parent) or _trouble_with(path)
    if number in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return _no_room(path)
    if number in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return StoreError(f"{path.name} or its folder cannot be written: {os.strerror(number)}")
    why = os.strerror(number) if number else str(error)
    return StoreError(f"the disk failed at {path.name}, and nothing of it is promised: {why}")


def _no_room(path: Path) -> HPError:
    text = f"no space left on the disk of {path.name}: nothing was changed. Free some, then try again."
    return StoreFullError(text)


def _trouble_in(folder: Path) -> int:
    """What the system says of writing a page in a folder; 0 for nothing."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            if probe.write(bytes(PROBE_BYTES)) < PROBE_BYTES:
                return errno.ENOSPC
            os.fsync(probe.fileno())
    except OSError as error:
        return error.errno or 0
    return 0


def _trouble_with(path: Path) -> int:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return error.errno or 0
    return 0
