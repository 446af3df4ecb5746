"""A signed-in user at a school's controller. Knows no base."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from cryptography import x509

from hpserver.client.credentials import Credentials
from hpserver.client.line import NEW, A, Line
from hpserver.client.reconnecting import comes_back
from hpserver.errors import (
    BadCodeError,
    BadPinError,
    CertificateRefusedError,
    ConnectionLostError,
    GoingAwayError,
    HPError,
    NotAllowedError,
    ProofNeededError,
    SessionEndedError,
    WeakSecretError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.states import Role, State

TYPED_TIMES: Final = 3
"""How often a code may be mistyped before the sign-in fails; the server bears five guesses."""

AskPin = Callable[[], Awaitable[str]]
AskCode = Callable[[int], Awaitable[str]]
"""Given for how many seconds the code that was sent by mail is good; answers it."""

"""Asked for the PIN when the device is not registered."""

AskPassword = Callable[[], Awaitable[str]]
"""Asked for the password again, before something sensitive."""

NewPassword = Callable[[WeakSecretError | None], Awaitable[str]]
"""Asked for another password, when the one given must be changed; again, with the reason, when that is too weak."""

Choose = Callable[[tuple[str, ...]], Awaitable[tuple[str, str]]]
"""Given the measures offered at the first sign-in; answers the chosen one, and the PIN when it is `pin`."""


class School:
    """`async with School(credentials) as school: await school.log_in(...)`.

    Once signed in, a line that broke is made anew and the user signed in again when something is asked: the password is
    kept in memory for that, until the school is closed.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.user: m.LoggedIn | None = None
        self.not_renewed: HPError | None = None
        """Why the device's certificate, which is due, was not renewed at the last sign-in."""
        self._line: Line | None = None
        self._elsewhere: m.Endpoint | None = None
        self._sign_in: partial[Coroutine[Any, Any, m.LoggedIn]] | None = None
        self._busy = asyncio.Lock()
        self._closed = True
        self.context: ssl.SSLContext
        """The TLS settings of the line: tickets into plannings are bound to its certificate, not to a renewed one."""
        self._used: x509.Certificate

    async def __aenter__(self) -> Self:
        """Connect to the controller. Raises as `Line.connect`."""
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        await self.close()

    @property
    def is_open(self) -> bool:
        """Whether the controller still listens to us."""
        return self._line is not None and self._line.is_open

    async def connect(self) -> None:
        """Connect to the controller, in place of a line that broke. The user is not signed in."""
        async with self._busy:
            self._closed = False
            await self._connect()

    async def log_in(
        self,
        login: str,
        password: str,
        *,
        pin: AskPin | None = None,
        choose: Choose | None = None,
        renew: NewPassword | None = None,
        code: AskCode | None = None,
    ) -> m.LoggedIn:
        """Sign in. `pin` is asked on a device that is not registered, `choose` at the first sign-in.

        `renew` is asked where the password must be changed: it was given for once, or is too old for the school.
        With `code`, the PIN is forgotten: a code is sent by mail where it would be asked, and `choose` is asked after.

        After a failure, and for another user, it may be called again.

        Raises:
            BadCredentialsError: login and password do not go together, or the user may not come in.
            BadPinError: the PIN is wrong, or none was given.
            BadCodeError: the code is not the one sent, or no longer.
            NotAllowedError: no code can be sent.
            LockedError: too many failures; `seconds` says for how long.
        """
        async with self._busy:
            if self._line is None:
                raise _closed()
            if not self._line.is_open or self._line.state is not State.GREETED:
                await self._connect()
            return await self._log_in(login, password, pin, choose, renew, code)

    async def change_password(self, old: str, new: str) -> None:
        """Have another password from now on; the user's sessions on other devices end.

        Raises BadCredentialsError, LockedError, and WeakSecretError, whose `rule` says what is missing.
        """
        await self._ask(m.ChangePassword(NEW, 0, old, new), m.AccessChanged)
        if self._sign_in is not None:
            self._sign_in = partial(self._sign_in, password=new)

    async def change_measure(self, measure: str, pin: str, password: str) -> None:
        """Have another measure, or another PIN; `pin` is empty for other measures than `pin`.

        Raises BadCredentialsError, LockedError, NotAllowedError, WeakSecretError.
        """
        await self._ask(m.ChangeMeasure(NEW, 0, measure, pin, password), m.AccessChanged)

    async def register_device(self, name: str) -> None:
        """Have this device remembered for this user: the PIN is not asked on it any more."""
        await self._ask(m.RegisterDevice(NEW, 0, name), m.DeviceRegistered)

    async def plannings(self) -> tuple[m.PlanningListed, ...]:
        """The plannings in service that the user may open."""
        return (await self._ask(m.ListPlannings(NEW, 0), m.Plannings)).plannings

    async def open(self, planning: str) -> m.PlanningOpened:
        """A ticket into a planning; signs in again when the line to the controller broke meanwhile.

        Raises NotFoundError, PlanningNotInServiceError, NotAllowedError, and as `connect` and `log_in`.
        """
        return await self._ask(m.OpenPlanning(NEW, 0, planning), m.PlanningOpened)

    async def administer(self, wish: m.AnyWish, *, password: AskPassword | None = None) -> m.AnyOutcome:
        """Have the school's office carry out a wish; `password` is asked again before a sensitive one.

        Raises NotAllowedError, ProofNeededError when there is nobody to ask for the password, BadCredentialsError, and
        what the wish says.
        """
        try:
            return (await self._ask(m.Administer(NEW, 0, wish), m.Administered)).outcome
        except ProofNeededError:
            if password is None:
                raise
        await self._ask(m.Prove(NEW, 0, await password()), m.Proved)
        return (await self._ask(m.Administer(NEW, 0, wish), m.Administered)).outcome

    async def close(self) -> None:
        """Hang up and forget who was signed in. Safe to repeat, and before connecting."""
        self._closed, self._sign_in = True, None
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    aclose = close
    """For `contextlib.aclosing`."""

    # --- within ---------------------------------------------------------------------------------------------

    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        """Ask, and once more on a new line when the one there was broke: asking twice harms nothing here."""
        try:
            return await (await self._signed_in_line()).ask(request, *answers)
        except (ConnectionLostError, GoingAwayError):
            if self._sign_in is None or self.is_open:
                raise
        return await (await self._signed_in_line()).ask(request, *answers)

    async def _signed_in_line(self) -> Line:
        async with self._busy:
            line = self._line
            if line is None:
                raise _closed()
            if self._sign_in is None:
                if line.is_open and line.state is not State.HOME:
                    raise NotAllowedError("log in first")
                return line
            if line.is_open and line.state is State.HOME:
                return line
            if line.leave is None:
                await line.close()
                if not comes_back(line.lost.result()):
                    raise line.lost.result()
            line = await self._connect()
            try:
                await self._sign_in()
            except BaseException:
                line.abort()
                raise
            return line

    async def _connect(self) -> Line:
        """Replace the line, and return it; a server that leaves says when to come back, and where to."""
        line = self._line
        if line is not None:
            if line.leave is not None:
                await asyncio.sleep(line.back_at - asyncio.get_running_loop().time())
                self._elsewhere, line.leave = line.leave.endpoint, None
            await line.close()
        school = self.credentials.school()
        self.context, self._used = self.credentials.context(), self.credentials.certificate()
        usual = m.Endpoint(school.host, school.port, school.server_name)
        endpoint, self._elsewhere = self._elsewhere or usual, None  # tried once, then the usual place
        try:
            line = await Line.connect(
                endpoint.host, endpoint.port, self.context, endpoint.server_name, Role.CONTROLLER
            )  # fmt: skip
        except CertificateRefusedError as error:
            if not self.credentials.has_ended():
                raise
            until = self._used.not_valid_after_utc.date().isoformat()
            raise CertificateRefusedError(
                f"The certificate of this device ended on {until}: enrol it again with a new ParamClient file.",
                cause="expired", until=until,
            ) from error  # fmt: skip
        if self._closed:
            line.abort()
            raise _closed()
        self._line = line
        return line

    async def _log_in(
        self,
        login: str,
        password: str,
        pin: AskPin | None,
        choose: Choose | None,
        renew: NewPassword | None,
        code: AskCode | None = None,
    ) -> m.LoggedIn:
        line = self._line
        assert line is not None
        further = (m.LoggedIn, m.PasswordNeeded, m.MeasureNeeded)
        answer: m.Answer = await line.ask(m.Login(NEW, 0, login, password), m.PinNeeded, *further)
        if isinstance(answer, m.PinNeeded) and code is not None:
            answer = await _with_code(line, code)
        elif isinstance(answer, m.PinNeeded):
            if pin is None:
                raise BadPinError("this device is not registered: the PIN is needed")
            answer = await line.ask(m.ProvePin(NEW, 0, await pin()), *further)
        if isinstance(answer, m.PasswordNeeded):
            if renew is None:
                raise NotAllowedError("this user must change the password first")
            answer, password = await _with_new_password(line, password, renew)
        if isinstance(answer, m.MeasureNeeded):
            if choose is None:
                raise NotAllowedError("this user must choose a security measure first")
            measure, new_pin = await choose(answer.measures)
            answer = await line.ask(m.ChooseMeasure(NEW, 0, measure, new_pin), m.LoggedIn)
        assert isinstance(answer, m.LoggedIn)
        self.user = answer
        self._sign_in = partial(self._log_in, login, password=password, pin=pin, choose=choose, renew=renew)
        await self._renew(line)
        return answer

    async def _renew(self, line: Line) -> None:
        """Renew the device's certificate when it is due; a sign-in goes on without, and the next one tries again."""
        self.not_renewed = None
        try:
            await self.credentials.renew(line, self._used)
        except HPError as error:
            self.not_renewed = error


async def _with_code(line: Line, code: AskCode) -> m.Answer:
    """Have a code sent, and ask for it, again when it was mistyped."""
    sent = await line.ask(m.RequestCode(NEW, 0), m.CodeSent)
    left = TYPED_TIMES
    while True:
        try:
            return await line.ask(m.ProveCode(NEW, 0, await code(sent.seconds)), m.PasswordNeeded, m.MeasureNeeded)
        except BadCodeError:
            left -= 1
            if not left:
                raise


async def _with_new_password(line: Line, old: str, renew: NewPassword) -> tuple[m.Answer, str]:
    """Ask for a password until the server takes one; its answer, and the password."""
    weak: WeakSecretError | None = None
    while True:
        new = await renew(weak)
        try:
            return await line.ask(m.ChangePassword(NEW, 0, old, new), m.LoggedIn, m.MeasureNeeded), new
        except WeakSecretError as error:
            weak = error


def _closed() -> SessionEndedError:
    return SessionEndedError("there is no session with the controller: connect and log in first")
