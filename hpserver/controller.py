"""The controller of one account: carries out what the router asks for, on sockets and in the directory.

It knows how, never what: who may say what, and who comes in, is the router's and the login's to decide.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import structlog
import uvloop

from hpserver import __version__
from hpserver.administration.office import Office
from hpserver.attending import Attending
from hpserver.back_door import UNSAFE, BackDoor
from hpserver.config import Paths, Settings, find_paths, read_settings
from hpserver.desk import Desk, is_right
from hpserver.directory.model import Account, Planning
from hpserver.errors import (
    BusyError,
    DeadlineExceededError,
    HPError,
    PlanningNotInServiceError,
    StoreFullError,
    TooSlowError,
    first_error,
)
from hpserver.everywhere import Everywhere
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import Keyring, enrol_name, planning_name
from hpserver.hosting.trust import Trust
from hpserver.log import RefusalLog, set_up_log
from hpserver.net.dialogue import Dialogue
from hpserver.net.doors import Door, Doors
from hpserver.net.gate import PENALTY_BAD_CREDENTIALS, PENALTY_NO_LOGIN, Gate
from hpserver.net.hub import HubLink, HubServer
from hpserver.net.lines import Lines
from hpserver.net.listener import Arrival, most_connections
from hpserver.net.malloc import tune_malloc
from hpserver.net.reporting import AgentChannel
from hpserver.net.watch import REFUSED_GUESSES, Watch
from hpserver.protocol import messages as m
from hpserver.protocol.states import Role
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st
from hpserver.routing.router import Router
from hpserver.signing import issuing_for
from hpserver.store.sqlite_directory import SqliteDirectory

EXIT_DONE: Final = 0
DRAIN_SECONDS: Final = 10.0
"""Given to clients when nobody says how long (NATS lame duck: notice, 10 s)."""

SWEEP_SECONDS: Final = 0.25
"""Between two looks at deadlines and the directory: a revocation closes sessions within a second."""

REPORT_SECONDS: Final = 1.0
"""Between two reports to the agent, and two looks at silence."""

log = structlog.get_logger()


def run(arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Serve one account until drained; `arguments` has its number as `account`. Returns the exit status, 0.

    `listeners` are the account's port, bound; `report` is the channel to the agent. An error that makes going on
    unsafe (the disk, a newer directory) is let through.
    """
    tune_malloc()
    paths = find_paths()
    settings = read_settings(paths)
    set_up_log(f"controller:{arguments['account']}", level=settings.log.level)
    structlog.contextvars.bind_contextvars(account=arguments["account"])
    controller = Controller(paths, settings, arguments["account"])
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(controller.serve(listeners, report))
    except ExceptionGroup as group:
        raise first_error(group) from group
    return EXIT_DONE


