"""A peer: what uvloop's own TLS allows. Every read is answered by the same frame, whatever was asked.

`python -m bench.uvloop_echo PORT CHAIN KEY TRUSTED REPLY_BYTES`: the same TLS settings and allocator as the server.
"""

import asyncio
import sys
from pathlib import Path
from typing import cast

import uvloop

from hpserver.certs.contexts import server_context
from hpserver.certs.files import load_certificates
from hpserver.net.malloc import tune_malloc


class Echo(asyncio.Protocol):
    """Answers at once."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not derive from it

    def data_received(self, _data: bytes) -> None:
        """Answer."""
        self._transport.write(self._reply)


async def serve(port: int, chain: Path, key: Path, trusted: Path, size: int) -> None:
    """Serve until killed."""
    reply = (size - 4).to_bytes(4, "big") + bytes(size - 4)
    context = server_context(chain, key, load_certificates(trusted)[:1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Echo(reply), "127.0.0.1", port, ssl=context, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    tune_malloc()
    chain, key, trusted = map(Path, sys.argv[2:5])
    uvloop.run(serve(int(sys.argv[1]), chain, key, trusted, int(sys.argv[5])))
