"""This machine's installation as a command sees it: the directory opened, the agent woken. Knows no screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from hpserver.config import find_paths, read_settings
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.issuing import OwnIssuing
from hpserver.hosting.keyring import Keyring
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
