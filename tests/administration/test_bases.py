"""Bases made, loaded and taken out, by who administers the planning."""

import asyncio
import datetime as dt
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
    NotAllowedError,
    NotFoundError,
)
from hpserver.hosting.backups import FAILURE, Failure, maybe_newest
from hpserver.hosting.backups import listed as backups_in
from hpserver.hosting.base_files import back_up, backup_folder
from hpserver.hosting.branches import drop, fork
from hpserver.hosting.past import peek_base
from hpserver.hosting.removal import delete_base, put_base_back, rename_base
from hpserver.hosting.staging import Staging
from hpserver.hosting.staging import Wish as Sending
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


async def bases_of_two(office: Office) -> None:
    """Bob administers planning01 and had `Mine` there; `Theirs` was in planning02, `Kept` nowhere that is known."""
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    for planning, base in (("planning01", "Mine"), ("planning02", "Theirs")):
        await office.carry_out(OPERATOR, msgspec.structs.replace(ONE, planning=planning, base=base))
        await stopped(office, planning)
        await office.carry_out(OPERATOR, w.UnloadBase(planning))
    await fork(office.accounts.paths.bases / office.account.number, "Theirs", "Branch of theirs")
    await fork(office.accounts.paths.bases / office.account.number, "Mine", "Branch of mine")


async def stopped(office: Office, planning: str) -> None:
    """Wish a planning down."""
    await office.carry_out(OPERATOR, w.StopPlanning(planning))


async def loads(office: Office, login: str, base: str, planning: str = "planning01") -> bool:
    """Whether somebody may load a base there; it is taken out again."""
    try:
        await office.carry_out(await actor(office, login), w.LoadBase(planning, base))
    except NotAllowedError:
        return False
    await office.carry_out(OPERATOR, w.UnloadBase(planning))
    return True


async def test_r01_a_base_administrator_loads_no_base_of_another_planning(office: Office) -> None:
    """Theirs come back; another planning's, and branches of it, do not; what is not there is refused in those words."""
    await bases_of_two(office)
    found = {one: await loads(office, "bob", one) for one in ("Mine", "Branch of mine", "Theirs", "Branch of theirs")}
    assert found == {"Mine": True, "Branch of mine": True, "Theirs": False, "Branch of theirs": False}
    assert not await loads(office, "bob", "Nothing")
    assert not await loads(office, "bob", "Mine", "planning02")
    shown = await office.carry_out(await actor(office, "bob"), w.GetHosting())
    assert isinstance(shown, w.Hosting)
    assert shown.bases == ("Branch of mine", "Mine")
    assert await loads(office, "ada", "Theirs")
    assert await loads(office, "bob", "Theirs")  # a superadministrator has put it there


async def test_r01_a_base_of_another_name_or_of_before_is_still_another_planning_s(office: Office) -> None:
    """Renamed it stays whose it was; put back from the trash, or made anew under a name, it is nobody's."""
    await bases_of_two(office)
    for branch in ("Branch of theirs", "Branch of mine"):
        await drop(office.accounts.paths.bases / office.account.number, branch)
    await rename_base(office.accounts, office.account, "Theirs", "Renamed")
    assert not await loads(office, "bob", "Renamed")
    await delete_base(office.accounts, office.account, "Mine", dt.datetime.now(dt.UTC))
    await put_base_back(office.accounts, office.account, "Mine")
    assert not await loads(office, "bob", "Mine")
    await office.carry_out(OPERATOR, w.Assign("planning02", "bob", "Administration"))
    assert await loads(office, "bob", "Renamed")


async def test_a_base_administrator_loads_what_they_sent(office: Office) -> None:
    """While it is known who sent it, and until it is some planning's."""
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    bob, folder = await actor(office, "bob"), office.accounts.paths.bases / office.account.number
    await office.carry_out(OPERATOR, msgspec.structs.replace(ONE, planning="planning02", base="Theirs"))
    path = office.accounts.base_path(office.account, "Sent")
    path.write_bytes(office.accounts.base_path(office.account, "Theirs").read_bytes())
    staging = Staging(office.accounts.paths.uploads / office.account.number, folder, 1 << 30)
    for user, base in ((bob.user, "Sent"), (bob.user + 1000, "Other"), (bob.user, "Theirs")):
        wish = Sending("planning01", user, f"{user:032x}{base}", base, 1, "0" * 64)
        staging.start(msgspec.structs.replace(wish, base=f"{base} soon"), 0.0)
        told = office.accounts.paths.uploads / office.account.number / f"{wish.stem}.wish"
        told.write_bytes(msgspec.json.encode(wish))
        assert not await loads(office, "bob", base)  # it is not a base yet
        staging.done(wish).write_bytes(b"{}")
    assert not await loads(office, "bob", "Other")
    assert not await loads(office, "bob", "Theirs")
    assert await loads(office, "bob", "Sent")
    assert await loads(office, "bob", "Sent")


async def test_a_base_tells_how_its_last_backup_went(office: Office) -> None:
    """Never, then taken and rebuilt, then failed: the one before stays told."""
    await office.carry_out(OPERATOR, ONE)
    accounts, account = office.accounts, office.account
    assert [(one.backed_up_at, one.verified_at, one.backup_failed) for one in (await listed(office)).rows] == [
        (0, 0, "")
    ]
    await back_up(accounts, account, "Base")
    [one] = (await listed(office)).rows
    assert one.verified_at >= one.backed_up_at > one.saved_at - 60_000
    folder = backup_folder(accounts, account, "Base")
    assert maybe_newest(folder) == backups_in(folder)[0]
    failure = Failure("2026-11-24T01:00:00+00:00", "StoreFullError", "full")
    (folder / FAILURE).write_bytes(msgspec.json.encode(failure))
    [after] = (await listed(office)).rows
    assert after == msgspec.structs.replace(one, backup_failed="StoreFullError")
    backups_in(folder)[0].path.unlink()
    [lost] = (await listed(office)).rows
    assert (lost.backed_up_at, lost.backup_failed) == (0, "StoreFullError")
