"""What other processes of this machine ask of a controller: sessions to close, wishes of the operator and the console.

It knows no client and no planning. Who may connect is the hub's to check.
"""

import asyncio
import contextlib
import socket
from typing import Final

from hpserver.administration.office import Office
from hpserver.errors import FencedError, HPError, OutcomeUnknownError
from hpserver.identity.actor import Actor
from hpserver.net.hub import HubLink
from hpserver.protocol import internal
from hpserver.protocol.refusal import refusal

UNSAFE: Final = (OutcomeUnknownError, FencedError)
"""Nothing can be promised any more: the process ends, and starts again from what is on the disk."""


class BackDoor:
    """The owner of a controller's hub."""

    def __init__(self, tasks: asyncio.TaskGroup, office: Office) -> None:
        self.office = office
        self._tasks = tasks

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: socket.socket | None) -> None:
        """See `HubOwner`."""
        if passenger is not None:
            passenger.close()
        if isinstance(message, internal.Forget):
            self._tasks.create_task(self._forget(link, message))
        elif isinstance(message, internal.CarryOut):
            self._tasks.create_task(self._carry_out(link, message))

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""

    async def _forget(self, link: HubLink, message: internal.Forget) -> None:
        """Close everywhere before the answer: who asked may then say that it is done."""
        closed = await self.office.live.close(user=message.user, thumbprint=message.thumbprint, but=message.but)
        with contextlib.suppress(HPError):
            link.send(internal.Forgotten(message.id, closed))

    async def _carry_out(self, link: HubLink, message: internal.CarryOut) -> None:
        who = Actor(message.user, message.login, message.status, message.proved, message.thumbprint, message.device)
        try:
            carried = internal.CarriedOut(message.id, await self.office.carry_out(who, message.wish))
        except UNSAFE:
            raise
        except HPError as error:
            carried = internal.CarriedOut(message.id, failed=refusal(message.id, error))
        with contextlib.suppress(HPError):
            link.send(carried)
