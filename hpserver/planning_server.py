"""The planning server: carries out what the engine of one planning asks for, on sockets and on disk.

It knows how, never what: who may do what, what merges and what clashes is the engine's and the base's to say.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import structlog
import uvloop

from hpserver import __version__
from hpserver.attending import Attending
from hpserver.config import Paths, Settings, find_paths, read_settings
from hpserver.directory.model import Planning
from hpserver.errors import CertificateRefusedError, FencedError, HPError
from hpserver.hosting.bases import open_base, undisturbed
from hpserver.hosting.contexts import ServerContexts
from hpserver.hosting.editing import now_ms
from hpserver.hosting.keeping import Keeping
from hpserver.hosting.keyring import Keyring
from hpserver.hosting.takeover import Takeovers
from hpserver.hosting.trust import Trust
from hpserver.hosting.uploads import uploads_of
from hpserver.log import RefusalLog, set_up_log
from hpserver.long_questions import LongQuestions, maybe_long
from hpserver.net.dialogue import Dialogue
from hpserver.net.gate import Gate
from hpserver.net.handshake import Handshaker
from hpserver.net.hub import HubLink, HubServer
from hpserver.net.listener import Arrival, Listener, most_connections
from hpserver.net.malloc import bound_memory, tune_malloc
from hpserver.net.pushes import Pushes
from hpserver.net.reporting import AgentChannel
from hpserver.planning import effects as e
from hpserver.planning import stimuli as st
from hpserver.planning.edit_rate import EditRate
from hpserver.planning.engine import Engine
from hpserver.protocol import internal
from hpserver.protocol import messages as m
from hpserver.protocol.refusal import refusal
from hpserver.protocol.states import Role
from hpserver.protocol.transfers import ZSTD, Packer
from hpserver.store.sqlite import SqliteStore
from hpserver.store.sqlite_directory import SqliteDirectory

EXIT_DONE: Final = 0
EXIT_FENCED: Final = 5
"""A newer server has the base."""

SWEEP_SECONDS: Final = 0.5
"""Between two looks at deadlines, silence and the directory: a revocation closes sessions within a second."""

log = structlog.get_logger()


def run(arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Serve one planning until it is drained.

    `arguments` are `account` (number) and `planning` (technical name); `listeners` the planning's own port, bound;
    `report` the channel to the agent. Returns the exit status: 0, or 5 when fenced. Any other error is let through:
    who has called tells the agent why.
    """
    tune_malloc()
    paths = find_paths()
    settings = read_settings(paths)
    bound_memory(settings.limits.planning_mib)
    set_up_log(f"planning:{arguments['planning']}", level=settings.log.level)
    structlog.contextvars.bind_contextvars(account=arguments["account"], planning=arguments["planning"])
    server = PlanningServer(paths, settings, arguments["account"], arguments["planning"])
    status = EXIT_DONE
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server.serve(listeners, report))
    except* FencedError:
        log.exception("planning.fenced")
        status = EXIT_FENCED
    return status


