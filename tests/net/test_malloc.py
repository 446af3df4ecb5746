"""The allocator of a process that speaks TLS."""

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from hpserver.net.malloc import tune_malloc
tuned = tune_malloc() if sys.argv[1] == "tuned" else None
def faults():
    for _ in range(10):
        bytearray(256 << 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(200):
        bytearray(b"x") * (256 << 10)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(tuned, faults())
"""


def run(mode: str, root: str) -> tuple[str, int]:
    """Return what `tune_malloc` said and the page faults of 200 blocks of 256 KiB, in a fresh process."""
    command = [sys.executable, "-c", FAULTS, mode, root]
    environment = {"MALLOC_MMAP_THRESHOLD_": "131072"} if mode == "plain" else {}  # keeps the trap from moving away
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    tuned, faults = done.stdout.split()
    return tuned, int(faults)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_blocks_of_a_tls_read_cost_no_page_fault(pytestconfig: pytest.Config) -> None:
    """The trap that makes TLS two to three times dearer comes back silently: this hears it."""
    root = str(pytestconfig.rootpath)
    tuned, faults = run("tuned", root)
    assert tuned == "True"
    assert faults < 200, "each block still gets its own mapping"
    assert run("plain", root)[1] > 200 * 32, "this test no longer sees the trap"
