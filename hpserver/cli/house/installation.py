"""This machine's installation as a command sees it: the directory opened, the agent woken. Knows no screen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from hpserver.config import Paths, find_paths, read_settings
from hpserver.errors import AgentUnreachableError, HPError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.issuing import OwnIssuing
from hpserver.hosting.keyring import Keyring
from hpserver.net.hub import HubLink, dial_hub
from hpserver.protocol import internal
from hpserver.signing import RemoteIssuing, SignerOrOwn
from hpserver.store.sqlite_directory import SqliteDirectory

A = TypeVar("A", bound=internal.Internal)


@asynccontextmanager
async def open_accounts() -> AsyncIterator[Accounts]:
    """The use cases over this installation's directory, made when it is not there yet."""
    paths = find_paths()
    settings = read_settings(paths)
    paths.make()
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    signer = RemoteIssuing(paths.signer_socket, role="cli", name="hp")
    try:
        yield Accounts(directory, paths, settings, SignerOrOwn(signer, OwnIssuing(directory, Keyring(paths.certs))))
    finally:
        await directory.close()


async def base_file(account: str, name: str) -> Path:
    """Where a base of an account lies. Raises NotFoundError when there is none."""
    async with open_accounts() as accounts:
        return accounts.existing_base(await accounts.account(account), name)


async def stopped_base_file(account: str, name: str) -> Path:
    """Where a base lies that is not in service. Raises NotFoundError, BaseInUseError."""
    async with open_accounts() as accounts:
        return await accounts.stopped_base(await accounts.account(account), name)


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


async def reach(socket: Path, loop: asyncio.AbstractEventLoop) -> HubLink:
    """A link to one of our processes. Raises HPError when none listens there."""
    return await dial_hub(socket, loop, _Silent(), role="cli", name="hp")


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
