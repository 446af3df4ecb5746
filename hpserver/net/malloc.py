"""The allocator of a process that speaks TLS, and how much it may take. It knows glibc, and no connection.

Without this, each TLS read of uvloop (256 KiB) is one mmap, one mremap and one munmap, depending on the history of the
heap: two to three times the cost of a request, measured. Our own link reads less at once and is less exposed, but
snapshots and transfers allocate as much.
"""

import ctypes
import resource
from typing import Final

MMAP_THRESHOLD: Final = 4 << 20
"""Bytes from which a block gets its own mapping (glibc: 128 KiB, moving)."""

TRIM_THRESHOLD: Final = 32 << 20
"""Free bytes at the top of the heap that stay with the process."""

TOP_PAD: Final = 1 << 20
"""Bytes asked from the system beyond what is needed."""

_M_TRIM_THRESHOLD: Final = -1  # the names and numbers of glibc's malloc.h
_M_TOP_PAD: Final = -2
_M_MMAP_THRESHOLD: Final = -3


def tune_malloc() -> bool:
    """Set the thresholds of this process; call it first thing in `main`.

    Returns whether the C library took them: False, and nothing done, where it is not glibc.
    """
    try:
        libc = ctypes.CDLL(None)
        _ = libc.gnu_get_libc_version  # musl has a mallopt that does nothing
        mallopt = libc.mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows cannot open "the program itself"
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    settings = ((_M_MMAP_THRESHOLD, MMAP_THRESHOLD), (_M_TRIM_THRESHOLD, TRIM_THRESHOLD), (_M_TOP_PAD, TOP_PAD))
    return [mallopt(name, value) for name, value in settings] == [1, 1, 1]


def bound_memory(mebibytes: int) -> None:
    """Let this process take that much memory of its own (RLIMIT_DATA), then meet MemoryError; 0 bounds nothing.

    A harder bound that is there already stays.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wished = mebibytes << 20
    if wished and (hard == resource.RLIM_INFINITY or wished < hard):
        resource.setrlimit(resource.RLIMIT_DATA, (wished, hard))
