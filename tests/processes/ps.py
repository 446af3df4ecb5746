"""What the kernel says of processes, for tests that start real ones."""

import os
import select
from pathlib import Path

PATIENCE_MS = 60_000
"""Only reached by a test that fails."""


def fds(pid: int) -> list[str]:
    """Return what the descriptors of a process are: "socket", "pipe", "/dev/null"..."""
    found = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(fd.readlink()).split(":")[0])
        except FileNotFoundError:  # the one that read this folder
            continue
    return sorted(found)


def children(pid: int) -> list[int]:
    """Return the children of a process, zombies too. Not every kernel has lists of them."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _state_and_parent(folder)[1:] == [str(pid)]]


def _state_and_parent(folder: Path) -> list[str]:
    """Return two words that the kernel says of a process, nothing of one that is gone."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return []


def is_there(pid: int) -> bool:
    """Tell whether the process exists and is no zombie."""
    return _state_and_parent(Path(f"/proc/{pid}"))[:1] not in ([], ["Z"])


def wait_gone(pid: int) -> None:
    """Wait until a process, of whomever it is the child, has ended."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    gone = poll.poll(PATIENCE_MS)
    os.close(fd)
    assert gone, f"process {pid} is still there"
