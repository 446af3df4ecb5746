"""The web process: the hosting consoles of every account of this installation, on one port. It holds no state.

What it needs (Starlette, Jinja2, Babel) is imported in its own process: no controller and no planning server has it.
"""

import asyncio
import signal
import socket
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from hpserver.config import Paths, Settings, find_paths, read_settings
from hpserver.errors import BusyError, FencedError, OutcomeUnknownError, StoreError
from hpserver.hosting.accounts import Accounts
from hpserver.log import set_up_log
from hpserver.net.malloc import tune_malloc
from hpserver.net.reporting import AgentChannel
from hpserver.signing import RemoteIssuing
from hpserver.store.sqlite_directory import SqliteDirectory

if TYPE_CHECKING:
    from hpserver.web.app import Console
    from hpserver.web.entrance import Entrance

EXIT_DONE: Final = 0

LOOK_SECONDS: Final = 0.25
"""Between two looks at the directory: a revocation ends sessions, and lamps change, within a second."""

REPORT_SECONDS: Final = 1.0
DRAIN_SECONDS: Final = 2.0
"""For answers under way when the process is to leave."""

SIGNER_SECONDS: Final = 2.0
"""How long a signer that is started again is waited for."""

UNSAFE: Final = (OutcomeUnknownError, FencedError)
"""Nothing can be promised any more: the process ends, and starts again from what is on the disk."""

log = structlog.get_logger()


def run(_arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Serve the consoles until drained. Returns the exit status, 0. `report` is the channel to the agent."""
    tune_malloc()
    paths = find_paths()
    settings = read_settings(paths)
    set_up_log("web", level=settings.log.level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(WebServer(paths, settings).serve(listeners, report))
    return EXIT_DONE


class WebServer:
    """The process: what is served follows the directory."""

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths, self._settings = paths, settings
        self._directory = SqliteDirectory(paths.directory)
        self._drain_seconds = DRAIN_SECONDS

    async def serve(self, listeners: list[socket.socket], report: socket.socket) -> None:
        """Open the directory, let browsers in, leave when asked to."""
        from hpserver.web.app import Console  # noqa: PLC0415  see the docstring of the module
        from hpserver.web.entrance import Entrance  # noqa: PLC0415  same
        from hpserver.web.receipt import settings  # noqa: PLC0415  same

        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        agent = AgentChannel(report, loop, lambda _seconds: stopping.set())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        await self._directory.open()
        issuing = RemoteIssuing(self._paths.signer_socket, role="web", name="web", patience=SIGNER_SECONDS)
        console = Console(Accounts(self._directory, self._paths, self._settings, issuing))
        try:
            async with asyncio.TaskGroup() as group:
                await console.refresh()
                await console.settle()
                entrance = Entrance(listeners, settings(console.application), console.gate)
                entrance.contexts = console.contexts
                entrance.open(group)
                log.info("web.started", port=self._settings.web.port, consoles=len(console.contexts))
                keeping = group.create_task(self._keep(console, entrance, agent))
                await stopping.wait()
                keeping.cancel()
                console.leave()
                await console.end()
                await entrance.close(self._drain_seconds)
        finally:
            console.close()
            await self._directory.close()
            agent.tell("stopped", 0, {})
            agent.close()
        log.info("web.stopped")

    async def _keep(self, console: "Console", entrance: "Entrance", agent: AgentChannel) -> None:
        """Follow the directory, and say every second how this process is."""
        seen: tuple[int, object] = (-1, None)
        told_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                now = await self._directory.version()
                await console.refresh()
                entrance.contexts = console.contexts
                figures = await self._figures(console)
                if (now, figures) != seen:
                    seen = now, figures
                    await console.changed()
            except UNSAFE:
                raise
            except (StoreError, BusyError) as error:
                log.warning("directory.failed", error=type(error).__name__, reason=str(error))
            if loop.time() - told_at >= REPORT_SECONDS:
                told_at = loop.time()
                counters = {"connections": len(entrance.state.connections), "requests": entrance.state.total_requests}
                agent.tell("live", 0, counters)
            await asyncio.sleep(LOOK_SECONDS)

    async def _figures(self, console: "Console") -> object:
        """Return what the processes count and do, when a page is open that shows it: neither raises the version."""
        return (await self._directory.observed(), await console.settle()) if console.bell.lines else None
