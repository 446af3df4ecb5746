"""A hosting account as the web process serves it: whom it trusts, who is signed in, what is carried out for them.

Everything is asked of the directory, the office and the processes when it is needed.
"""

import asyncio
import secrets
import ssl
import time
from dataclasses import dataclass
from typing import Final

from hpserver.administration.office import CASES, NobodyHere, Office
from hpserver.certs.contexts import web_context
from hpserver.directory.model import Account, ConsoleSession, Device, IdentityProvider, Planning, Registration, User
from hpserver.errors import CertificateRefusedError, ConfigurationError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import About
from hpserver.hosting.calibrating import read_cost
from hpserver.hosting.console_door import ConsoleDoor
from hpserver.hosting.delegation import Delegation
from hpserver.hosting.devices import find_device, holder
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.keyring import console_name
from hpserver.hosting.sign_in import SignIn
from hpserver.hosting.trust import Trust
from hpserver.identity.actor import Actor
from hpserver.identity.login import Facts
from hpserver.identity.passwords import SUPERADMINS
from hpserver.identity.sessions import SessionLimits
from hpserver.net.gate import Gate
from hpserver.net.watch import Watch
from hpserver.protocol.messages import AnyOutcome, AnyWish
from hpserver.reaching import carry_out, forget
from hpserver.web.journeys import Journeys
from hpserver.web.live import Bell
from hpserver.web.sessions import Sessions

PENDING_SECONDS: Final = 120.0
"""Between a right password and the answer to what is asked then (PIN, another password, measure)."""

KNOWN_SECONDS: Final = 10.0
"""For how long a certificate that was checked is not checked again, while nothing changed in the directory."""

MAX_PENDING: Final = 200
"""People between a right password and what is asked then; of more the oldest begin again."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right, and who is asked for more. Kept in memory: who is cut off begins again."""

    user: User
    facts: Facts
    device: int
    until: float
    """By the monotonic clock; a wrong answer gives no more time."""
    by: "Voucher | None" = None


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who vouched for somebody, as it was configured then, and what it calls them."""

    provider: IdentityProvider
    identifier: str


class Served:
    """One account. `hashing`, `door`, `bell` and `gate` are those of the process."""

    def __init__(
        self, accounts: Accounts, account: Account, hashing: Hashing, door: ConsoleDoor, bell: Bell, gate: Gate
    ) -> None:
        self.accounts, self.account, self.door, self.bell = accounts, account, door, bell
        self.directory, self.keyring = accounts.directory, accounts.keyring
        self.trust = Trust(self.directory, self.keyring, account.number)
        self.sessions = Sessions(self.directory, account.number)
        self.office = Office(accounts, account, NobodyHere())
        costs = (read_cost(self.keyring.folder), SUPERADMINS)
        self.sign_in = SignIn(self.directory, account.number, self.keyring.pepper(), hashing, costs=costs)
        self.delegation = Delegation(self.directory, account.number)
        self.journeys = Journeys()
        self.loop = asyncio.get_running_loop()
        self.watch = Watch(gate, self._is_registered, self.loop.time)
        self.pending: dict[str, Pending] = {}
        self._devices: dict[bytes, tuple[float, Device]] = {}
        self._limits: SessionLimits | None = None
        self._made_of = (0, 0)
        self._context: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """The server name of this console."""
        return console_name(self.account.zone)

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS settings as the certificates on disk give them now; None while there are none to use."""
        try:
            chain, key = self.keyring.server_files(self.account.number)
            made_of = chain.stat().st_mtime_ns, self.keyring.intermediates_changed_at(self.account.number)
            if made_of != self._made_of:
                self._context = web_context(chain, key, self.keyring.intermediates(self.account.number))
                self._made_of = made_of
        except (ConfigurationError, OSError):
            return self._context
        return self._context

    async def refresh(self) -> None:
        """Read the account and whom it trusts again, when anything changed."""
        if await self.trust.refresh():
            self._devices.clear()
            self._limits = None
            await self.delegation.refresh()
            self.account = await self.directory.get(Account, self.account.number)
            self.office.account = self.account

    async def device(self, certificate: bytes) -> Device:
        """Return the device that shows a certificate. Raises CertificateRefusedError."""
        await self.refresh()
        if not certificate:
            raise CertificateRefusedError("A certificate of this console is needed.", cause="none")
        known = self._devices.get(certificate)
        if known is not None and self.loop.time() - known[0] < KNOWN_SECONDS:
            return known[1]
        self.trust.identify(certificate)
        found = await holder(self.directory, self.account.number, certificate)
        self._devices[certificate] = self.loop.time(), found
        return found

    async def limits(self) -> SessionLimits:
        """Return how long sessions last and how many a user has, as the school wishes it now."""
        if self._limits is None:
            self._limits = await self.trust.session_limits(self.accounts.settings.limits)
        return self._limits

    async def who(self, token: str, device: Device, *, used: bool = True) -> tuple[ConsoleSession, Actor] | None:
        """Return the session of a cookie on that device, and who it is now; None when there is none.

        `used` as in `Sessions.find`.
        """
        session = await self.sessions.find(token, device.key, await self.limits(), used=used)
        if session is None:
            return None
        actor = await self.sessions.actor(session, self.account, device.thumbprint)
        if actor is None or self.account.suspended:
            await self.sessions.end(session)
            return None
        return session, actor

    async def carry_out(self, actor: Actor, wish: AnyWish) -> AnyOutcome:
        """Have a wish carried out, where who is there is known when that matters. Raises what the office says."""
        assert type(wish) in CASES
        return await carry_out(self.accounts, self.account, wish, actor, self.office)

    async def plannings(self) -> tuple[Planning, ...]:
        """Return the plannings of the account."""
        return await self.accounts.plannings(self.account)

    async def tell(self, event: str, who: str, about: About, *, done: bool = True) -> None:
        """Keep a security event, on disk before anybody is answered; what was done is told to who it is about."""
        await self.office.audit.tell(event, who, about, "" if done else "refused")
        if done:
            await self.office.notices.tell(event, who, str(about.get("name", "")))

    async def forget(self, user: User, but: Device) -> None:
        """Close what a user has open with clients, but on that device: the password they came in with is no more.

        At the console their sessions are over by themselves: see `Sessions.actor`.
        """
        await forget(self.accounts, self.account, user=user.key, but=but.thumbprint)

    async def _is_registered(self, thumbprint: bytes) -> bool:
        found = await find_device(self.directory, self.account.number, thumbprint)
        known = found is not None and (found.console or await self.directory.list(Registration, device=found.key))
        return bool(known)

    async def stands(self, user: User, by: Voucher | None) -> bool:
        """Whether what somebody came in with is still so: password or identifier, measure, and who vouched for them."""
        return await self.sign_in.stands(user) and (by is None or await self.delegation.stands(by.provider))

    # --- between a right password and what is asked then ------------------------------------------------------

    def ends(self) -> float:
        """Return when the time to answer what is asked ends, from now on."""
        return time.monotonic() + PENDING_SECONDS

    def ask_more(self, one: Pending) -> str:
        """Remember who is asked for more; returns what they bring back."""
        now = time.monotonic()
        for token in [token for token, one in self.pending.items() if one.until < now]:
            del self.pending[token]
        while len(self.pending) >= MAX_PENDING:
            del self.pending[next(iter(self.pending))]
        token = secrets.token_urlsafe(32)
        self.pending[token] = one
        return token

    def asked(self, token: str, device: int) -> Pending | None:
        """Return who brings a token back, once, from the same device and in time."""
        found = self.pending.pop(token, None)
        return found if found and found.device == device and time.monotonic() < found.until else None
