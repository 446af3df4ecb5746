"""Our own processes as the command line and the console reach them: the agent asked and woken, wishes carried out.

Knows no screen and no page.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from hpserver.administration.office import CASES, NobodyHere, Office
from hpserver.config import Paths
from hpserver.directory.model import Account
from hpserver.errors import AgentUnreachableError, HPError
from hpserver.hosting.accounts import Accounts
from hpserver.identity.actor import OPERATOR, Actor
from hpserver.net.hub import HubLink, dial_hub
from hpserver.protocol import internal
from hpserver.protocol.messages import AnyOutcome, AnyWish
from hpserver.protocol.refusal import error_of

CARRY_SECONDS: Final = 60.0
"""How long the controller may take for one wish: a page of new users is a hundred password hashes on two threads."""

A = TypeVar("A", bound=internal.Internal)


async def carry_out(
    accounts: Accounts, account: Account, wish: AnyWish, actor: Actor = OPERATOR, office: Office | None = None
) -> AnyOutcome:
    """Have a wish carried out: by the controller of the account while it runs, if it is about who is there.

    Otherwise here, by `office` or one made for it. Raises what the office says.
    """
    if not CASES[type(wish)].live:
        return await (office or Office(accounts, account, NobodyHere())).carry_out(actor, wish)
    loop = asyncio.get_running_loop()
    try:
        link = await reach(accounts.paths.controller_socket(account.number), loop)
    except HPError:
        return await (office or Office(accounts, account, NobodyHere())).carry_out(actor, wish)
    asked = internal.CarryOut(
        0, wish, actor.user, actor.login, actor.status, actor.proved, actor.thumbprint, actor.device
    )
    try:
        carried = await link.request(asked, internal.CarriedOut, CARRY_SECONDS)
    finally:
        link.close()
    if carried.failed is not None:
        raise error_of(carried.failed)
    assert carried.outcome is not None
    return carried.outcome


async def forget(
    accounts: Accounts, account: Account, *, user: int = 0, thumbprints: Sequence[bytes] = (b"",), but: bytes = b""
) -> int:
    """Close the sessions of clients of a user, or of these certificates, but on one device; how many there were.

    The controller closes them everywhere; where it is down each planning server does. Raises what one of them says.
    """
    paths = accounts.paths
    plannings = [paths.planning_socket(account.number, one.name) for one in await accounts.plannings(account)]
    wishes = [internal.Forget(0, account.number, user, one, but) for one in thumbprints]
    closed = await _forget(paths.controller_socket(account.number), wishes)
    return sum([await _forget(one, wishes) or 0 for one in plannings]) if closed is None else closed


async def agent_status(paths: Paths) -> internal.Status:
    """What the agent looks after. Raises AgentUnreachableError."""
    return await _ask(paths, internal.GetStatus(0), internal.Status)


async def wake_agent(paths: Paths) -> bool:
    """Have the agent look at once; answers whether there is one. It looks by itself every second."""
    try:
        await _ask(paths, internal.Wake(0), internal.Woken)
    except AgentUnreachableError:
        return False
    return True


async def reach(socket: Path, loop: asyncio.AbstractEventLoop, role: str = "cli") -> HubLink:
    """A link to one of our processes. Raises HPError when none listens there."""
    return await dial_hub(socket, loop, _Silent(), role=role, name=role)


async def _forget(socket: Path, wishes: Sequence[internal.Forget]) -> int | None:
    """Answers how many sessions were closed; None when nobody listens there."""
    try:
        link = await reach(socket, asyncio.get_running_loop())
    except HPError:
        return None
    try:
        return sum([(await link.request(one, internal.Forgotten)).closed for one in wishes])
    finally:
        link.close()


async def _ask(paths: Paths, message: internal.Internal, answer: type[A]) -> A:
    try:
        link = await reach(paths.agent_socket, asyncio.get_running_loop())
    except HPError as error:
        raise AgentUnreachableError("no agent answers on this machine: start it with `hp agent`") from error
    try:
        return await link.request(message, answer)
    finally:
        link.close()


class _Silent:
    """A hub owner with nothing to hear."""

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: Any) -> None:
        """See `HubOwner`."""
        del link, message
        if passenger is not None:
            passenger.close()

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""
