"""The signer of an installation: the only process that opens the keys of accounts while others serve.

It is asked over its socket by controllers and by `hp`, and believes neither: a ticket is spent here, a renewal is
proved by the device's own key. A controller that was taken over gets no key, and no certificate that is not owed.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

import structlog
import uvloop

from hpserver.config import Paths, find_paths, read_settings
from hpserver.directory.api import Directory
from hpserver.directory.model import Account
from hpserver.errors import (
    BusyError,
    ConfigurationError,
    FencedError,
    HPError,
    OutcomeUnknownError,
    StoreFullError,
    UnexpectedMessageError,
)
from hpserver.hosting.confinement import keep_secrets
from hpserver.hosting.house_ca import warnings_of
from hpserver.hosting.issuing import OwnIssuing, read_unsigned
from hpserver.hosting.keyring import Keyring, utc_now
from hpserver.hosting.signing_pace import SigningPace
from hpserver.log import set_up_log
from hpserver.net.hub import HubLink, HubServer
from hpserver.net.reporting import AgentChannel
from hpserver.protocol import internal
from hpserver.protocol.refusal import refusal
from hpserver.store.sqlite_directory import SqliteDirectory

EXIT_DONE: Final = 0

LOOK_SECONDS: Final = 1.0
"""Between two looks at the directory: a new planning has its name in the certificate before a client asks for it."""

CARE_SECONDS: Final = 3600.0
"""Between two looks at the age of every server's certificate."""

JUMP_SECONDS: Final = 60.0
"""A clock on the wall that went so much further than the machine's was set: every age is another one."""

MAX_ASKED: Final = 256
"""Wishes at once, of everybody: four times what may wait for a signature. More are told to come back."""

WARN_SECONDS: Final = timedelta(days=1).total_seconds()
"""Between two warnings of what ends soon."""

UNSAFE: Final = (OutcomeUnknownError, FencedError)
"""Nothing can be promised any more: the process ends, and starts again from what is on the disk."""

log = structlog.get_logger()


def run(_arguments: dict[str, str], _listeners: list[socket.socket], report: socket.socket) -> int:
    """Sign until drained. Returns the exit status, 0. `report` is the channel to the agent; there are no listeners."""
    keep_secrets()
    paths = find_paths()
    set_up_log("signer", level=read_settings(paths).log.level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Signer(paths).serve(report))
    return EXIT_DONE


