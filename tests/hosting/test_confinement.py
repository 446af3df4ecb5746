"""What a confined process cannot do any more."""

import subprocess
import sys

import pytest

from hpserver.hosting.confinement import DEFAULT_BOUNDS, WALLS

CODE = """
import os, socket, sys, resource
from hpserver.hosting.confinement import confine
held = confine()
tries = {
    "file": lambda: open("/etc/passwd"), "socket": socket.socket, "pipe": os.pipe,
    "memory": lambda: bytearray(3 << 30), "more": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
}
done = []
for name, attempt in tries.items():
    try:
        attempt()
        done.append(name)
    except (OSError, MemoryError, ValueError):
        pass
print(",".join(held), ";", ",".join(done))
"""


@pytest.mark.slow
def test_s05_nothing_new_can_be_opened() -> None:
    """No file, no socket, no pipe, no gigabyte, and no way back."""
    done = subprocess.run([sys.executable, "-I", "-c", CODE], capture_output=True, check=True, timeout=60)
    held, _, more = done.stdout.decode().replace(" ", "").partition(";")
    assert more.strip() in {"", "more"} if not {"namespaces", "seccomp"} & set(held.split(",")) else not more.strip()
    assert set(filter(None, held.strip().split(","))) <= set(WALLS)


def test_the_bounds_leave_room_for_a_large_university() -> None:
    """What is refused is an attack, not a school."""
    assert DEFAULT_BOUNDS.memory >= 2 << 30
    assert DEFAULT_BOUNDS.cpu_seconds >= 30