class Controller:
    """One account in service. Every method runs on the loop."""

    def __init__(self, paths: Paths, settings: Settings, account: str) -> None:
        self._paths, self._settings, self._number = paths, settings, account
        self._directory = SqliteDirectory(paths.directory)
        self._keyring = Keyring(paths.certs)
        self._router = Router()
        self._dialogues: dict[int, Dialogue] = {}
        self._attending = Attending("", self._dialogues)
        self._sessions = 0
        self._plannings: dict[str, Planning] = {}
        self._state = "starting"
        self._stale = True
        self._drain_seconds = DRAIN_SECONDS

    async def serve(self, listeners: list[socket.socket], report: socket.socket) -> None:
        """Open the directory, let clients in, leave when asked to."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._agent = AgentChannel(report, self._loop, self._leave_within)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        await self._directory.open()
        try:
            async with asyncio.TaskGroup() as group:
                self._tasks = group
                await self._work(listeners)
        finally:
            await self._directory.close()
            self._agent.close()

    # --- opening and leaving ----------------------------------------------------------------------------------

    async def _work(self, listeners: list[socket.socket]) -> None:
        self._account = await self._directory.get(Account, self._number)
        self._trust = Trust(self._directory, self._keyring, self._number)
        self._lines = Lines(self._tasks, self, role="controller", name=self._number)
        issuing = issuing_for(self._paths.signer_socket, self._number)
        accounts = Accounts(self._directory, self._paths, self._settings, issuing)
        self._live = Everywhere(
            self._number, self._lines, self._attending, self._dialogues, self._forget, self._loop.time
        )  # fmt: skip
        office = Office(accounts, self._account, self._live)
        self._desk = Desk(self._directory, self._keyring, self._settings, self._account, self._lines, office)
        await self._look_at_directory()
        back_door = BackDoor(self._tasks, office)
        hub = HubServer(self._paths.controller_socket(self._number), self._loop, back_door, name=self._number)
        hub.open()
        self._doors = self._open_doors(listeners)
        self._doors.start()
        sweeping, posting = self._tasks.create_task(self._sweep()), self._tasks.create_task(office.notices.run())
        self._state = "live"
        self._tell_agent()
        log.info("controller.started", port=self._account.port)
        try:
            await self._stopping.wait()
            await self._leave()
        finally:
            posting.cancel()
            sweeping.cancel()
            self._doors.close()
            for dialogue in self._dialogues.values():
                dialogue.link.abort()
            self._lines.close()
            hub.close()
            self._desk.hashing.close()

    def _open_doors(self, listeners: list[socket.socket]) -> Doors:
        contexts = self._desk.newer_contexts()
        assert contexts is not None, "the first call gives them"
        welcome = {Door.KNOWN: self._welcome, Door.NEW: self._welcome_new, Door.CLOSED: self._send_away}
        gate = Gate(most_connections(self._settings.limits.connections))
        self._watch = Watch(gate, self._desk.is_registered, self._loop.time)
        return Doors(listeners, contexts, gate, self._meant, welcome, RefusalLog())

    async def _leave(self) -> None:
        """Tell everybody, answer what is under way, close."""
        self._state = "draining"
        self._tell_agent()
        self._doors.stop()
        self._do(st.Drained(0))
        until = self._loop.time() + self._drain_seconds
        while self._dialogues and self._loop.time() < until:
            for dialogue in list(self._dialogues.values()):
                if not dialogue.connection.in_flight:
                    dialogue.close()
            await asyncio.sleep(0.02)
        self._state = "stopped"
        self._tell_agent()
        log.info("controller.stopped", left=len(self._dialogues))

    def _leave_within(self, seconds: float) -> None:
        self._drain_seconds = seconds
        self._stopping.set()

    # --- who arrives ------------------------------------------------------------------------------------------

    def _meant(self, name: str) -> Door | HubLink:
        """Say where a server name leads: a planning's to its server, no byte of it passes through here."""
        if name in {enrol_name(self._account.zone), enrol_name(self._account.domain)}:
            return Door.NEW
        planning = self._plannings.get(name)
        return Door.KNOWN if planning is None else self._lines.line(planning.key) or Door.CLOSED

    def _arrive(self, arrival: Arrival, role: Role) -> Dialogue:
        self._sessions += 1
        thumbprint = sha256(arrival.peer_der).digest() if arrival.peer_der else b""
        dialogue = Dialogue(self._sessions, role, arrival, thumbprint, self)
        self._dialogues[dialogue.number] = dialogue
        return dialogue

    def _welcome_new(self, arrival: Arrival) -> None:
        dialogue = self._arrive(arrival, Role.ENROLMENT)
        self._do(st.SessionOpened(dialogue.number, Role.ENROLMENT))

    def _send_away(self, arrival: Arrival) -> None:
        self._arrive(arrival, Role.PLANNING).fail(PlanningNotInServiceError("The planning is not in service now."))

    def _welcome(self, arrival: Arrival) -> None:
        dialogue = self._arrive(arrival, Role.CONTROLLER)
        dialogue.link.pause()
        self._tasks.create_task(self._identify(dialogue))

    async def _identify(self, dialogue: Dialogue) -> None:
        """Nothing is read before the certificate is one of ours, today, of a device we know."""
        try:
            self._trust.identify(dialogue.arrival.peer_der)
            device = await self._desk.device(dialogue.arrival.peer_der)
        except UNSAFE:
            raise
        except HPError as error:
            log.warning("certificate.refused", source=dialogue.arrival.source, **error.details)
            dialogue.arrival.penalize(PENALTY_BAD_CREDENTIALS)
            dialogue.fail(error)
        else:
            if dialogue.vouch():
                source = dialogue.arrival.source
                self._do(st.SessionOpened(dialogue.number, Role.CONTROLLER, device.key, dialogue.thumbprint, source))
                dialogue.link.resume()

    # --- what is said -----------------------------------------------------------------------------------------

    def heard(self, dialogue: Dialogue, message: m.Message) -> None:
        """See `Listening`."""
        self._attending.heard(dialogue.number, type(message), self._loop.time())
        self._do(st.Heard(dialogue.number, message))

    def ended(self, dialogue: Dialogue, error: HPError | None) -> None:
        """See `Listening`."""
        del self._dialogues[dialogue.number]
        self._attending.left(dialogue.number)
        self._do(st.SessionClosed(dialogue.number))
        counted = dialogue.statistics
        log.info(
            "session.closed",
            session=dialogue.number,
            cause=type(error).__name__ if error is not None else "",
            received=counted.received,
            sent=counted.sent,
        )

    def fell_behind(self, dialogue: Dialogue) -> None:
        """See `Listening`. A controller pushes nothing: there is nothing to hold back."""

    def caught_up(self, dialogue: Dialogue) -> None:
        """See `Listening`."""

    # --- the router's shell -----------------------------------------------------------------------------------

    def _do(self, stimulus: st.Stimulus) -> list[fx.Effect]:
        effects = self._router.handle(stimulus, self._loop.time())
        for effect in effects:
            if self._desk.answers(effect):
                self._tasks.create_task(self._ask(effect))
            else:
                self._CARRIERS[type(effect)](self, effect)
        return effects

    async def _ask(self, effect: Any) -> None:
        try:
            stimulus = await self._answered(effect)
        except UNSAFE:
            raise
        except HPError as error:
            stimulus = st.AskFailed(effect.session, effect.request, error)
        self._do(stimulus)

    async def _answered(self, effect: Any) -> st.Stimulus:
        dialogue = self._dialogues.get(effect.session) if isinstance(effect, fx.GUESSES) else None
        if dialogue is None:
            return await self._desk.answer(effect)
        login = str(getattr(effect, "login", ""))
        who = (login, dialogue.thumbprint, dialogue.arrival.source)
        return await self._watch.guess(lambda: self._desk.answer(effect), is_right, *who)

    def _send(self, effect: fx.Send) -> None:
        dialogue, message = self._dialogues.get(effect.session), effect.message
        if dialogue is None:
            return
        if isinstance(message, m.LoggedIn):
            dialogue.let_in()
            source, who = dialogue.arrival.source, (message.user, message.login, "")
            self._tasks.create_task(self._desk.signed_in(message.user, source))
            self._attending.came(dialogue.number, who, self._loop.time())
            log.info("session.opened", session=effect.session, user=message.user, source=source)
        elif isinstance(message, m.Failed) and message.code in REFUSED_GUESSES:
            if not dialogue.thumbprint:  # the guesses of a device are the watch's to count
                dialogue.arrival.penalize(PENALTY_BAD_CREDENTIALS)
            log.info("login.refused", session=effect.session, cause=message.name, source=dialogue.arrival.source)
        dialogue.say(message)

    def _close(self, effect: fx.Close) -> None:
        dialogue = self._dialogues.get(effect.session)
        if dialogue is None:
            return
        if effect.error is None:
            dialogue.close()
            return
        log.info("session.refused", session=effect.session, cause=type(effect.error).__name__)
        if isinstance(effect.error, TooSlowError):
            dialogue.arrival.penalize(PENALTY_NO_LOGIN)
        dialogue.fail(effect.error)

    def _greet(self, effect: fx.Greet) -> None:
        dialogue = self._dialogues[effect.session]
        at_ms = time.time_ns() // 1_000_000
        dialogue.say(dialogue.connection.welcome(server=f"hpserver/{__version__}", time_ms=at_ms))

    def _forget(self, user: int, thumbprint: bytes, but: bytes) -> tuple[int, asyncio.Task[int]]:
        effects = self._do(st.Forgotten(user, thumbprint, but))
        return sum(isinstance(effect, fx.Close) for effect in effects), self._forgetting

    def _notify(self, effect: fx.Notify) -> None:
        self._desk.notify(effect)

    def _forget_everywhere(self, effect: fx.ForgetEverywhere) -> None:
        self._forgetting = self._tasks.create_task(self._desk.forget(effect.user, effect.thumbprint, effect.but))

    _CARRIERS: Final[dict[type[fx.Effect], Callable[["Controller", Any], None]]] = {
        fx.Send: _send,
        fx.Close: _close,
        fx.Greet: _greet,
        fx.Notify: _notify,
        fx.ForgetEverywhere: _forget_everywhere,
    }

    # --- our other processes ----------------------------------------------------------------------------------

    def line_up(self, key: int) -> None:
        """See `LinesOwner`."""
        log.info("planning.up", planning_key=key)

    def line_down(self, key: int, error: HPError | None) -> None:
        """See `LinesOwner`."""
        log.info("planning.down", planning_key=key, cause=str(error or ""))
        self._do(st.PlanningLost(key))

    # --- time -------------------------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        report_at = 0.0
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._look_at_directory()
            except (BusyError, StoreFullError) as error:  # looked at again in a moment
                log.warning("directory.not_read", cause=str(error))
            self._lines.look()
            now = self._loop.time()
            if (self._router.next_deadline() or now + 1) <= now:
                self._do(st.Ticked())
            if now < report_at:
                continue
            report_at = now + REPORT_SECONDS
            for number in self._attending.end_those_over(now):
                self._tasks.create_task(self._live.end_idle(number))
            self._tell_agent()
            if (contexts := self._desk.newer_contexts()) is not None:
                self._doors.use(contexts)
            for dialogue in list(self._dialogues.values()):
                for request in dialogue.connection.expired(now):
                    late = DeadlineExceededError("The deadline passed; the request may still be done.")
                    self._do(st.AskFailed(dialogue.number, request, late))
                dialogue.look_at_silence()

    async def _look_at_directory(self) -> None:
        """Follow what changed: plannings, and whom we trust."""
        self._stale = await self._trust.refresh() or self._stale
        if not self._stale:
            return
        self._account = self._desk.account = await self._directory.get(Account, self._number)
        rows = await self._directory.list(Planning, account=self._number)
        self._plannings = {one.domain: one for one in rows if one.domain}
        self._plannings |= {planning_name(one.name, self._account.zone): one for one in rows}
        self._lines.want({one.key: self._paths.planning_socket(self._number, one.name) for one in rows})
        self._lines.look()
        certificates = {one.thumbprint: one.arrival.peer_der for one in self._dialogues.values() if one.thumbprint}
        for forgotten in await self._desk.no_longer_trusted(self._trust, certificates, self._router.people()):
            self._do(forgotten)
        self._attending.limits = limits = await self._trust.session_limits(self._settings.limits)
        self._router.session_seconds = limits.seconds
        self._stale = False

    def _tell_agent(self) -> None:
        counters = self._router.counters | {
            "accepted": self._doors.front.accepted,
            "hashing": self._desk.hashing.waiting,
        }
        self._agent.tell(self._state, 0, counters)
