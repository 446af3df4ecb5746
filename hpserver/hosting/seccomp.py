"""The few system calls that are left to who reads what a stranger sent: a filter in the kernel. Linux.

An allow list: what a later kernel learns is refused too. x86-64 and aarch64; elsewhere there is no filter.
"""

import ctypes
import os
import struct
import sys
from typing import Final

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """What the filter is made of on one kind of processor: numbers of the kernel's tables."""

    audit: int
    """AUDIT_ARCH_* of linux/audit.h."""
    mapping: tuple[int, ...]
    """mmap and mprotect: allowed unless they make memory executable."""
    calls: tuple[int, ...]
    """Allowed whatever they are given, in the order of `CALLS`."""


CALLS: Final = (
    *("read", "readv", "pread64", "write", "writev", "lseek", "close", "fstat"),
    *("brk", "munmap", "mremap", "madvise", "futex", "set_robust_list", "rseq"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "getrusage", "sysinfo"),
    *("getpid", "gettid", "getrandom", "sched_yield", "sched_getaffinity", "exit", "exit_group"),
)
"""What a reader needs: the descriptors it has, memory, time. No file, socket, process or signal to another."""

MACHINES: Final = {
    "x86_64": Machine(
        0xC000003E,
        (9, 10),
        (
            *(0, 19, 17, 1, 20, 8, 3, 5),
            *(12, 11, 25, 28, 202, 273, 334),
            *(13, 14, 15, 131, 219),
            *(228, 229, 230, 35, 96, 98, 99),
            *(39, 186, 318, 24, 204, 60, 231),
        ),
    ),
    "aarch64": Machine(
        0xC00000B7,
        (222, 226),
        (
            *(63, 65, 67, 64, 66, 62, 57, 80),
            *(214, 215, 216, 233, 98, 99, 293),
            *(134, 135, 139, 132, 128),
            *(113, 114, 115, 101, 169, 165, 179),
            *(172, 178, 278, 124, 123, 93, 94),
        ),
    ),
}
"""By the name that uname(2) gives."""

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000 | 1, 0x7FFF0000
"""SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO with EPERM, SECCOMP_RET_ALLOW."""
_LOAD, _IF_EQUAL, _IF_ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32
"""Where they are in struct seccomp_data; both processors have the low half first."""
_PROT_EXEC: Final = 4


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict() -> bool:
    """Leave this process `CALLS` alone, for ever, and say whether the kernel did it. Needs no_new_privs.

    A call that is refused fails with EPERM; one by the table of another processor ends the process.
    """
    machine = MACHINES.get(os.uname().machine)
    if machine is None or sys.maxsize < 1 << 32:
        return False
    raw = program(machine)
    wanted = _Program(len(raw) // 8, raw)
    held: bool = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(wanted), 0, 0) == 0
    return held


def program(machine: Machine) -> bytes:
    """Return the filter as the kernel reads it: classic BPF, 8 bytes an instruction."""
    code = [(_LOAD, 0, 0, _ARCHITECTURE), (_IF_EQUAL, 1, 0, machine.audit), (_RETURN, 0, 0, _KILL)]
    code.append((_LOAD, 0, 0, _NUMBER))
    for left, call in zip(range(len(machine.calls) - 1, -1, -1), machine.calls, strict=True):
        code.append((_IF_EQUAL, left + len(machine.mapping) + 3, 0, call))  # to the last instruction
    first, second = machine.mapping
    code += [(_IF_EQUAL, 1, 0, first), (_IF_EQUAL, 0, 2, second), (_LOAD, 0, 0, _THIRD_ARGUMENT)]
    code += [(_IF_ANY, 0, 1, _PROT_EXEC), (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *one) for one in code)