class PlanningServer:
    """One planning in service. Every method runs on the loop."""

    def __init__(self, paths: Paths, settings: Settings, account: str, planning: str) -> None:
        self._paths, self._settings = paths, settings
        self._account_number, self._name = account, planning
        self._directory = SqliteDirectory(paths.directory)
        self._keyring = Keyring(paths.certs)
        self._dialogues: dict[int, Dialogue] = {}
        self._attending = Attending(planning, self._dialogues)
        self._sessions, self._packer = 0, Packer()
        self._stopping = asyncio.Event()
        self._drain_seconds, self._state = 0.0, "starting"

    async def serve(self, listeners: list[socket.socket], report: socket.socket) -> None:
        """Open the base, let clients in, leave when asked to."""
        self._loop = loop = asyncio.get_running_loop()
        self._pushes, self._long = Pushes(loop, self._dialogues), LongQuestions(loop, self._hear)
        self._agent = AgentChannel(report, loop, self._ordered)
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        await self._directory.open()
        try:
            await self._open()
            try:
                async with asyncio.TaskGroup() as group:
                    self._tasks = group
                    await self._let_in(listeners)
            finally:
                await self._keeping.close()
        finally:
            await self._directory.close()

    # --- opening and leaving --------------------------------------------------------------------------------

    async def _open(self) -> None:
        found = await self._directory.list(Planning, account=self._account_number, name=self._name)
        self._planning = found[0]
        store = SqliteStore(path := self._paths.base(self._account_number, self._planning.base))
        with undisturbed():
            opened = await open_base(store, check_later=True)
        self.engine = Engine(
            opened.planning, opened.history, account=self._account_number, name=self._name, base=self._planning.base,
            epoch=opened.epoch,
        )  # fmt: skip
        self._epoch, self._takeovers, self._edits = opened.epoch, Takeovers(path), EditRate()
        self._keeping = Keeping(store, opened.epoch, self._takeovers.bring)
        log.info("base.opened", base=self._planning.base, epoch=opened.epoch, revision=self.engine.head)

    async def _let_in(self, listeners: list[socket.socket]) -> None:
        self._trust = Trust(self._directory, self._keyring, self._account_number)
        await self._trust.refresh()
        self._attending.limits = await self._trust.session_limits(self._settings.limits)
        self._contexts = ServerContexts(self._keyring, self._account_number)
        contexts = self._contexts.maybe_newer()
        assert contexts is not None, "the first call gives them"
        self._handshaker = handshaker = Handshaker(contexts[0], self._loop)
        gate = Gate(most_connections(self._settings.limits.connections))
        self._listener = Listener(listeners, handshaker, gate, self._welcome, turned_away=RefusalLog())
        hub_path = self._paths.planning_socket(self._account_number, self._name)
        hub = HubServer(hub_path, self._loop, self, name=self._name, epoch=self._epoch)
        hub.open()
        self._uploads = uploads_of(
            self._paths, self._settings, self._account_number, self._planning, self._send, self._takeovers
        )
        self._listener.start()
        self._state = "live"
        self._tell_agent()
        log.info("planning.started", port=self._planning.port)
        self._tasks.create_task(self._keeping.check())
        sweeping = self._tasks.create_task(self._sweep())
        try:
            await self._stopping.wait()
            self._listener.stop()
            await self._leave()
        finally:
            sweeping.cancel()
            self._uploads.close()
            self._listener.close()
            handshaker.close()
            hub.close()

    async def _leave(self) -> None:
        """Say goodbye, let what is under way reach the disk, keep a snapshot for a quick start."""
        self._state = "draining"
        self._tell_agent()
        self._do(st.Drained(0))
        until = self._loop.time() + self._drain_seconds
        while self.engine.durable < self.engine.head or (  # noqa: ASYNC110 - either of two ends it, once in a life
            self._dialogues and self._loop.time() < until
        ):
            await asyncio.sleep(0.02)
        for dialogue in list(self._dialogues.values()):
            dialogue.close()
        await self._keeping.keep(self.engine.checkpoint())
        self._state = "stopped"
        self._tell_agent()
        log.info("planning.stopped", revision=self.engine.durable)

    # --- the engine's shell ---------------------------------------------------------------------------------

    def _do(self, stimulus: st.Stimulus) -> None:
        for effect in self.engine.handle(stimulus, self._loop.time(), now_ms()):
            try:
                self._CARRIERS[type(effect)](self, effect)
            except Exception:  # what cannot be told to one must not keep the others from being told, or the disk
                log.exception("effect.failed", effect=type(effect).__name__)
                if (dialogue := self._dialogues.get(getattr(effect, "session", 0))) is not None:
                    dialogue.close()

    def _mishap(self, effect: e.Mishap) -> None:
        told = {"number": effect.number, "session": effect.session, "request": effect.request}
        log.error("internal.error", **told, exc_info=effect.error)

    def _send(self, effect: e.Send) -> None:
        dialogue = self._dialogues.get(effect.session)
        if dialogue is None:
            return
        message = effect.message
        if type(message) is m.Entered:
            dialogue.let_in()
            one = self.engine.presence.sessions[effect.session]
            self._attending.came(one.number, (one.user, one.login, one.profile), self._loop.time(), one.ends)
            log.info("session.opened", session=effect.session, profile=message.profile, source=dialogue.arrival.source)
        if isinstance(message, m.Answer):
            dialogue.answer(message)
        else:
            dialogue.say(message)

    def _broadcast(self, effect: e.Broadcast) -> None:
        self._pushes.tell(effect.sessions, effect.message)

    def _transfer(self, effect: e.Transfer) -> None:
        dialogue = self._dialogues.get(effect.session)
        if dialogue is None:
            return
        may_compress = dialogue.connection.has_feature(ZSTD)
        pouring = self._packer.messages(
            effect.id, effect.payload, epoch=effect.epoch, revision=effect.revision, may_compress=may_compress
        )
        dialogue.pour(pouring)

    def _close(self, effect: e.Close) -> None:
        dialogue = self._dialogues.get(effect.session)
        if dialogue is not None:
            dialogue.fail(effect.error)

    def _gather(self, effect: e.Gather) -> None:
        self._loop.call_later(effect.seconds, self._do, st.Gathered())

    def _persist(self, effect: e.Persist) -> None:
        self._tasks.create_task(self._write(effect.drafts))

    async def _write(self, drafts: tuple[e.Draft, ...]) -> None:
        kept = await self._keeping.write(drafts)
        if isinstance(kept, st.NotPersisted):
            log.warning("batch.refused", error=type(kept.error).__name__, drafts=len(drafts))
        self._do(kept)

    def _read(self, effect: e.Read) -> None:
        self._tasks.create_task(self._recall(effect))

    async def _recall(self, effect: e.Read) -> None:
        self._do(await self._keeping.recall(effect))

    def _receive(self, effect: e.Receive) -> None:
        self._tasks.create_task(self._take_in(effect))

    async def _take_in(self, effect: e.Receive) -> None:
        self._send(await self._uploads.carry_out(effect))

    def _checkpoint(self, effect: e.Checkpoint) -> None:
        self._tasks.create_task(self._keeping.keep(effect))

    def _wake_at(self, effect: e.WakeAt) -> None:
        self._loop.call_at(effect.moment, self._do, st.Ticked())

    _CARRIERS: Final[dict[type[e.Effect], Callable[["PlanningServer", Any], None]]] = {
        e.Send: _send,
        e.Broadcast: _broadcast,
        e.Gather: _gather,
        e.Persist: _persist,
        e.Read: _read,
        e.Receive: _receive,
        e.Transfer: _transfer,
        e.Close: _close,
        e.Checkpoint: _checkpoint,
        e.WakeAt: _wake_at,
        e.Mishap: _mishap,
    }

    # --- clients --------------------------------------------------------------------------------------------

    def _welcome(self, arrival: Arrival) -> None:
        number = self._sessions = self._sessions + 1
        thumbprint = sha256(arrival.peer_der).digest()
        dialogue = Dialogue(number, Role.PLANNING, arrival, thumbprint, self)
        self._dialogues[number] = dialogue
        self._attending.connected(number, self._loop.time())
        try:
            self._trust.identify(arrival.peer_der)
        except CertificateRefusedError as error:
            log.warning("certificate.refused", source=arrival.source, **error.details)
            dialogue.fail(error)
        else:
            dialogue.vouch()

    def heard(self, dialogue: Dialogue, message: m.Message) -> None:
        """See `Listening`."""
        kind = type(message)
        self._attending.heard(dialogue.number, kind, self._loop.time())
        if kind is m.Hello:
            dialogue.say(dialogue.connection.welcome(server=f"hpserver/{__version__}", time_ms=now_ms()))
        elif (answer := self.engine.maybe_answer(dialogue.number, message)) is not None:
            dialogue.answer(answer)
        elif (question := maybe_long(message)) is not None:
            self._long.ask(self.engine.presence.sessions[dialogue.number].user, dialogue, question)
        elif kind is not m.Cancel:  # what is under way is a transfer, which stops by itself, or on its way to the disk
            self._hear(dialogue, message)

    def _hear(self, dialogue: Dialogue, message: m.Message) -> None:
        self._do(st.Heard(dialogue.number, dialogue.thumbprint, message))

    def ended(self, dialogue: Dialogue, error: HPError | None) -> None:
        """See `Listening`."""
        del self._dialogues[dialogue.number]
        self._attending.left(dialogue.number)
        self._do(st.Closed(dialogue.number))
        cause = type(error).__name__ if error is not None else ""
        seen = dialogue.statistics
        log.info("session.closed", session=dialogue.number, cause=cause, received=seen.received, sent=seen.sent)

    def fell_behind(self, dialogue: Dialogue) -> None:
        """See `Listening`."""
        self._do(st.FellBehind(dialogue.number))

    def caught_up(self, dialogue: Dialogue) -> None:
        """See `Listening`."""
        self._do(st.CaughtUp(dialogue.number))

    # --- the controller -------------------------------------------------------------------------------------

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""
        log.info("hub.joined", role=link.role, pid=link.pid)

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: socket.socket | None) -> None:
        """See `HubOwner`."""
        if isinstance(message, internal.HandOver) and passenger is not None:
            self._listener.adopt(passenger, message.source)
            return
        if passenger is not None:
            passenger.close()
        if isinstance(message, internal.Admit):
            self._tasks.create_task(self._admit(link, message))
        elif isinstance(message, internal.Forget):
            gone = st.Forgotten(message.user, message.thumbprint, message.why, message.but, message.session)
            concerned = len(self.engine.concerned(gone))
            self._do(gone)
            link.send(internal.Forgotten(message.id, concerned))
        elif isinstance(message, internal.GetSessions):
            link.send(self._attending.page(message.id, message.after, self._loop.time(), now_ms()))

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""
        log.info("hub.lost", role=link.role, cause=str(error or ""))

    async def _admit(self, link: HubLink, admit: internal.Admit) -> None:
        """Believe the controller who it is; decide here what that user may do."""
        failed = None
        try:
            key, now = self._planning.key, self._loop.time()
            self._do(st.Admitted(await self._trust.admission(key, admit, self._epoch, now, self.engine.bearers)))
        except HPError as error:
            failed = refusal(admit.id, error)
        with contextlib.suppress(HPError):
            link.send(internal.Admitted(admit.id, self._epoch, failed))

    # --- time -----------------------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            if await self._trust.refresh():
                await self._check_rights()
            now = self._loop.time()
            for number in self._attending.look(now):
                is_display = self.engine.presence.sessions[number].is_display
                self._attending.end_idle(number, now, is_display=is_display)
            self._tell_agent()
            self._keeping.tend(self._tasks, self.engine.head, self.engine.durable, now, now_ms())
            await self._uploads.expire()
            if (contexts := self._contexts.maybe_newer()) is not None:
                self._handshaker.context = contexts[0]

    async def _check_rights(self) -> None:
        """Close the sessions, and void the tickets, of who is no longer trusted or whose profile here changed."""
        self._attending.limits = await self._trust.session_limits(self._settings.limits)
        self._attending.end_untrusted(self._trust.identify)
        for user, why in (await self._trust.lost(self._planning.key, self.engine.bearers())).items():
            self._do(st.Forgotten(user, b"", why))

    # --- the agent ------------------------------------------------------------------------------------------

    def _tell_agent(self) -> None:
        counters = {
            "sessions": len(self.engine.presence.sessions), "connections": len(self._dialogues),
            "revision": self.engine.durable, "last_entry_ms": self.engine.last_entry_ms,
            "edits_per_minute": self._edits.look(self._loop.time(), self.engine.durable),
            **self.engine.planning.counts(),
        }  # fmt: skip
        self._agent.tell(self._state, self._epoch, counters)

    def _ordered(self, seconds: float) -> None:
        self._drain_seconds = seconds
        self._stopping.set()
