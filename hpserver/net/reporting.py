"""The channel from a child to its agent: how I am, and the order to leave. Knows no other message."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping

from hpserver.errors import HPError
from hpserver.net.handover import PacketChannel
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.internal import Drain, Report


class AgentChannel:
    """Reports to the agent; `leave` is called with the seconds it gives, 0 when the agent itself is gone."""

    def __init__(self, report: socket.socket, loop: asyncio.AbstractEventLoop, leave: Callable[[float], None]) -> None:
        self._leave = leave
        self._channel = PacketChannel(report, loop, self._ordered, lambda _error: leave(0.0))

    def tell(self, state: str, epoch: int, counters: Mapping[str, int], reason: str = "") -> None:
        """Say how this process is; nothing happens when nobody listens."""
        with contextlib.suppress(HPError):
            self._channel.send(encode_internal(Report(state, epoch, dict(counters), reason)))

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def _ordered(self, packet: bytes, passenger: socket.socket | None) -> None:
        if passenger is not None:
            passenger.close()
        order = decode_internal(packet)
        if isinstance(order, Drain):
            self._leave(order.seconds)
