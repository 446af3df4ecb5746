"""One message to many: in order, each once, in slices."""

import asyncio
from typing import cast

from hpserver.net.dialogue import Dialogue
from hpserver.net.pushes import SLICE, Pushes
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode
from tests.net.ends import until


class Told:
    """Stands where a dialogue does, and remembers the bytes."""

    def __init__(self) -> None:
        self.pushed: list[tuple[bytes, type[m.Message]]] = []

    def push(self, framed: bytes, kind: type[m.Message]) -> None:
        """See `Dialogue`."""
        self.pushed.append((framed, kind))


async def test_a_crowd_is_told_in_slices_and_in_order() -> None:
    """Others have their turn in between; the second message follows the first for everybody; who left is skipped."""
    crowd = {number: Told() for number in range(2 * SLICE + 50)}
    dialogues = cast("dict[int, Dialogue]", crowd)
    pushes = Pushes(asyncio.get_running_loop(), dialogues)
    pushes.tell(list(crowd), m.Behind(1))
    pushes.tell(list(crowd), m.Left(2))
    assert sum(len(one.pushed) for one in crowd.values()) == SLICE
    gone = crowd[2 * SLICE]
    del dialogues[2 * SLICE]
    await until(lambda: all(len(one.pushed) == 2 for one in crowd.values()))
    expected = [(encode(m.Behind(1)), m.Behind), (encode(m.Left(2)), m.Left)]
    assert all(one.pushed == expected for one in crowd.values())
    assert not gone.pushed
    pushes.tell([0], m.Behind(3))
    assert crowd[0].pushed[2] == (encode(m.Behind(3)), m.Behind)
