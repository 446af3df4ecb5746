"""Two schools in one installation: no wish of the one reaches what is of the other, whatever it names."""

import contextlib
import datetime as dt
from typing import Any, Final, get_type_hints

import msgspec
import pytest
import pytest_asyncio

from hpserver.administration.office import CASES, Office
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning as Base
from hpserver.directory.model import (
    Account,
    Assignment,
    ConsoleSession,
    Device,
    Enrolment,
    IdentityProvider,
    Licence,
    OwnProfile,
    Planning,
    Registration,
    Revocation,
    Template,
    User,
)
from hpserver.errors import HPError
from hpserver.identity.actor import Actor
from tests.administration.conftest import Sessions, actor
from tests.administration.test_hostile import passing

TABLES: Final = (
    *(Account, Planning, User, Device, Registration, Enrolment, ConsoleSession, Assignment, OwnProfile, Licence),
    *(Template, Revocation, IdentityProvider),
)

MARK: Final = "mielmark"
"""In every name of the other school, and in none of ours."""


MONDAY, SUNDAY = dt.date(2026, 8, 31), dt.date(2027, 7, 4)


class Other:
    """The other school: something of every kind, and what it is named by."""

    def __init__(self, account: Account, user: User, device: Device, planning: Planning) -> None:
        self.account, self.user, self.device, self.planning = account, user, device, planning
        texts = (user.login, planning.name, f"Base {MARK}", f"Profil {MARK}", device.serial, account.number)
        numbers = (user.key, device.key, planning.key)
        self.named: tuple[object, ...] = (*texts, *numbers, "2026-08-31", "Europe/Paris", "superadmin", True, (), None)

    def usual(self, field: str, hint: Any) -> object:
        """Return what a field of that name holds when it means what is the other's."""
        known = {
            "login": self.user.login, "planning": self.planning.name, "base": f"Base {MARK}", "device": self.device.key,
            "profile": f"Profil {MARK}", "template": f"Modèle {MARK}", "first_monday": "2026-08-31",
            "last_sunday": "2027-07-04", "place": self.planning.name, "number": 7,
            "address": "https://miel.example", "authority": "", "local": "always", "protocol": "cas",
        }  # fmt: skip
        return next(passing(hint, (*((known[field],) if field in known else ()), *self.named)))


@pytest_asyncio.fixture
async def other(office: Office) -> Other:
    """A school beside ours, with something of every kind."""
    accounts, directory = office.accounts, office.accounts.directory
    opened = (await accounts.open_account(f"École {MARK}", "miel.example")).account
    number = opened.number
    user = await directory.add(User(account=number, login=f"{MARK}-ann", name=MARK.title(), console=True))
    serial = f"{0xABCDEF0123456789:x}"
    device = await directory.add(
        Device(account=number, thumbprint=b"o" * 32, serial=serial, name=f"Poste {MARK}", expires=4e9, console=True)
    )
    planning = await accounts.add_planning(opened, MARK, f"Planning {MARK}")
    hours = Grid.between(
        dt.date(2026, 8, 31), dt.date(2027, 7, 4), days=31, sequences=8, sequence_minutes=60, division=1, day_start=480
    )
    await accounts.create_base(opened, planning, f"Base {MARK}", Base(hours))
    now = 4e9
    for one in (
        Registration(device=device.key, user=user.key, name=f"Poste {MARK}", at=1.0),
        Enrolment(ticket_hash=b"e" * 32, account=number, expires=now),
        ConsoleSession(hash=b"c" * 32, account=number, device=device.key, created_at=now, last_at=now, proved_at=now),
        Assignment(planning=planning.key, user=user.key, profile=f"Profil {MARK}"),
        OwnProfile(planning=planning.key, name=f"Profil {MARK}", type="modifier", rights="{}"),
        Licence(planning=planning.key, profile="Modification", places=3),
        IdentityProvider(account=number, name=user.login, address="https://miel.example"),
        Template(account=number, name=f"Modèle {MARK}", assignments="[]"),
    ):
        await directory.add(one)
    planning = await directory.get(Planning, planning.key)
    return Other(opened, user, device, planning)


async def rows(office: Office, of: Other | None) -> dict[str, list[Any]]:
    """Every row of the directory that is the other school's."""
    directory, found = office.accounts.directory, dict[str, list[Any]]()
    assert of is not None
    for table in TABLES:
        found[table.__name__] = [one for one in await directory.list(table) if is_theirs(one, of)]
    return found


def is_theirs(row: Any, of: Other) -> bool:
    """Whether a row is the other school's: it says so, or belongs to what does."""
    number = getattr(row, "account", getattr(row, "number", ""))
    about = {getattr(row, "planning", 0) == of.planning.key, getattr(row, "user", 0) == of.user.key}
    return number == of.account.number or (not number and True in about)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("status", ["superadmin", "manager", "operator"])
async def test_r01_no_wish_reaches_another_school(
    office: Office, other: Other, sessions: Sessions, kind: type[Any], status: str
) -> None:
    """Whoever may everything in theirs: no row changes, nobody is sent away, no file is touched, no word is told."""
    ada = await actor(office, "ada")
    who = ada if status == "superadmin" else Actor(0, office.account.number, status, proved=True)
    base = office.accounts.base_path(other.account, f"Base {MARK}")
    before, kept = await rows(office, other), base.read_bytes()
    assert sum(map(len, before.values())) >= len(TABLES) - 1
    hints = get_type_hints(kind, include_extras=True)
    usual = {name: other.usual(name, hints[name]) for name in kind.__struct_fields__}
    wishes = [usual, *({**usual, name: one} for name in hints for one in passing(hints[name], other.named))]
    for fields in wishes:
        with contextlib.suppress(HPError):
            outcome = await office.carry_out(who, kind(**fields))
            assert MARK.encode() not in told_of(outcome, fields)
    assert await rows(office, other) == before
    assert base.read_bytes() == kept
    assert other.user.key not in {user for user, _, _ in sessions.closed}
    assert other.planning.key not in {planning for planning, _ in sessions.left}


def told_of(outcome: msgspec.Struct, fields: dict[str, Any]) -> bytes:
    """Return what an outcome says, without the names that were said in the wish itself: a user may be called so too."""
    said = msgspec.msgpack.encode(outcome)
    for one in fields.values():
        if isinstance(one, str) and one:
            said = said.replace(one.encode(), b"")
    return said


async def test_the_same_wishes_reach_the_school_they_name(office: Office, other: Other, sessions: Sessions) -> None:
    """Asked in its own office: else the test above could not fail."""
    theirs = Office(office.accounts, other.account, sessions)
    manager = Actor(0, other.account.number, "manager", proved=True)
    reached = set[str]()
    kinds: list[type[Any]] = sorted(
        CASES, key=lambda kind: kind.__name__.startswith(("Delete", "Remove", "Unload", "Rename"))
    )
    for kind in kinds:
        hints = get_type_hints(kind, include_extras=True)
        usual = {name: other.usual(name, hints[name]) for name in kind.__struct_fields__}
        before = await rows(office, other)
        with contextlib.suppress(HPError):
            if MARK.encode() in told_of(await theirs.carry_out(manager, kind(**usual)), usual):
                reached.add(kind.__name__)
        if await rows(office, other) != before:
            reached.add(kind.__name__)
    assert {"GetUser", "DeleteUser", "DeleteTemplate", "ForgetDevice", "EnrolDevices", "GetHosting"} <= reached
    assert len(reached) > len(CASES) // 3, sorted(reached)