class Signer:
    """Signs for every account of the installation. Every method runs on the loop."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._directory: Directory = SqliteDirectory(paths.directory)
        self._keyring = Keyring(paths.certs)
        self._issuing = OwnIssuing(self._directory, self._keyring)
        self._pace = SigningPace()
        self._signed = 0
        self._refused = 0
        self._asked = 0
        """Wishes without an answer yet."""
        self._version = -1
        self._care_at = self._warn_at = self._set_to = 0.0

    async def serve(self, report: socket.socket) -> None:
        """Sign what is asked for, and keep the servers' certificates young, until asked to leave."""
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        agent = AgentChannel(report, loop, lambda _seconds: stopping.set())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        await self._directory.open()
        hub = HubServer(self._paths.signer_socket, loop, self, name="signer")
        try:
            async with asyncio.TaskGroup() as group:
                self._tasks = group
                hub.open()
                log.info("signer.started")
                keeping = group.create_task(self._keep(agent))
                await stopping.wait()
                hub.close()
                keeping.cancel()
        finally:
            hub.close()
            await self._directory.close()
            agent.tell("stopped", 0, {})
            agent.close()
        log.info("signer.stopped")

    # --- what is asked ----------------------------------------------------------------------------------------

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""

    def hub_received(self, link: HubLink, message: Any, passenger: socket.socket | None) -> None:
        """See `HubOwner`."""
        if passenger is not None:
            passenger.close()
        if type(message) not in self._SIGNERS:
            raise UnexpectedMessageError("The signer signs, and does nothing else.")
        if self._asked >= MAX_ASKED:
            _say(
                link,
                internal.Signed(message.id, failed=refusal(message.id, BusyError("Too much is asked.", seconds=1))),
            )
            return
        self._asked += 1
        self._tasks.create_task(self._answer(link, message))

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""

    async def _answer(self, link: HubLink, message: Any) -> None:
        about = {"kind": type(message).__name__, "account": message.account, "asked_by": link.role}
        try:
            await self._directory.get(Account, message.account)  # else the name is no path, and is not counted
            async with self._pace.turn(message.account):
                signed = await self._sign(message)
        except UNSAFE:
            raise
        except HPError as error:
            self._refused += 1
            log.warning("signature.refused", error=type(error).__name__, **about, **_cause(error))
            signed = internal.Signed(message.id, failed=refusal(message.id, error))
        else:
            self._signed += 1
            log.info("signature.made", **about, serial=signed.serial)
        finally:
            self._asked -= 1
        _say(link, signed)

    async def _sign(self, message: Any) -> internal.Signed:
        try:
            return await self._SIGNERS[type(message)](self, message)
        except OSError as error:  # of one account's files: the others are signed for
            log.exception("signature.failed", account=message.account)
            raise BusyError("The files of this account cannot be used now.", seconds=1) from error

    async def _enrol(self, wish: internal.EnrolFor) -> internal.Signed:
        made = await self._issuing.enrol(wish.account, wish.ticket, wish.request, wish.device_name)
        return internal.Signed(wish.id, made.device, made.serial, made.chain)

    async def _renew(self, wish: internal.RenewFor) -> internal.Signed:
        made = await self._issuing.renew(wish.account, wish.certificate, wish.request)
        return internal.Signed(wish.id, made.device, made.serial, made.chain)

    async def _certify(self, wish: internal.CertifyServers) -> internal.Signed:
        await self._issuing.certify_servers(wish.account, anew=wish.anew)
        return internal.Signed(wish.id)

    async def _sign_letter(self, wish: internal.SignLetter) -> internal.Signed:
        letter = await self._issuing.sign_letter(wish.account, read_unsigned(wish.letter))
        return internal.Signed(wish.id, letter=letter)

    _SIGNERS: Final[dict[type[internal.Internal], Callable[["Signer", Any], Coroutine[Any, Any, internal.Signed]]]] = {
        internal.EnrolFor: _enrol,
        internal.RenewFor: _renew,
        internal.CertifyServers: _certify,
        internal.SignLetter: _sign_letter,
    }

    # --- what is looked after ---------------------------------------------------------------------------------

    async def _keep(self, agent: AgentChannel) -> None:
        loop = asyncio.get_running_loop()
        while True:
            agent.tell("live", 0, {"signed": self._signed, "refused": self._refused})
            try:
                await self._look(loop.time())
            except (BusyError, StoreFullError) as error:  # looked at again in a moment
                log.warning("directory.not_read", cause=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, now: float) -> None:
        version, set_to = await self._directory.version(), utc_now().timestamp() - now
        jumped, self._set_to = abs(set_to - self._set_to) > JUMP_SECONDS, set_to
        if version == self._version and now < self._care_at and not jumped:
            return
        for account in await self._directory.list(Account):
            try:
                await self._issuing.certify_servers(account.number)
            except UNSAFE:
                raise
            except (HPError, OSError) as error:  # one account's trouble is not the others'
                log.warning("certificate.not_renewed", account=account.number, cause=str(error))
        self._version, self._care_at = version, now + CARE_SECONDS
        if now >= self._warn_at:
            self._warn_at = now + WARN_SECONDS
            await self._warn()

    async def _warn(self) -> None:
        for account in await self._directory.list(Account):
            with contextlib.suppress(ConfigurationError):  # told just before
                for one in await warnings_of(self._directory, self._keyring, account, utc_now()):
                    log.warning("certificate.ends_soon", account=account.number, what=one.what, until=one.until)


def _say(link: HubLink, signed: internal.Signed) -> None:
    """Answer, if who asked is still there."""
    with contextlib.suppress(HPError):
        link.send(signed)


def _cause(error: HPError) -> dict[str, str | int]:
    return {"cause": error.details["cause"]} if "cause" in error.details else {}
