"""A real signer for tests: a process of its own, as the agent would start it, without an agent."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hpserver.config import Paths
from hpserver.protocol.codec import decode_internal
from hpserver.protocol.internal import MAX_PACKET, Report
from tests.processes.roles import ROOT

UNPRIVILEGED = (
    "import ctypes, os;"
    "ctypes.CDLL(None).syscall(126 if os.uname().machine == 'x86_64' else 91,"
    " (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())"
)
"""capset(2): a process of root is as an ordinary user's from here on."""

SIGNER = (
    f"{UNPRIVILEGED};"
    "import socket, sys; from hpserver.signer import run; sys.exit(run({}, [], socket.socket(fileno=int(sys.argv[1]))))"
)
PATIENCE = 60.0
"""Seconds; only reached by a test that fails."""


@contextmanager
def a_signer(paths: Paths) -> Iterator[subprocess.Popen[bytes]]:
    """Have an installation's signer run, from its first report on; it ends with the block."""
    report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    report.settimeout(PATIENCE)
    environ = os.environ | {"HP_STATE": str(paths.state), "HP_RUN": str(paths.run)}
    with report:
        with theirs, (paths.state / "signer-of-a-test.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", SIGNER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        try:
            said = decode_internal(report.recv(MAX_PACKET))
            assert isinstance(said, Report)
            assert said.state == "live"
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)
