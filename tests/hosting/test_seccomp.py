"""The filter of system calls: what it is made of, and what is refused behind it."""

import os
import struct
import subprocess
import sys

import pytest

from hpserver.hosting.seccomp import CALLS, MACHINES, program

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000

TRIES = """
import ctypes, mmap, os, resource, signal, socket
from hpserver.hosting import seccomp
libc = ctypes.CDLL(None)
before = os.open("/dev/null", os.O_RDONLY)
libc.prctl(38, 1, 0, 0, 0)
held = seccomp.restrict()
tries = {
    "open": lambda: open("/etc/passwd"), "write": lambda: open("/tmp/x", "w"), "stat": lambda: os.stat("/etc/passwd"),
    "socket": socket.socket, "fork": os.fork, "exec": lambda: os.execv("/bin/true", ["true"]),
    "signal": lambda: os.kill(os.getppid(), 0), "limits": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    "code": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    "ptrace": lambda: 1 / (libc.ptrace(16, 1, 0, 0) + 1), "connect": lambda: 1 / (libc.connect(0, None, 0) + 1),
}
done = []
for name, attempt in tries.items():
    try:
        attempt()
        done.append(name)
    except OSError:
        pass
    except ZeroDivisionError:  # libc says -1
        pass
os.read(before, 1), len(mmap.mmap(-1, 1 << 20)), bytearray(1 << 24)
print(held, done)
"""


def verdict(code: bytes, audit: int, call: int, third: int = 0) -> int:
    """Return what the kernel would: a machine for the five instructions that the filter has."""
    data = struct.pack("=IIQ6Q", call, audit, 0, 0, 0, third, 0, 0, 0)
    steps = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    at, held = 0, 0
    while True:
        what, yes, no, value = steps[at]
        at += 1
        if what == 0x20:
            held = struct.unpack_from("=I", data, value)[0]
        elif what == 0x06:
            return int(value)
        else:
            at += yes if (held == value if what == 0x15 else held & value) else no


@pytest.mark.parametrize("name", MACHINES)
def test_s05_exactly_what_is_listed_is_allowed(name: str) -> None:
    """Every number of every table, and the tables of other processors."""
    machine = MACHINES[name]
    code = program(machine)
    allowed = {call for call in range(600) if verdict(code, machine.audit, call) == ALLOW}
    assert allowed == {*machine.calls, *machine.mapping}
    assert len(machine.calls) == len(CALLS) == len(set(machine.calls))
    for call in machine.mapping:
        assert verdict(code, machine.audit, call, third=3) == ALLOW
        assert verdict(code, machine.audit, call, third=7) == REFUSE
    assert verdict(code, machine.audit, machine.calls[0] | 0x40000000) == REFUSE
    assert verdict(code, 0x40000003, machine.calls[0]) == KILL


@pytest.mark.slow
@pytest.mark.skipif(os.uname().machine not in MACHINES, reason="there is no filter for this processor")
def test_s05_the_kernel_refuses_what_is_not_listed() -> None:
    """The filter alone, without the other walls: what is open can be read, and nothing else is left."""
    done = subprocess.run([sys.executable, "-I", "-c", TRIES], capture_output=True, check=True, timeout=60)
    held, left = done.stdout.decode().strip().split(" ", 1)
    assert held == "False" or left == "[]"
