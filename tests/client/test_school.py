import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from hpserver.client import School
from hpserver.errors import (
    BadCodeError,
    BadCredentialsError,
    BadPinError,
    ConnectionLostError,
    NotAllowedError,
    NotFoundError,
    SessionEndedError,
    WeakSecretError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.states import Role
from tests.client.served import CODE, PASSWORD, PATIENCE, PIN, WEAK, Served, a_school_served, until
from tests.desk import NAME
from tests.pki import ACCOUNT

pytestmark = pytest.mark.timeout(PATIENCE)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A school in service."""
    async with a_school_served(tmp_path) as served:
        yield served


@pytest.fixture
async def school(served: Served) -> AsyncIterator[School]:
    """Ada's device, connected, nobody signed in."""
    async with School(served.credentials("ada")) as school:
        yield school


async def pin() -> str:
    """Know the PIN."""
    return PIN


async def test_log_in_list_and_open(school: School) -> None:
    """The way of every day."""
    user = await school.log_in("ada", PASSWORD)
    assert school.user == user
    assert [one.name for one in await school.plannings()] == [NAME]
    assert (await school.open(NAME)).ticket
    await school.register_device("Bureau")


async def test_a_wrong_password_may_be_corrected(school: School) -> None:
    """The line is still good, or a new one is made."""
    with pytest.raises(BadCredentialsError):
        await school.log_in("ada", "wrong")
    assert school.user is None
    await school.log_in("ada", PASSWORD)


async def test_a_wrong_pin_may_be_corrected(served: Served, school: School) -> None:
    """After a failure in the middle of signing in, it begins again from its start."""
    served.registered = False

    async def wrong() -> str:
        return "0000"

    with pytest.raises(BadPinError):
        await school.log_in("ada", PASSWORD, pin=wrong)
    with pytest.raises(BadPinError, match="not registered"):
        await school.log_in("ada", PASSWORD)
    assert (await school.log_in("ada", PASSWORD, pin=pin)).login == "ada"


async def test_a15_a_code_by_mail_stands_for_a_forgotten_pin(served: Served, school: School) -> None:
    """Mistyped twice it is asked for again, the third time the sign-in fails; then another measure is chosen."""
    served.registered = False
    typed = ["000000", "000001", CODE, "000000", "000000", "000000"]

    async def code(seconds: int) -> str:
        assert seconds == 600
        return typed.pop(0)

    async def choose(_: tuple[str, ...]) -> tuple[str, str]:
        return "pin", PIN

    assert (await school.log_in("ada", PASSWORD, code=code, choose=choose)).login == "ada"
    with pytest.raises(BadCodeError):
        await school.log_in("ada", PASSWORD, code=code, choose=choose)
    assert typed == []


async def test_the_first_time_a_measure_is_chosen(served: Served, school: School) -> None:
    """Without somebody to ask it cannot be."""
    served.measured = False
    offered = []

    async def choose(measures: tuple[str, ...]) -> tuple[str, str]:
        offered.append(measures)
        return "pin", PIN

    with pytest.raises(NotAllowedError):
        await school.log_in("ada", PASSWORD)
    await school.log_in("ada", PASSWORD, choose=choose)
    assert offered == [("none", "pin")]


async def test_a_password_that_was_given_is_changed_at_once(served: Served, school: School) -> None:
    """It is asked for until the server takes it, and known when the line is made anew; without anybody to ask, not."""
    served.given, served.registered = True, False
    asked: list[WeakSecretError | None] = []

    async def renew(weak: WeakSecretError | None) -> str:
        asked.append(weak)
        return "battery staple" if weak else WEAK

    with pytest.raises(NotAllowedError, match="password"):
        await school.log_in("ada", PASSWORD, pin=pin)
    await school.log_in("ada", PASSWORD, pin=pin, renew=renew)
    assert [weak and weak.details["rule"] for weak in asked] == [None, "digit"]
    await served.shut(Role.CONTROLLER)
    await served.open(Role.CONTROLLER)
    assert await school.plannings()


async def test_a_password_and_a_measure_are_changed_inside(served: Served, school: School) -> None:
    """The next line signs in with the new password."""
    await school.log_in("ada", PASSWORD)
    with pytest.raises(BadCredentialsError):
        await school.change_password("wrong", "battery staple")
    await school.change_password(PASSWORD, "battery staple")
    await school.change_measure("pin", PIN, "battery staple")
    await served.shut(Role.CONTROLLER)
    await served.open(Role.CONTROLLER)
    assert await school.plannings()


async def test_another_user_may_follow_on_the_same_school(served: Served, school: School) -> None:
    """Whoever signs in next gets a line of their own."""
    await school.log_in("ada", PASSWORD)
    assert (await school.log_in("bob", PASSWORD)).login == "bob"
    assert served.said["Hello"] == 2


async def test_nothing_may_be_asked_before_signing_in(school: School) -> None:
    """An error that says what to do, not a broken rule of the protocol."""
    with pytest.raises(NotAllowedError, match="log in"):
        await school.plannings()


async def test_a_broken_line_is_made_anew_when_something_is_asked(served: Served, school: School) -> None:
    """The controller starts again: the user is signed in again, unseen."""
    await school.log_in("ada", PASSWORD)
    for role in (Role.CONTROLLER, Role.CONTROLLER):
        await served.shut(role)
        await served.open(role)
        assert await school.plannings()
    assert served.said["Login"] == 3


async def test_a_line_that_breaks_under_a_question_is_made_anew(served: Served, school: School) -> None:
    """Asking twice harms nothing: nobody sees it."""
    await school.log_in("ada", PASSWORD)
    served.mute.add(m.ListPlannings)
    asking = asyncio.gather(school.plannings())
    await until(lambda: served.said["ListPlannings"])
    served.mute.clear()
    served.cut(Role.CONTROLLER)
    assert (await asking)[0]


async def test_signing_in_again_that_fails_is_tried_again(served: Served, school: School) -> None:
    """A half-made session is never taken for a whole one."""
    await school.log_in("ada", PASSWORD)
    served.cut(Role.CONTROLLER)
    served.refusing[m.Login] = ConnectionLostError("not yet")
    with pytest.raises(ConnectionLostError):
        await school.plannings()
    assert await school.plannings()


async def test_many_questions_on_a_broken_line_sign_in_once(served: Served, school: School) -> None:
    """Two sessions of one client would put each other out."""
    await school.log_in("ada", PASSWORD)
    served.cut(Role.CONTROLLER)
    await asyncio.gather(*[school.plannings() for _ in range(5)])
    assert served.said["Login"] == 2


async def test_a_session_that_an_administrator_ended_stays_ended(served: Served, school: School) -> None:
    """Until the user signs in again."""
    await school.log_in("ada", PASSWORD)
    [talk] = served.of(Role.CONTROLLER)
    talk.connection.fail(SessionEndedError("elsewhere"))
    talk.flush()
    await until(lambda: not school.is_open)
    with pytest.raises(SessionEndedError):
        await school.plannings()
    await school.log_in("ada", PASSWORD)
    assert await school.plannings()


async def test_a_controller_that_moves_says_where(served: Served, school: School) -> None:
    """The place it names is tried first, once."""
    await school.log_in("ada", PASSWORD)
    served.leave(Role.CONTROLLER, delay_ms=20, endpoint=m.Endpoint("127.0.0.1", 1, ACCOUNT))
    await until(lambda: not school.is_open)
    assert await school.plannings()  # nobody was there: back to the place it knows


async def test_a_refusal_is_not_asked_again(served: Served, school: School) -> None:
    """Only a broken line is a reason to repeat."""
    await school.log_in("ada", PASSWORD)
    served.refusing[m.OpenPlanning] = NotFoundError("no")
    with pytest.raises(NotFoundError):
        await school.open("nothing")
    assert served.said["OpenPlanning"] == 1


async def test_closing_is_safe_twice_and_before_connecting(served: Served) -> None:
    """And what is asked then is an error that says so."""
    school = School(served.credentials("ada"))
    await school.close()
    async with aclosing(school), school:
        await school.log_in("ada", PASSWORD)
    await school.close()
    with pytest.raises(SessionEndedError):
        await school.plannings()
    with pytest.raises(SessionEndedError):
        await school.log_in("ada", PASSWORD)
    async with school:
        await school.log_in("ada", PASSWORD)
