"""What the controller's own machine may ask of it."""

import asyncio
from typing import Any

from hpserver.administration.office import Office
from hpserver.back_door import BackDoor
from hpserver.protocol import internal
from hpserver.protocol.catalogue import administration as w


class Asker:
    """The end of a link that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[internal.Internal] = []

    def send(self, message: internal.Internal) -> None:
        """See `HubLink`."""
        self.heard.append(message)


async def asked(office: Office, message: internal.AnyInternal) -> Any:
    """Return the one answer."""
    asker: Any = Asker()
    async with asyncio.TaskGroup() as tasks:
        BackDoor(tasks, office).hub_received(asker, message, None)
    (answer,) = asker.heard
    return answer


async def test_the_operators_wish_is_carried_out(office: Office) -> None:
    """Without a password: who reaches this socket reads our keys."""
    answer = await asked(office, internal.CarryOut(4, w.SetUserEnabled("zoe", enabled=False)))
    assert answer == internal.CarriedOut(4, w.Done(1))
    assert not (await office.accounts.user(office.account, "zoe")).enabled


async def test_why_a_wish_is_not_carried_out_is_told(office: Office) -> None:
    """The error travels with its code."""
    answer = await asked(office, internal.CarryOut(4, w.SetUserEnabled("nobody", enabled=False)))
    assert (answer.outcome, answer.failed.name) == (None, "NotFoundError")


async def test_a13_who_is_to_be_forgotten_is_closed_first(office: Office) -> None:
    """The number of sessions is that of those who are gone."""
    assert await asked(office, internal.Forget(5, "x", 7)) == internal.Forgotten(5, 1)
