"""Which TCP ports of this machine are free now. Knows no account."""

import socket
from collections.abc import Iterable, Iterator


def is_free(host: str, port: int) -> bool:
    """Say whether somebody could listen there at this moment; who is slower than another finds out later."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def busy_before(host: str, ports: Iterable[int], wanted: int) -> Iterator[int]:
    """Yield the ports that somebody has, until `wanted` free ones were passed."""
    for port in ports:
        if wanted == 0:
            return
        if is_free(host, port):
            wanted -= 1
        else:
            yield port
