"""A real installation for the time of a benchmark: agent, controller, planning servers, one enrolled device.

Everything goes the public way: accounts, enrolment, login, tickets. Knows no figure.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench import machine, wire
from bench.load import Crowd, Door
from hpserver.base.planning import Planning as Base
from hpserver.cli.house.service import wait_state
from hpserver.client import Credentials, School, enrol
from hpserver.config import Paths, find_paths, read_settings
from hpserver.directory.model import Account, Planning, controller_subject, planning_subject
from hpserver.hosting.accounts import Accounts
from hpserver.reaching import agent_status, wake_agent
from hpserver.store.sqlite_directory import SqliteDirectory

ROOT: Final = Path(__file__).resolve().parents[1]
PASSWORD: Final = "cheval-agrafe-batterie-9"  # noqa: S105  of an installation that lives for a minute
LOGIN: Final = "banc"
DOMAIN: Final = "banc.example"
AGENT: Final = "import sys; from hpserver.agent import run_agent; sys.exit(run_agent())"

LOG_LINES: Final = 20
"""Of the servers' log, shown when a benchmark fails."""

PORTS: Final = 50
"""Ports a house may take, from its first."""

TICKETS_AT_ONCE: Final = 25
"""Tickets taken before their clients connect: they live 30 seconds, and a machine that is full takes one for each."""


class House:
    """The installation, its processes and its doors. Made by `opened`."""

    def __init__(self, accounts: Accounts, account: Account, credentials: Credentials, school: School) -> None:
        self.accounts, self.account, self.credentials, self.school = accounts, account, credentials, school
        self.pids: dict[str, int] = {}
        """The server processes: `controller`, and each planning by name."""

    async def serve(self, name: str, base: Base) -> Planning:
        """Put a base in service under a planning of that name, made when there is none."""
        made = {one.name: one for one in await self.accounts.plannings(self.account)}
        planning = made.get(name) or await self.accounts.add_planning(self.account, name, name)
        await self.accounts.assign(planning, await self.accounts.user(self.account, LOGIN), "Administration")
        planning = await self.accounts.create_base(self.account, planning, name, base)
        await self.settle(planning_subject(planning.key), name)
        while all(one.name != name for one in await self.school.plannings()):  # noqa: ASYNC110  nobody tells a client
            await asyncio.sleep(0.1)
        return planning

    async def settle(self, subject: str, name: str) -> None:
        """Wait until a process serves, and note who it is."""
        await wake_agent(self.accounts.paths)
        await wait_state(self.accounts, subject, "up")
        for process in (await agent_status(self.accounts.paths)).processes:
            if process.subject == subject:
                assert process.state == "live", process.reason
                self.pids[name] = process.pid
                machine.hurry_as_we_do(process.pid)

    async def crowd(self, planning: str, *, direct: bool = False) -> Crowd:
        """Return a crowd of this device's clients at the door of a planning."""
        opened = await self.school.open(planning)
        endpoint = opened.direct if direct else opened.endpoint
        return Crowd(self.door(endpoint.port, endpoint.server_name))

    def controller_crowd(self) -> Crowd:
        """Return a crowd of this device's clients at the door of the controller."""
        return Crowd(self.door(self.account.port))

    async def let_in(
        self, crowd: Crowd, planning: str, clients: Sequence[wire.Client], *, follow: bool = False
    ) -> None:
        """Connect clients into a planning, each with a ticket of its own."""
        for start in range(0, len(clients), TICKETS_AT_ONCE):
            some = clients[start : start + TICKETS_AT_ONCE]
            tickets = [(await self.school.open(planning)).ticket for _ in some]
            inside = [
                wire.inside(client, planning, ticket, follows=follow and not client.request)
                for client, ticket in zip(some, tickets, strict=True)
            ]
            await asyncio.to_thread(crowd.connect, inside)

    def door(self, port: int, server_name: str = DOMAIN, alpn: str = "hp/1") -> Door:
        """Return how this device comes to a port: of ours, or of a peer with the same certificates."""
        device = self.credentials.folder
        root = self.accounts.keyring.folder / "root.pem"
        return Door(port, server_name, alpn, device / "device.pem", device / "device.key", root)

    @property
    def server_files(self) -> tuple[Path, Path, Path]:
        """Certificate chain, key, and what clients are checked by: for peers."""
        chain, key = self.accounts.keyring.server_files(self.account.number)
        trusted = chain.with_name("trusted.pem")
        if not trusted.exists():
            intermediate = chain.with_name("intermediate.pem").read_text(encoding="ascii")
            root = self.accounts.keyring.folder / "root.pem"
            trusted.write_text(intermediate + root.read_text(encoding="ascii"), encoding="ascii")
        return chain, key, trusted


@asynccontextmanager
async def opened(
    first_port: int, agent: str = AGENT, environ: Mapping[str, str] | None = None, *, alone: bool = True
) -> AsyncIterator[House]:
    """A house in a directory of its own, with its controller in service.

    `agent` is the Python that is the agent; `environ` is added to its environment. With `alone` everything of it is on
    the servers' core, as figures that are compared need it.
    """
    state = Path(tempfile.mkdtemp(prefix="hp-bench-"))
    own = {"HP_STATE": str(state / "s"), "HP_RUN": str(state / "r"), "HP_PORTS__FIRST": str(first_port)}
    own |= {"HP_PORTS__LAST": str(first_port + PORTS)}
    own |= {"HP_LISTEN__HOST": "127.0.0.1", "PYTHONPATH": str(ROOT)}
    paths = find_paths(own)
    paths.make()
    settings = read_settings(paths, own)
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    log = state / "log"
    process = _start_agent(agent, {**os.environ, **own, **(environ or {})}, log, alone=alone)
    try:
        accounts = Accounts(directory, paths, settings)
        async with _inhabited(accounts, state / "device") as house:
            yield house
    except BaseException:
        print("\n".join(log.read_text(encoding="utf-8").splitlines()[-LOG_LINES:]))
        raise
    finally:
        await directory.close()
        process.send_signal(signal.SIGTERM)
        process.wait()
        shutil.rmtree(state)


def _start_agent(code: str, environ: Mapping[str, str], log: Path, *, alone: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", code]
    if alone:
        command = machine.on_core(machine.SERVER_CORE, command)
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(environ), cwd=ROOT
        )


@asynccontextmanager
async def _inhabited(accounts: Accounts, device: Path) -> AsyncIterator[House]:
    account = (await accounts.open_account("Banc", DOMAIN)).account
    account = await accounts.directory.change(Account, account.number, sessions=0)  # one user is the whole crowd
    await accounts.add_user(
        account, LOGIN, name="Banc", first_name="Essai", password=PASSWORD, status="superadmin", measure="none"
    )
    await _agent_answers(accounts.paths)
    await accounts.wish_controller(account, "up")
    await wake_agent(accounts.paths)
    await wait_state(accounts, controller_subject(account.number), "up")
    param = await accounts.param_client(account, host="127.0.0.1")
    credentials = await enrol(param, device, "banc")
    async with School(credentials) as school:
        await school.log_in(LOGIN, PASSWORD, choose=_choose)
        house = House(accounts, account, credentials, school)
        await house.settle(controller_subject(account.number), "controller")
        yield house


async def _choose(measures: tuple[str, ...]) -> tuple[str, str]:
    return measures[0], ""


async def _agent_answers(paths: Paths) -> None:
    while not await wake_agent(paths):  # noqa: ASYNC110  its socket appears some day
        await asyncio.sleep(0.05)
