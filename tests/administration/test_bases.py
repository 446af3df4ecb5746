"""Bases made, loaded and taken out, by who administers the planning."""

import asyncio
from typing import Any

import msgspec
import pytest

from hpserver.administration.office import Office
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    ConfigurationError,
    HPError,
    InvalidGridError,
    InvalidNameError,
    NotFoundError,
)
from hpserver.hosting.branches import fork
from hpserver.hosting.past import peek_base
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor

ONE = w.CreateBase("planning01", "Base", "2026-08-31", "2027-07-04")


async def listed(office: Office, **said: Any) -> w.Bases:
    """The bases, as they are told."""
    found = await office.carry_out(OPERATOR, w.ListBases(**said))
    assert isinstance(found, w.Bases)
    return found


async def test_a_base_is_created_as_its_grid_says_and_put_in_service(office: Office) -> None:
    """In the time of its planning, by who administers that."""
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    await office.carry_out(OPERATOR, w.SetPlanning("planning01", timezone="Indian/Reunion"))
    wish = msgspec.structs.replace(ONE, days=63, sequences=10, sequence_minutes=50, division=2, day_start=450)
    assert await office.carry_out(await actor(office, "bob"), wish) == w.Done()
    planning = await office.accounts.planning(office.account, "planning01")
    assert (planning.base, planning.desired) == ("Base", "up")
    async with peek_base(office.accounts.base_path(office.account, "Base")) as peeked:
        grid = peeked.planning.grid
    assert (grid.weeks, grid.days, grid.sequences, grid.sequence_minutes, grid.division) == (44, 63, 10, 50, 2)
    assert (grid.day_start, grid.timezone) == (450, "Indian/Reunion")


@pytest.mark.parametrize(
    "said",
    [
        {"first_monday": "2026-09-01"}, {"last_sunday": "2026-08-30"}, {"last_sunday": "2028-07-02"},
        {"first_monday": "2026-02-30"}, {"days": 0}, {"days": 128}, {"sequences": 0}, {"sequences": 289},
        {"sequence_minutes": 0}, {"division": 5}, {"division": 0}, {"sequence_minutes": 25, "division": 12},
        {"sequences": 24, "sequence_minutes": 61}, {"day_start": 1440}, {"timezone": "Europe/Paname"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_grid_that_cannot_be_makes_no_base(office: Office, said: dict[str, Any]) -> None:
    """1 to 62 weeks from a Monday to a Sunday, 1 to 7 days, sequences cut into whole minutes: it is said which."""
    with pytest.raises(InvalidGridError):
        await office.carry_out(OPERATOR, msgspec.structs.replace(ONE, **said))
    assert (await listed(office)).rows == ()
    assert (await office.accounts.planning(office.account, "planning01")).base == ""


@pytest.mark.parametrize("name", ["", "../planning01", ".hidden", "a/b", "a\0b", "x" * 61])
async def test_a_base_has_no_name_that_is_another_file(office: Office, name: str) -> None:
    """It is a file name too."""
    for wish in (msgspec.structs.replace(ONE, base=name), w.LoadBase("planning01", name)):
        with pytest.raises(InvalidNameError):
            await office.carry_out(OPERATOR, wish)


async def test_a_base_is_loaded_into_a_stopped_planning_and_taken_out(office: Office) -> None:
    """Not while it is in service, not where another one has it; it stays in the account."""
    await office.carry_out(OPERATOR, ONE)
    for wish in (w.LoadBase("planning01", "Base"), w.UnloadBase("planning01"), ONE):
        with pytest.raises(BaseInUseError):
            await office.carry_out(OPERATOR, wish)
    await office.carry_out(OPERATOR, w.StopPlanning("planning01"))
    with pytest.raises(ConfigurationError, match="loaded in planning01"):
        await office.carry_out(OPERATOR, w.LoadBase("planning02", "Base"))
    with pytest.raises(AlreadyExistsError):
        await office.carry_out(OPERATOR, ONE)
    assert await office.carry_out(OPERATOR, w.UnloadBase("planning01")) == w.Done()
    assert [one.planning for one in (await listed(office)).rows] == [""]
    await office.carry_out(OPERATOR, w.LoadBase("planning02", "Base"))
    assert [one.planning for one in (await listed(office)).rows] == ["planning02"]
    assert (await office.accounts.planning(office.account, "planning02")).desired == "down"
    with pytest.raises(NotFoundError):
        await office.carry_out(OPERATOR, w.LoadBase("planning01", "Autre"))


async def test_bases_are_listed_page_by_page(office: Office) -> None:
    """Each once, with where it is, where it comes from, and when it was written."""
    await office.carry_out(OPERATOR, ONE)
    await office.carry_out(OPERATOR, w.StopPlanning("planning01"))
    folder = office.accounts.paths.bases / office.account.number
    await fork(folder, "Base", "Essai")
    first = await listed(office, limit=1)
    rest = await listed(office, after=first.rows[-1].name)
    assert (first.more, rest.more) == (True, False)
    told = [(one.name, one.planning, one.branch_of) for one in (*first.rows, *rest.rows)]
    assert told == [("Base", "planning01", ""), ("Essai", "", "Base")]
    assert all(one.size > 0 and one.saved_at > 0 for one in (*first.rows, *rest.rows))


async def test_of_two_who_create_the_same_base_at_once_one_does(office: Office) -> None:
    """The other is told so, and nothing of the first is written over."""
    wishes = (ONE, msgspec.structs.replace(ONE, planning="planning02"))
    done = await asyncio.gather(*(office.carry_out(OPERATOR, one) for one in wishes), return_exceptions=True)
    assert [type(one) for one in done if isinstance(one, HPError)] == [AlreadyExistsError]
    assert [one.planning for one in (await listed(office)).rows] == ["planning01"]
