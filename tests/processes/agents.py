"""A real agent for tests: started on a directory of its own, asked over its socket, looked at from outside."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from hpserver.agent import run_agent
from hpserver.config import Paths
from hpserver.directory.model import Account, Desired, Observed, Planning, planning_subject
from hpserver.errors import HPError
from hpserver.net.hub import HubLink, dial_hub
from hpserver.protocol.internal import AnyInternal, GetStatus, Internal, ProcessStatus, Status, Wake, Woken
from hpserver.store.sqlite_directory import SqliteDirectory
from hpserver.supervision import backoff
from hpserver.supervision.reconcile import Limits
from tests.ports import free_ports
from tests.processes.ps import children
from tests.processes.roles import ROOT

ACCOUNT = "123456789012"
BY_NAME = "tests.processes.roles:by_name"
PATIENCE = 60.0
"""Seconds; only reached by a test that fails."""

T = TypeVar("T")
Answer = TypeVar("Answer", bound=Internal)


def main() -> int:
    """Be an agent with roles of tests; the limits are the argument, in JSON. Errors become exit codes as in `hp`."""
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    backoff.DELAYS = (0.05, 0.1, 0.2)  # type: ignore[misc]  # as often as it would, without the eight seconds
    try:
        return run_agent(roles={"controller": BY_NAME, "planning": BY_NAME}, limits=limits)
    except HPError as error:
        print(error, file=sys.stderr)  # noqa: T201  as the command line does
        return 5


def wait_until(maybe: Callable[[], T | None]) -> T:
    """Look again and again until the answer is true, and return it."""
    end = time.monotonic() + PATIENCE
    while True:
        if answer := maybe():
            return answer
        assert time.monotonic() < end, "never became true"
        time.sleep(0.02)


class _Asker:
    """Our end of a link to the agent."""

    def hub_joined(self, link: HubLink) -> None:
        """Nothing to do."""

    def hub_received(self, link: HubLink, message: AnyInternal, passenger: socket.socket | None) -> None:
        """Nothing is said unasked."""

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """Nothing to do."""


class House:
    """An installation with one account, and its agent."""

    def __init__(self, paths: Paths, plannings: Mapping[str, int]) -> None:
        self.paths, self.plannings = paths, dict(plannings)
        self.keys: dict[str, int] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.output = paths.state / "agent.log"

    @classmethod
    def build(cls, paths: Paths, names: tuple[str, ...], up: tuple[str, ...]) -> Self:
        """Make the directory: plannings of these names, some of them wished up."""
        house = cls(paths, {name: free_ports() for name in names})
        paths.make()

        async def fill(directory: SqliteDirectory) -> None:
            await directory.add(
                Account(number=ACCOUNT, name="École", domain="ecole.example", invoice="1" * 10, port=free_ports())
            )
            for name, port in house.plannings.items():
                desired: Desired = "up" if name in up else "down"
                row = Planning(account=ACCOUNT, name=name, publication_name=name, port=port, desired=desired)
                house.keys[name] = (await directory.add(row)).key

        house.with_directory(fill)
        return house

    def with_directory(self, call: Callable[[SqliteDirectory], Awaitable[T]]) -> T:
        """Run a call on the directory, as the CLI would."""

        async def run() -> T:
            directory = SqliteDirectory(self.paths.directory)
            await directory.open()
            try:
                return await call(directory)
            finally:
                await directory.close()

        return asyncio.run(run())

    def wish(self, name: str, desired: Desired) -> None:
        """Wish a planning up or down, and wake the agent."""
        self.with_directory(lambda directory: directory.set_desired(planning_subject(self.keys[name]), desired))
        self.ask(Wake(0), Woken)

    def observed(self, name: str) -> Observed:
        """Return what the directory knows of a planning's process."""
        found = self.with_directory(lambda directory: directory.observed())
        return found.get(subject := planning_subject(self.keys[name]), Observed(subject=subject, state="stopped"))

    def ask(self, question: GetStatus | Wake, answer: type[Answer]) -> Answer:
        """Ask the agent over its socket."""

        async def run() -> Answer:
            loop = asyncio.get_running_loop()
            link = await dial_hub(self.paths.agent_socket, loop, _Asker(), role="cli", name="test")
            found = await link.request(question, answer)
            link.close()
            return found

        return asyncio.run(run())

    def status(self, name: str) -> ProcessStatus:
        """Return what the agent says of a planning's process."""
        return next(row for row in self.ask(GetStatus(0), Status).processes if row.subject == self.subject(name))

    def wait_state(self, name: str, state: str) -> ProcessStatus:
        """Wait until the agent says that a planning is in the state."""
        return wait_until(lambda: found if (found := self.status(name)).state == state else None)

    def wait_other(self, name: str, pid: int) -> ProcessStatus:
        """Wait until a planning is live in another process than that one."""
        return wait_until(lambda: found if (found := self.status(name)).state == "live" and found.pid != pid else None)

    def start(self, limits: Limits | None = None, **environ: str) -> int:
        """Start the agent and wait until it answers; its pid."""
        self.process = self.popen(limits, **environ)
        wait_until(lambda: self.paths.agent_socket.exists() or self.died())
        return self.process.pid

    def popen(self, limits: Limits | None = None, **environ: str) -> subprocess.Popen[bytes]:
        """Start an agent, whatever becomes of it."""
        code = "import sys; from tests.processes.agents import main; sys.exit(main())"
        given = msgspec.json.encode(limits or Limits()).decode()
        names = {"HP_STATE": str(self.paths.state), "HP_RUN": str(self.paths.run), "PYTHONPATH": str(ROOT)}
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-c", code, given],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | names | environ,
                cwd=ROOT,
            )

    def died(self) -> bool:
        """Fail with what the agent wrote when it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, self.output.read_text()
        return False

    @property
    def pid(self) -> int:
        """The pid of the agent."""
        assert self.process is not None
        return self.process.pid

    @property
    def zygote(self) -> int:
        """The pid of the zygote."""
        [zygote] = children(self.pid)
        return zygote

    def stop(self) -> int:
        """Ask the agent to stop; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def events(self, event: str, **fields: object) -> list[dict[str, object]]:
        """Return the log lines of an event with these fields."""
        lines = [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event and fields.items() <= line.items()]

    def subject(self, name: str) -> str:
        """Return the subject of a planning."""
        return planning_subject(self.keys[name])


@contextmanager
def built_house(tmp_path: Path, *names: str, up: tuple[str, ...] | None = None) -> Iterator[House]:
    """Build a house whose plannings are all up, or those of `up`; whatever is left of it is killed afterwards."""
    run = Path(tempfile.mkdtemp(prefix="hp-test-"))
    house = House.build(Paths(tmp_path / "state", run), names, names if up is None else up)
    try:
        yield house
    finally:
        if house.process is not None:
            house.process.kill()
            house.process.wait()
        shutil.rmtree(run)
