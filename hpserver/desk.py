"""The desk of a controller: answers what the router asks, from the directory and the hash threads.

It knows no connection, and decides nothing: an answer is a fact, or the error that kept it from being found.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

import msgspec
import structlog

from hpserver.administration.office import Office
from hpserver.config import Settings
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Assignment, Device, Measure, Planning, Registration, User
from hpserver.errors import (
    AlreadyExistsError,
    BusyError,
    CertificateRefusedError,
    EnrolmentRefusedError,
    HPError,
    LockedError,
    NotFoundError,
    PlanningNotInServiceError,
    StoreFullError,
)
from hpserver.hosting.audit import About
from hpserver.hosting.calibrating import read_cost
from hpserver.hosting.codes import Codes
from hpserver.hosting.contexts import Contexts, ServerContexts
from hpserver.hosting.devices import find_device, holder
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.keyring import Keyring, planning_name
from hpserver.hosting.retention import forget_strays, forget_unused
from hpserver.hosting.sign_in import SignIn, machine_seconds
from hpserver.hosting.trust import Trust
from hpserver.identity.login import bad_credentials
from hpserver.identity.passwords import SUPERADMINS
from hpserver.net.gate import LOOPBACK
from hpserver.net.lines import Lines
from hpserver.protocol import internal
from hpserver.protocol.limits import TICKET_BYTES
from hpserver.protocol.messages import PlanningListed
from hpserver.protocol.refusal import error_of
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st

SEEN_SECONDS: Final = 86_400.0
"""How exactly it is kept when a device was last seen: a write for each connection would be an fsync for each."""

LIVE: Final = "live"

log = structlog.get_logger()


class Desk:
    """The answers of one account, `account` as it is now. `lines` says which plannings are in service."""

    def __init__(
        self,
        directory: Directory,
        keyring: Keyring,
        settings: Settings,
        account: Account,
        lines: Lines,
        office: Office,
    ) -> None:
        self.account = account
        self._directory, self._keyring, self._lines = directory, keyring, lines
        self._office = office
        self._contexts = ServerContexts(keyring, account.number)
        number = account.number
        self.hashing = Hashing(settings.limits.hash_threads, settings.limits.hash_queue)
        costs = (read_cost(keyring.folder), SUPERADMINS)
        mail = office.notices.has_relay
        self._sign_in = SignIn(directory, number, keyring.pepper(), self.hashing, costs=costs, mail=mail)
        self._codes = Codes(directory, number, keyring.pepper(), office.notices)
        self._tidied_at = 0.0
        self._issuing = office.accounts.issuing
        listens_everywhere = settings.listen.host in {"", "0.0.0.0", "::"}  # noqa: S104  compared, not bound
        self._listens_at = "" if listens_everywhere else settings.listen.host

    def newer_contexts(self) -> Contexts | None:
        """Return the TLS settings of the account's port when there are others since the last call, else None.

        The first call raises ConfigurationError or OSError when there are none to use.
        """
        return self._contexts.maybe_newer()

    def answers(self, effect: fx.Effect) -> bool:
        """Say whether this effect is a question for the desk."""
        return type(effect) in self._ANSWERS

    async def answer(self, effect: fx.Effect) -> st.Stimulus:
        """Return the fact that was asked for. Raises HPError: it was not done, for that reason."""
        return await self._ANSWERS[type(effect)](self, effect)

    async def device(self, certificate: bytes) -> Device:
        """Return the device that holds a certificate. Raises CertificateRefusedError when it is not known here."""
        found = await holder(self._directory, self.account.number, certificate)
        now = time.time()
        if now - found.last_seen > SEEN_SECONDS:
            with contextlib.suppress(BusyError, StoreFullError):
                await self._directory.change(Device, found.key, last_seen=now)
        return found

    async def no_longer_trusted(
        self, trust: Trust, certificates: Mapping[bytes, bytes], people: set[int]
    ) -> list[st.Forgotten]:
        """Return who of those present must go: certificate revoked or ended, device unknown, user disabled or gone.

        `certificates` are those present, DER by thumbprint; `people` are users.
        """
        if not certificates:
            return []
        devices = await self._directory.list(Device, account=self.account.number)
        trusted = [one for one in devices if not one.revoked_at]
        good = {thumbprint for one in trusted for thumbprint in (one.thumbprint, one.previous_thumbprint)}
        users = await self._directory.list(User, account=self.account.number)
        enabled = {one.key for one in users if one.enabled}
        refused = [key for key, der in certificates.items() if key not in good or not _trusts(trust, der)]
        return [st.Forgotten(thumbprint=key) for key in refused] + [st.Forgotten(user=one) for one in people - enabled]

    async def forget(self, user: int, thumbprint: bytes, but: bytes) -> int:
        """Tell every planning server whom to forget, but on that device; how many sessions they closed."""
        wish = internal.Forget(0, self.account.number, user, thumbprint, but)
        return sum(answer.closed for answer in await self._lines.ask_all(wish, internal.Forgotten))

    async def _check_password(self, effect: fx.CheckPassword) -> st.Stimulus:
        try:
            user, facts = await self._sign_in.check_password(effect.login, effect.password, effect.device)
        except LockedError:
            await self._tell("login.locked", "", {"device": effect.device}, done=False)
            self._office.notices.later("login.locked", effect.login)
            raise
        right = facts.enabled and facts.password_right
        await self._tell("login.password", user.login if user else "", {"device": effect.device}, done=right)
        person = _person(user, *await self._sign_in.addresses(user.key, effect.source)) if user else None
        if right and user is not None and not await self._sign_in.stands(user):  # last: no session is known to close
            raise bad_credentials()
        return st.PasswordChecked(effect.session, effect.request, person, facts)

    async def _check_pin(self, effect: fx.CheckPin) -> st.Stimulus:
        right = await self._sign_in.check_pin(effect.user, effect.pin)
        await self._tell("login.pin", await self._login(effect.user), done=right)
        return st.PinChecked(effect.session, effect.request, right)

    async def _send_code(self, effect: fx.SendCode) -> st.Stimulus:
        source = "" if effect.source in LOOPBACK else effect.source
        seconds = await self._codes.send(effect.user, effect.session, effect.device, source)
        await self._tell("login.code_sent", await self._login(effect.user))
        return st.CodeSent(effect.session, effect.request, seconds)

    async def _check_code(self, effect: fx.CheckCode) -> st.Stimulus:
        right = await self._codes.check(effect.user, effect.session, effect.code)
        await self._tell("login.code", await self._login(effect.user), done=right)
        return st.CodeChecked(effect.session, effect.request, right)

    async def _save_measure(self, effect: fx.SaveMeasure) -> st.Stimulus:
        measure = msgspec.convert(effect.measure, Measure)
        await self._sign_in.save_measure(effect.user, measure, effect.pin, effect.held)
        await self._tell("user.measure_chosen", await self._login(effect.user), {"measure": measure})
        return st.MeasureSaved(effect.session, effect.request, measure)

    async def _change_password(self, effect: fx.ChangePassword) -> st.Stimulus:
        """Whoever else is there with the password of before is gone when it is answered."""
        await self._sign_in.change_password(effect.login, effect.old, effect.new, effect.device)
        await self._tell("user.password_changed", effect.login, {"device": effect.device})
        await self._office.live.close(user=effect.user, but=effect.thumbprint)
        return st.PasswordChanged(effect.session, effect.request)

    async def _change_measure(self, effect: fx.ChangeMeasure) -> st.Stimulus:
        measure = await self._sign_in.change_measure(
            effect.login, effect.password, effect.device, effect.measure, effect.pin
        )
        await self._tell("user.measure_changed", effect.login, {"measure": measure})
        return st.MeasureSaved(effect.session, effect.request, measure)

    def notify(self, effect: fx.Notify) -> None:
        """Tell a user, in a moment, that they came in from a device that is not registered."""
        log.info("login.notified", user=effect.user, device=effect.device)
        self._office.notices.later("login.notified", effect.user)

    async def is_registered(self, thumbprint: bytes) -> bool:
        """Whether some user has registered the device with that certificate."""
        found = await find_device(self._directory, self.account.number, thumbprint)
        return found is not None and bool(await self._directory.list(Registration, device=found.key))

    async def signed_in(self, user: int, source: str) -> None:
        """Keep that a user came in now, from that address."""
        with contextlib.suppress(BusyError, StoreFullError, NotFoundError, AlreadyExistsError):
            await self._sign_in.signed_in(user, source)
            if time.time() - self._tidied_at > SEEN_SECONDS:
                self._tidied_at = time.time()
                await forget_unused(self._directory, self.account.number, self._tidied_at)
                await forget_strays(self._directory, self.account.number, machine_seconds())

    async def _save_device(self, effect: fx.SaveDevice) -> st.Stimulus:
        self._office.count(effect.user, "user")
        await self._sign_in.save_device(effect.user, effect.device, effect.name)
        about: About = {"device": effect.device, "name": effect.name}
        await self._tell("device.registered", await self._login(effect.user), about)
        return st.DeviceSaved(effect.session, effect.request)

    async def _prove(self, effect: fx.ProvePassword) -> st.Stimulus:
        _, facts = await self._sign_in.check_password(effect.login, effect.password, effect.device)
        right = facts.enabled and facts.password_right
        await self._tell("login.proved", effect.login, {"device": effect.device}, done=right)
        return st.PasswordProved(effect.session, effect.request, right)

    async def _administer(self, effect: fx.Administer) -> st.Stimulus:
        outcome = await self._office.carry_out(effect.actor, effect.wish)
        return st.Carried(effect.session, effect.request, outcome)

    async def _certify(self, effect: fx.Certify) -> st.Stimulus:
        try:
            made = await self._issuing.enrol(self.account.number, effect.ticket, effect.csr, effect.device_name)
        except EnrolmentRefusedError:
            log.warning("enrolment.refused", session=effect.session)
            await self._tell("device.enrolled", "", done=False)
            raise
        await self._tell("device.enrolled", "", {"device": made.device, "serial": made.serial, "name": made.name})
        log.info("device.enrolled", session=effect.session, device=made.device, serial=made.serial)
        return st.Certified(effect.session, effect.request, made.device, made.chain)

    async def _renew(self, effect: fx.Renew) -> st.Stimulus:
        made = await self._issuing.renew(self.account.number, effect.certificate, effect.csr)
        await self._tell("device.renewed", "", {"device": made.device, "serial": made.serial})
        log.info("device.renewed", session=effect.session, device=made.device, serial=made.serial)
        return st.CertificateRenewed(effect.session, effect.request, made.chain)

    async def _find_plannings(self, effect: fx.FindPlannings) -> st.Stimulus:
        profiles = {one.planning: one.profile for one in await self._directory.list(Assignment, user=effect.user)}
        rows = await self._directory.list(Planning, account=self.account.number)
        listed = [
            PlanningListed(one.name, one.publication_name, profiles[one.key], LIVE, one.base)
            for one in rows
            if one.key in profiles and await self._lines.reach(one.key) is not None
        ]
        return st.PlanningsFound(effect.session, effect.request, tuple(listed))

    async def _find_planning(self, effect: fx.FindPlanning) -> st.Stimulus:
        """What does not exist and what is not the user's are one refusal."""
        found = await self._directory.list(Planning, account=self.account.number, name=effect.name)
        if not found or not await self._directory.list(Assignment, planning=found[0].key, user=effect.user):
            raise NotFoundError(
                "There is no such planning for you: an administrator lets you in (`hp user assign`), superadmins too.",
                planning=effect.name,
            )
        planning, line = found[0], await self._lines.reach(found[0].key)
        if line is None:
            raise PlanningNotInServiceError("The planning is not in service now.", planning=effect.name)
        place = st.Place(
            planning=planning.key,
            name=planning.name,
            epoch=line.epoch,
            host=self._listens_at or self.account.domain,
            port=self.account.port,
            direct_host=self._listens_at or self.account.domain,
            direct_port=planning.port,
            server_name=planning_name(planning.name, self.account.zone),
        )
        return st.PlanningFound(effect.session, effect.request, place, secrets.token_bytes(TICKET_BYTES))

    async def _admit_at(self, effect: fx.AdmitAt) -> st.Stimulus:
        """A server that does not answer has refused."""
        wish = internal.Admit(
            id=0,
            ticket_hash=effect.ticket_hash,
            thumbprint=effect.thumbprint,
            account=self.account.number,
            user=effect.user,
            login=effect.login,
            name=effect.name,
            planning=effect.planning_name,
            epoch=effect.epoch,
            ttl_ms=effect.ttl_ms,
            lasts_ms=effect.lasts_ms,
        )
        line, answer = self._lines.line(effect.planning), internal.Admitted(0, 0)
        if line is not None:
            with contextlib.suppress(HPError):
                answer = await line.request(wish, internal.Admitted)
        refused = None if answer.failed is None else error_of(answer.failed)
        return st.AdmissionAnswered(effect.planning, effect.admission, answer.epoch, refused)

    async def _tell(self, event: str, actor: str, about: About | None = None, *, done: bool = True) -> None:
        """Keep a security event before anybody is answered; a login nobody has may be a password, and is not kept."""
        await self._office.audit.tell(event, actor, about or {}, "" if done else "refused")
        if done:
            await self._office.notices.tell(event, actor, str((about or {}).get("name", "")))

    async def _login(self, user: int) -> str:
        return (await self._directory.get(User, user)).login

    _ANSWERS: Final[dict[type[fx.Effect], Callable[["Desk", Any], Coroutine[Any, Any, st.Stimulus]]]] = {
        fx.CheckPassword: _check_password,
        fx.CheckPin: _check_pin,
        fx.SendCode: _send_code,
        fx.CheckCode: _check_code,
        fx.SaveMeasure: _save_measure,
        fx.SaveDevice: _save_device,
        fx.Certify: _certify,
        fx.Renew: _renew,
        fx.FindPlannings: _find_plannings,
        fx.FindPlanning: _find_planning,
        fx.AdmitAt: _admit_at,
        fx.ProvePassword: _prove,
        fx.ChangePassword: _change_password,
        fx.ChangeMeasure: _change_measure,
        fx.Administer: _administer,
    }


def is_right(stimulus: st.Stimulus) -> bool:
    """Whether a guess was right, or no guess at all."""
    match stimulus:
        case st.PasswordChecked():
            return stimulus.facts.enabled and stimulus.facts.password_right
        case st.PinChecked() | st.CodeChecked() | st.PasswordProved():
            return stimulus.right
    return True


def _person(user: User, last_source: str, new_address: bool) -> st.Person:
    names = (user.key, user.login, user.name, user.first_name, user.status)
    return st.Person(*names, user.last_sign_in, last_source, new_address)


def _trusts(trust: Trust, der: bytes) -> bool:
    try:
        trust.identify(der)
    except CertificateRefusedError:
        return False
    return True
