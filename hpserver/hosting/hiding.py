"""A process gives up some files for ever, and writes a few alone: Landlock turned round. Linux; knows no key.

Landlock lists what is allowed. So that all but a few paths is, everything beside their ancestors is listed, as it
stands now: what is put beside an ancestor later is hidden as well.
"""

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The three system calls of Landlock, the same on every processor."""
_ASK_VERSION, _BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 2, 1 << 13, 1 << 14
_ENTRIES: Final = sum(1 << bit for bit in range(4, 13))
"""REMOVE_DIR to MAKE_SYM: whatever makes, removes or renames what is in a folder."""
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1

_CAN_MOVE, _CAN_TRUNCATE, _CAN_SCOPE = 2, 3, 6
"""Versions of Landlock: before the second, no file could be moved from one folder to another (Linux 5.19)."""


def hide(paths: Collection[Path], writable: Collection[Path] = (Path("/"),)) -> bool:
    """Open nothing at or below these paths any more, whoever asks in this process; say whether the kernel sees to it.

    Nor is anything written but at or below those of `writable` that are there now. Nor is anything made, removed or
    renamed in a folder above what is hidden: that would be another path for the process that is started next.
    Nor is another process traced, or, from Linux 6.12 on, signalled, unless this one started it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, _ASK_VERSION)
    if version < _CAN_MOVE:
        return False
    changes = _WRITE_FILE | (_TRUNCATE if version >= _CAN_TRUNCATE else 0) | _ENTRIES | _REFER
    wanted = struct.pack("=Q", _READ_FILE | changes)
    if version >= _CAN_SCOPE:
        wanted += struct.pack("=QQ", 0, _ABSTRACT_SOCKETS | _SIGNALS)
    ruleset = libc.syscall(_CREATE, wanted, len(wanted), 0)
    if ruleset < 0:
        return False
    try:
        for path, may_write in _beside(paths, writable):
            _allow(libc, ruleset, path, _READ_FILE | (changes if may_write else 0))
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        held: bool = libc.syscall(_RESTRICT, ruleset, 0) == 0
    finally:
        os.close(ruleset)
    return held


def _beside(paths: Collection[Path], writable: Collection[Path]) -> Iterator[tuple[str, bool]]:
    """Everything that is neither one of the paths nor on the way to one, and whether it may be written."""
    hidden = {os.path.realpath(path) for path in paths}
    above = {str(parent) for path in hidden for parent in Path(path).parents}
    written = {os.path.realpath(path) for path in writable}
    yield from ((path, True) for path in written if path not in above and not _is_below(path, hidden))
    for folder in above:
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            beside = [one.path for one in found if one.path not in above and one.path not in hidden]
            yield from ((path, _is_below(path, written)) for path in beside)


def _is_below(path: str, folders: Collection[str]) -> bool:
    """Whether it is one of them, or below one."""
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Allow one file or tree; what is gone, or cannot be reached, needs no leave. A link is what it leads to."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISLNK(mode):
                fitting = rights if stat.S_ISDIR(mode) else rights & ~(_ENTRIES | _REFER)
                libc.syscall(_ADD, ruleset, _BENEATH, struct.pack("=Qi", fitting, descriptor), 0)
        finally:
            os.close(descriptor)
