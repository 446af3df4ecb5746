"""A peer: the `websockets` library on uvloop. What one client says is broadcast to all others.

`python -m bench.websockets_hub PORT CHAIN KEY TRUSTED`: the same TLS settings and allocator as the server.
"""

import sys
from pathlib import Path

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from hpserver.certs.contexts import server_context
from hpserver.certs.files import load_certificates
from hpserver.net.malloc import tune_malloc

PUBLISH: str = "/publish"

members: set[ServerConnection] = set()


async def meet(connection: ServerConnection) -> None:
    """Keep a listener, or repeat what a publisher says."""
    assert connection.request is not None
    if connection.request.path == PUBLISH:
        async for message in connection:
            broadcast(members, message)
        return
    members.add(connection)
    try:
        await connection.wait_closed()
    finally:
        members.discard(connection)


async def run(port: int, chain: Path, key: Path, trusted: Path) -> None:
    """Serve until killed; nothing is compressed, nobody is pinged."""
    context = server_context(chain, key, load_certificates(trusted)[:1])
    async with serve(meet, "127.0.0.1", port, ssl=context, compression=None, ping_interval=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    tune_malloc()
    uvloop.run(run(int(sys.argv[1]), *map(Path, sys.argv[2:5])))
