"""The channel from a child to its agent."""

import asyncio
import socket

from hpserver.net.reporting import AgentChannel
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.internal import Drain, Report
from tests.net.ends import until


async def test_a_child_reports_and_is_told_to_leave() -> None:
    """A report says state, epoch, reason and counters; the order to leave says how long there is."""
    ours, agent = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    left: list[float] = []
    channel = AgentChannel(ours, asyncio.get_running_loop(), left.append)
    with agent:
        channel.tell("live", 3, {"sessions": 2}, "why")
        assert decode_internal(agent.recv(4096)) == Report("live", 3, {"sessions": 2}, "why")
        agent.send(encode_internal(Drain(1.5)))
        await until(lambda: left == [1.5])
    await until(lambda: left == [1.5, 0.0])
    channel.tell("live", 3, {})
    channel.close()
