"""The demo's installation: a folder, free ports, an agent in the background. Knows no timetable."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from hpserver.config import Paths, find_paths, parse_settings
from hpserver.errors import AgentUnreachableError, ConfigurationError, DeadlineExceededError
from hpserver.hosting.ports import is_free
from hpserver.protocol.internal import ProcessStatus
from hpserver.reaching import agent_status

MARK: Final = ".hp-demo"
"""Only a folder that holds this file is ever removed."""

LOOPBACK: Final = "127.0.0.1"
PORTS: Final = 4
"""One for the controller, one for each planning, one for the console."""
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 20.0


class House:
    """A throw-away installation in `folder`; its agent runs as a child of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "agent.log"
        self.first_port = _free_ports()
        self._agent: subprocess.Popen[bytes] | None = None

    def make(self) -> Paths:
        """Make the folder anew and point this process at it. Raises ConfigurationError for a foreign folder."""
        if self.folder.exists():
            if not (self.folder / MARK).exists() and any(self.folder.iterdir()):
                raise ConfigurationError(f"{self.folder} holds something else than a demo: choose another --state.")
            shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / MARK).touch()
        os.environ["HP_STATE"] = str(self.folder / "state")
        os.environ.pop("HP_RUN", None)
        os.environ["HP_PORTS__FIRST"] = str(self.first_port)
        os.environ["HP_WEB__PORT"] = str(self.first_port + PORTS - 1)
        paths = find_paths()
        paths.make()
        return paths

    async def start(self, paths: Paths) -> int:
        """Start the agent and wait until it answers; its pid. Raises DeadlineExceededError with its last words."""
        with self.log.open("wb") as log:
            self._agent = subprocess.Popen(  # noqa: ASYNC220 - forks once, before anything else runs here
                [sys.executable, "-m", "hpserver", "agent"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._agent.poll() is None:
            try:
                return (await agent_status(paths)).pid
            except AgentUnreachableError:
                await asyncio.sleep(0.05)
        raise DeadlineExceededError(f"The agent does not start; its last words are in {self.log}.")

    async def wait_live(self, paths: Paths, subject: str, *, other_than: int = 0) -> ProcessStatus:
        """Wait until a process is in service, another one than pid `other_than`."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            for one in (await agent_status(paths)).processes:
                if one.subject == subject and one.state == "live" and one.pid != other_than:
                    return one
                if one.subject == subject and one.state == "failed":
                    raise ConfigurationError(f"{subject} failed: {one.reason}; the log is in {self.log}.")
            await asyncio.sleep(0.02)
        raise DeadlineExceededError(f"{subject} is not in service; the log is in {self.log}.")

    def stop(self) -> int:
        """Stop the agent and all it runs; its exit status. Safe to repeat."""
        agent, self._agent = self._agent, None
        if agent is None:
            return 0
        agent.send_signal(signal.SIGTERM)
        try:
            return agent.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            agent.kill()
            return agent.wait()

    def last_words(self, lines: int = 15) -> str:
        """The end of the agent's log, for who must find out why."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def _free_ports() -> int:
    """The first of some free ports in a row, from 21200 on or where `HP_PORTS__FIRST` says."""
    wished = parse_settings("", os.environ).ports
    for first in range(wished.first, wished.last - PORTS + 2, PORTS):
        if all(is_free(LOOPBACK, port) for port in range(first, first + PORTS)):
            return first
    raise ConfigurationError(f"No {PORTS} free ports in a row from {wished.first} to {wished.last}.")
