"""A whole installation for tests: real agent, controller and planning servers, real TLS and SQLite, on free ports.

::

    with a_house(tmp_path) as house:                      # everything is in service
        async with house.inside("alice") as alice:
            await alice.edit(place(base_of(alice), 1, 20))
        house.kill("planning01")                          # the agent starts another

Alice, Bruno and Chloé edit planning01, David reads it, Émile (superadmin) may do everything in both; each has a
device of their own. What is asked of the house may be asked from a test with an event loop and from one without.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import Any, Self, TypeVar

from hpserver.base.planning import Planning as Base
from hpserver.client import Credentials, PlanningSession, School, enrol
from hpserver.config import Paths, Ports, Settings
from hpserver.directory.model import Account, Desired, Planning, Status, User, controller_subject, planning_subject
from hpserver.errors import AgentUnreachableError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import planning_name
from hpserver.identity.profiles import Profile
from hpserver.protocol.internal import ProcessStatus
from hpserver.protocol.states import Role
from hpserver.reaching import agent_status, wake_agent
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.ports import free_ports
from tests.processes.ps import children, is_there, wait_gone
from tests.schools import a_school
from tests.wire import Wire

ROOT = Path(__file__).resolve().parents[1]
DOMAIN = "monecole.example"
PASSWORD = "Lune-4-Papier-77"
ACTIVITIES = 60
EDITORS = ("alice", "bruno", "chloe")
READER, ADMINISTRATOR = "david", "emile"
PATIENCE = 60.0
"""Seconds; only reached by a test that fails."""

HP_AGENT = "from hpserver.agent import run_agent; import sys; sys.exit(run_agent())"

SWIFT_AGENT = (
    "import sys; from hpserver.supervision import backoff; backoff.DELAYS = (0.01,) * 100_000;"
    "from hpserver.agent import run_agent; sys.exit(run_agent())"
)
"""The agent with other patience: it starts again at once, as often as a test kills."""

T = TypeVar("T")


def a_seed(name: str = "HP_SEED") -> int:
    """Return the seed of this run, given or drawn, and print it: a failure shows it."""
    seed = int(os.environ.get(name, "0")) or SystemRandom().randrange(1, 1 << 31)
    print(f"{name}={seed}")  # noqa: T201  pytest shows it with a failure
    return seed


def base_of(session: PlanningSession) -> Base:
    """Return the base as the client has it now."""
    assert session.replica is not None
    return session.replica.planning


def wait_until(look: Callable[[], T | None]) -> T:
    """Look again and again until the answer is true, and return it."""
    end = time.monotonic() + PATIENCE
    while not (answer := look()):
        assert time.monotonic() < end, "never became true"
        time.sleep(0.01)
    return answer


class House:
    """One installation with one account. Made by `a_house`."""

    def __init__(self, folder: Path, run: Path, agent: str, environ: dict[str, str]) -> None:
        self.folder, self._agent = folder, agent
        self.paths = Paths(folder / "state", run)
        self._environ = {
            "HP_STATE": str(self.paths.state), "HP_RUN": str(run), "PYTHONPATH": str(ROOT), "HP_LANG": "en", **environ
        }  # fmt: skip
        self.ports = free_ports(3)
        self.settings = Settings(ports=Ports(self.ports, self.ports + 2))
        self.process: subprocess.Popen[bytes] | None = None
        self.output = folder / "house.log"
        self.users: dict[str, User] = {}
        self._killed: set[int] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.directory = SqliteDirectory(self.paths.directory)
        self.accounts = Accounts(self.directory, self.paths, self.settings)
        self.account: Account
        self.plannings: dict[str, Planning] = {}

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a call on the loop of the house, and wait for it: `house.run(house.directory.change(...))`."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    # --- building -------------------------------------------------------------------------------------------------

    def build(self, bases: dict[str, Base]) -> Self:
        """Make the account, the users and the bases, all of it wished in service."""
        self.paths.make()
        self.run(self._build(bases))
        return self

    async def _build(self, bases: dict[str, Base]) -> None:
        await self.directory.open()
        opened = await self.accounts.open_account("Mon École", DOMAIN)
        unlimited = self.directory.change(Account, opened.account.number, sessions=0)  # tests are many people at once
        self.account = await unlimited
        self.plannings = {one.name: one for one in opened.plannings}
        for login in (*EDITORS, READER, ADMINISTRATOR):
            await self._add_user(login, "superadmin" if login == ADMINISTRATOR else "user")
        first, second = self.plannings.values()
        for login in EDITORS:
            await self.accounts.assign(first, self.users[login], "Modification")
        await self.accounts.assign(first, self.users[READER], "Consultation")
        for one in (first, second):
            await self.accounts.assign(one, self.users[ADMINISTRATOR], "Administration")
        for name, base in bases.items():
            await self.accounts.create_base(self.account, self.plannings[name], f"Base {name}", base)
        await self.accounts.wish_controller(self.account, "up")

    async def _add_user(self, login: str, status: Status) -> None:
        self.users[login] = await self.accounts.add_user(
            self.account, login, name=login.title(), first_name="A", password=PASSWORD, status=status, measure="none"
        )

    def add_user(
        self, login: str, planning: str = "planning01", profile: Profile = "Modification", status: Status = "user"
    ) -> User:
        """Add a user with the usual password and no measure, who may open a planning."""
        self.run(self._add_user(login, status))
        self.run(self.accounts.assign(self.plannings[planning], self.users[login], profile))
        return self.users[login]

    # --- processes ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the agent and wait until everything that is wished is in service."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", self._agent],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | self._environ,
                cwd=ROOT,
            )
        for name in ("controller", *self.plannings):
            if self._wished(name):
                self.wait_live(name)

    def stop(self) -> None:
        """End the agent as an operator would; nobody may be left and nothing may have gone wrong."""
        assert self.process is not None
        family = self.family()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.output.read_text()
        for pid in family:
            wait_gone(pid)
        self.process = None

    def close(self) -> None:
        """Kill what is left, and let go of everything."""
        if self.process is not None:
            left = self.family()
            self.process.kill()
            self.process.wait(PATIENCE)
            for pid in left:
                wait_gone(pid)
        self.run(self.directory.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def family(self) -> list[int]:
        """Return the pids of the agent's zygote and of its children."""
        assert self.process is not None
        with suppress(OSError):
            zygotes = children(self.process.pid)
            return zygotes + [pid for zygote in zygotes for pid in children(zygote)]
        return []

    def status(self, name: str) -> ProcessStatus | None:
        """Return what the agent says of `controller` or of a planning; None when it does not answer."""
        subject = self.subject(name)
        with suppress(AgentUnreachableError):
            rows = self.run(agent_status(self.paths)).processes
            return next((row for row in rows if row.subject == subject), None)
        return None

    def wait_live(self, name: str, *, after: int = 0) -> int:
        """Wait until it is live, in another process than the one of pid `after`; its pid."""

        def look() -> int | None:
            assert self.process is None or self.process.poll() is None, self.output.read_text()
            row = self.status(name)
            assert row is None or row.state != "failed", (row, self.output.read_text())
            return row.pid if row is not None and row.state == "live" and row.pid != after else None

        return wait_until(look)

    def wait_state(self, name: str, state: str) -> None:
        """Wait until the agent says that it is in that state."""
        wait_until(lambda: (row := self.status(name)) is not None and row.state == state)

    def pid(self, name: str) -> int:
        """Return the pid of what is live."""
        return self.wait_live(name)

    def kill(self, name: str) -> int:
        """Kill a process without warning; the pid it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        self._killed.add(pid)
        return pid

    def kill_agent(self) -> None:
        """Kill the agent without warning; everybody dies with it."""
        assert self.process is not None
        family = self.family()
        self.process.kill()
        self.process.wait(PATIENCE)
        for pid in family:
            wait_gone(pid)
        assert not any(map(is_there, family))
        self.process = None

    def wish(self, name: str, desired: Desired) -> None:
        """Wish something in service or stopped, and wait until it is so."""
        if name == "controller":
            self.run(self.accounts.wish_controller(self.account, desired))
        else:
            self.run(self.accounts.wish_planning(self.account, self.plannings[name], desired))
        self.run(wake_agent(self.paths))
        self.wait_state(name, "live" if desired == "up" else "stopped")

    def subject(self, name: str) -> str:
        """Return the subject of `controller`, `web` or a planning."""
        number = self.account.number
        if name == "web":
            return name
        return controller_subject(number) if name == "controller" else planning_subject(self.plannings[name].key)

    def _wished(self, name: str) -> bool:
        if name in {"controller", "web"}:
            return True
        return self.run(self.accounts.planning(self.account, name)).desired == "up"

    # --- what was said --------------------------------------------------------------------------------------------

    def log(self, event: str = "") -> list[dict[str, Any]]:
        """Return what every process has logged, or the lines of one event."""
        lines = [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if event in {"", line["event"]}]

    def complaints(self) -> list[str]:
        """Return the log lines that no healthy installation writes; that what a test killed has ended is none."""
        lines = [line for line in self.log() if line.get("child") not in self._killed]
        grave = [json.dumps(line) for line in lines if line["level"] in {"error", "critical"}]
        return grave + [line for line in self.output.read_text().splitlines() if not line.startswith("{")]

    def hp(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of `hp` on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "hpserver", *words],
            input=given,
            capture_output=True,
            text=True,
            env=os.environ | self._environ | {"HP_PORTS__FIRST": str(self.ports)},
            cwd=self.folder,
            timeout=PATIENCE * 2,
            check=False,
        )

    # --- clients --------------------------------------------------------------------------------------------------

    def credentials(self, login: str) -> Credentials:
        """Return the device of a user, enrolled now when it has no certificate yet."""
        folder = self.folder / "devices" / login
        if not Credentials(folder).is_enrolled:
            self.enrol(folder, f"Poste de {login}")
        return Credentials(folder)

    def enrol(self, folder: Path, name: str) -> Credentials:
        """Enrol a device of that name, into a new folder."""
        folder.parent.mkdir(exist_ok=True)
        param = self.run(self.accounts.param_client(self.account))
        return self.run(enrol(param, folder, name))

    @asynccontextmanager
    async def signed_in(self, login: str) -> AsyncIterator[School]:
        """Sign a user in at the controller, from their own device."""
        async with School(await asyncio.to_thread(self.credentials, login)) as school:
            await school.log_in(login, PASSWORD)
            yield school

    @asynccontextmanager
    async def inside(
        self, login: str, planning: str = "planning01", *, direct: bool = False
    ) -> AsyncIterator[PlanningSession]:
        """Sign a user in, and open a planning."""
        async with self.signed_in(login) as school, PlanningSession(school, planning, direct=direct) as inside:
            yield inside

    def wire(self, login: str, planning: str = "", *, direct: bool = False, greet: bool = True) -> Wire:
        """Return a bare client on the device of a user: of the controller, or of a planning (no ticket spent)."""
        context = self.credentials(login).context()
        if not planning:
            return Wire(self.account.port, context, DOMAIN, greet=greet)
        port = self.plannings[planning].port if direct else self.account.port
        return Wire(port, context, planning_name(planning, DOMAIN), Role.PLANNING, greet=greet)

    def handshake(self, context: ssl.SSLContext, port: int, server_name: str = DOMAIN) -> ssl.SSLSocket:
        """Return a TLS connection on which nothing was said."""
        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        try:
            return context.wrap_socket(raw, server_hostname=server_name)
        except BaseException:
            raw.close()
            raise


@contextmanager
def a_house(
    folder: Path, *, activities: int = ACTIVITIES, agent: str = HP_AGENT, may_complain: bool = False, **environ: str
) -> Iterator[House]:
    """Build a house where controller, planning01 and planning02 are in service; afterwards nothing of it is left.

    `environ` goes to the agent. A test that makes errors happen says `may_complain`.
    """
    run = Path(tempfile.mkdtemp(prefix="hp-house-"))
    house = House(folder, run, agent, environ)
    try:
        house.build({"planning01": a_school(activities, seed=7), "planning02": a_school(10, seed=8)})
        house.start()
        yield house
        if house.process is not None:
            house.stop()
        sockets = [path for path in run.rglob("*") if path.is_socket()]
        assert may_complain or not house.complaints(), "\n".join(house.complaints())
        assert may_complain or not sockets, sockets
    finally:
        house.close()
        shutil.rmtree(run)
