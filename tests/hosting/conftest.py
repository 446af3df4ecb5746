"""An installation with one account, made once and copied for each test: its slow hashes are paid once."""

import asyncio
import math
import shutil
import tempfile
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio

from hpserver.certs.files import load_key, save_key
from hpserver.config import Paths, Ports, Settings
from hpserver.hosting import accounts as accounts_module
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.calibrating import ensure_cost
from hpserver.hosting.keyring import Keyring, utc_now
from hpserver.identity.passwords import Cost
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.ports import free_ports

CHEAP = Cost(8, 1, 1)
PORTS = 7
"""Ports that an installation of these tests may give out: two accounts and one planning more."""

_first = free_ports(PORTS)
SETTINGS = Settings(ports=Ports(_first, _first + PORTS - 1))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of an installation whose one account is `monecole.example`."""
    return _built(tmp_path_factory.getbasetemp() / "installation")


@cache
def _built(folder: Path) -> Path:
    # Rooms that take the fixture over have each their own: they share what it makes.
    state = folder / "state"
    paths = Paths(state, state / "run")
    paths.make()
    ensure_cost(paths.certs, lambda _: (math.inf, 0))  # no machine is measured, it takes a second
    keyring = Keyring(paths.certs)
    keyring.ensure_root("hpserver", utc_now())
    passphrase = keyring.passphrase_file.read_bytes().strip()
    key = load_key(paths.certs / "root.key", passphrase=passphrase)
    save_key(paths.certs / "root.key", key, passphrase=passphrase, cost=2)

    async def build() -> None:
        directory = SqliteDirectory(paths.directory)
        await directory.open()
        await Accounts(directory, paths, SETTINGS).open_account("Mon École", "monecole.example")
        await directory.close()

    asyncio.run(build())
    return state


@pytest_asyncio.fixture
async def accounts(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Accounts]:
    """The use cases over a copy of it, with cheap hashes."""
    for name in ("USERS", "SUPERADMINS"):
        monkeypatch.setattr(accounts_module, name, CHEAP)
    shutil.copytree(prepared, tmp_path / "state")
    run = Path(tempfile.mkdtemp(prefix="hp-"))  # a Unix socket has a short path
    paths = Paths(tmp_path / "state", run)
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    yield Accounts(directory, paths, SETTINGS)
    await directory.close()
    shutil.rmtree(run)
