"""CPU time of one GetTimetable at each end: decoded, checked, answered. Prints microseconds; judges nothing.

Run with `python -m bench.protocol_requests`.
"""

import time
from collections.abc import Callable

import msgspec

from hpserver.protocol.codec import encode
from hpserver.protocol.connection import Connection
from hpserver.protocol.messages import Enter, Entered, GetTimetable, Hello, Timetable
from hpserver.protocol.states import Role, Side

ROUNDS = 20_000
PASSES = 5


def pair() -> tuple[Connection, Connection]:
    """Return both ends of a session inside a planning."""
    client, server = Connection(Side.CLIENT, Role.PLANNING), Connection(Side.SERVER, Role.PLANNING)
    client.send(Hello((1,), (), "bench"))
    exchange(client, server)
    server.send(server.welcome(server="bench", time_ms=0))
    exchange(server, client)
    client.send(Enter(1, 0, "EDT", bytes(32), 0, 0))
    exchange(client, server)
    server.send(Entered(1, 1, 1, 1, "EDT", "EDT.hpb", "Administrateur", resumed=False))
    exchange(server, client)
    return client, server


def exchange(here: Connection, there: Connection) -> None:
    """Carry what waits from one end to the other."""
    for data in here.data_to_send():
        there.receive_data(data, 0.0)


def best(work: Callable[[], None]) -> float:
    """Return the microseconds of one round of the best pass."""
    spent = []
    for _ in range(PASSES):
        began = time.thread_time()
        work()
        spent.append((time.thread_time() - began) / ROUNDS * 1e6)
    return min(spent)


def main() -> None:
    """Print the table."""
    client, server = pair()
    question = encode(GetTimetable(7, 0, "instructor", 123, 12))
    items = msgspec.Raw(msgspec.msgpack.encode([[i, i * 7, 4, 1] for i in range(12)]))

    def serve() -> None:
        for _ in range(ROUNDS):
            (asked,) = server.receive_data(question, 0.0)
            assert isinstance(asked, GetTimetable)
            server.send(Timetable(asked.id, 5, items))
            server.data_to_send()

    def both() -> None:
        for _ in range(ROUNDS):
            client.send(GetTimetable(7, 0, "instructor", 123, 12))
            exchange(client, server)
            server.send(Timetable(7, 5, items))
            exchange(server, client)

    print(f"server: heard, checked, answered    {best(serve):6.2f} us")
    print(f"both ends: asked, served, heard     {best(both):6.2f} us")


if __name__ == "__main__":
    main()
