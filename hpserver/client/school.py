"""A signed-in user at a school's controller. Knows no base."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from hpserver.client.credentials import Credentials
from hpserver.client.line import NEW, A, Line
from hpserver.errors import BadPinError, ConnectionLostError, NotAllowedError
from hpserver.protocol import messages as m
from hpserver.protocol.states import Role

AskPin = Callable[[], Awaitable[str]]
"""Asked for the PIN when the device is not registered."""

Choose = Callable[[tuple[str, ...]], Awaitable[tuple[str, str]]]
"""Given the measures offered at the first sign-in; answers the chosen one, and the PIN when it is `pin`."""


class School:
    """`async with School(credentials) as school: await school.log_in(...)`."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.user: m.LoggedIn | None = None
        self._line: Line | None = None
        self._sign_in: Callable[[], Awaitable[m.LoggedIn]] | None = None
        self._busy = asyncio.Lock()

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
        await self.close()
        school = self.credentials.school()
        self._line = await Line.connect(
            school.host, school.port, self.credentials.context(), school.server_name, Role.CONTROLLER
        )  # fmt: skip

    async def log_in(
        self, login: str, password: str, *, pin: AskPin | None = None, choose: Choose | None = None
    ) -> m.LoggedIn:
        """Sign in. `pin` is asked on a device that is not registered, `choose` at the first sign-in.

        Raises:
            BadCredentialsError: login and password do not go together, or the user may not come in.
            BadPinError: the PIN is wrong, or none was given.
            LockedError: too many failures; `seconds` says for how long.
        """
        answer: m.Answer = await self._ask(m.Login(NEW, 0, login, password), m.LoggedIn, m.PinNeeded, m.MeasureNeeded)
        if isinstance(answer, m.MeasureNeeded):
            if choose is None:
                raise NotAllowedError("this user must choose a security measure first")
            measure, new_pin = await choose(answer.measures)
            answer = await self._ask(m.ChooseMeasure(NEW, 0, measure, new_pin), m.LoggedIn)
        elif isinstance(answer, m.PinNeeded):
            if pin is None:
                raise BadPinError("this device is not registered: the PIN is needed")
            answer = await self._ask(m.ProvePin(NEW, 0, await pin()), m.LoggedIn)
        assert isinstance(answer, m.LoggedIn)
        self.user = answer
        self._sign_in = lambda: self.log_in(login, password, pin=pin, choose=choose)
        return answer

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
        async with self._busy:
            if not self.is_open and self._sign_in is not None:
                await self.connect()
                await self._sign_in()
        return await self._ask(m.OpenPlanning(NEW, 0, planning), m.PlanningOpened)

    async def close(self) -> None:
        """Hang up. Safe to repeat."""
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        if self._line is None:
            raise ConnectionLostError("Connect to the controller first.")
        return await self._line.ask(request, *answers)
