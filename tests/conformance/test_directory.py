"""What any Directory must do. A backend is one more parameter of the fixture."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from hpserver.directory.api import LEASE, Directory
from hpserver.directory.model import (
    Account,
    Assignment,
    Attempts,
    ConsoleSession,
    Device,
    Endpoint,
    Enrolment,
    Entity,
    IdentityProvider,
    Observed,
    OwnProfile,
    Planning,
    Registration,
    Revocation,
    User,
    controller_subject,
    planning_subject,
)
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    EnrolmentRefusedError,
    FencedError,
    LockedError,
    NotFoundError,
)
from hpserver.store.sqlite_directory import SqliteDirectory

NUMBER = "123456789012"


class Clock:
    """The time of the store, moved by the test."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture(params=["sqlite", "memory"])
async def directory(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Callable[[], float]
) -> AsyncIterator[Directory]:
    """An empty directory."""
    made: Directory = SqliteDirectory.in_memory(clock)
    if request.param == "sqlite":
        made = SqliteDirectory(tmp_path / "state" / "directory.db", clock=clock)
    await made.open()
    yield made
    await made.close()


def account(number: str = NUMBER, port: int = 21200) -> Account:
    """Make an account; everything unique in it follows from its number."""
    return Account(number=number, name="École", domain=f"e{number}.example.org", invoice=number[:10], port=port)


async def planning(directory: Directory, name: str = "planning01", port: int = 21201, domain: str = "") -> Planning:
    """Add a planning to the account."""
    return await directory.add(
        Planning(account=NUMBER, name=name, publication_name="Année en cours", port=port, domain=domain)
    )


async def user(directory: Directory, login: str = "dupont") -> User:
    """Add a user to the account."""
    return await directory.add(User(account=NUMBER, login=login, enabled=False, must_change=True))


async def device(directory: Directory, mark: bytes = b"d") -> Device:
    """Add a device to the account."""
    made = Device(account=NUMBER, name="Poste", thumbprint=mark * 32, serial=mark.hex(), last_seen=1.5)
    return await directory.add(made)


async def test_every_kind_comes_back_as_it_was_added(directory: Directory) -> None:
    """No field is lost or changed by the database."""
    await directory.add(account())
    one, who, what = await planning(directory), await user(directory), await device(directory)
    assert min(one.key, who.key, what.key) > 0
    others: list[Entity] = [
        Registration(device=what.key, user=who.key, name="Mon poste", at=2.5),
        Enrolment(ticket_hash=b"t" * 32, account=NUMBER, expires=9.0, uses=3),
        Assignment(planning=one.key, user=who.key, profile="Consultation"),
        Revocation(serial="ff", account=NUMBER, at=1.0, reason="perdu"),
        ConsoleSession(
            hash=b"h" * 32, account=NUMBER, user=who.key, device=what.key, created_at=1.0, last_at=2.0, proved_at=1.5
        ),
        IdentityProvider(
            key=1,
            account=NUMBER,
            name="CAS",
            address="https://cas.example",
            authority="-",
            attribute="uid",
            active=True,
        ),
    ]
    own = await directory.add(OwnProfile(planning=one.key, name="Vœux", type="modifier", rights="{}"))
    assert await directory.add_all(others) == tuple(others)
    for entity in [account(), one, who, what, own, *others]:
        identity = [getattr(entity, name) for name in entity.identified_by]
        assert await directory.get(type(entity), *identity) == entity
        assert await directory.list(type(entity)) == (entity,)


async def test_lists_are_narrowed_and_in_order(directory: Directory) -> None:
    """A screen shows the same order every time, and only what it asked for."""
    await directory.add(account())
    users = [await user(directory, login) for login in ("c", "a", "b")]
    assert await directory.list(User, account=NUMBER) == tuple(users)
    assert await directory.list(User, account=NUMBER, login="a") == (users[1],)
    assert await directory.list(User, account="0" * 12) == ()
    with pytest.raises(ValueError, match="no field"):
        await directory.list(User, **{"1=1; --": 1})


async def test_a_profile_belongs_to_its_planning(directory: Directory) -> None:
    """A name is taken once in a planning, and goes with it."""
    await directory.add(account())
    one, other = await planning(directory), await planning(directory, "planning02", 21202)
    made = OwnProfile(planning=one.key, name="Vœux", type="modifier", rights="{}")
    kept = await directory.add(made)
    await directory.add(msgspec.structs.replace(made, planning=other.key))
    with pytest.raises(AlreadyExistsError):
        await directory.add(made)
    before = await directory.version()
    await directory.change(OwnProfile, kept.key, rights='{"others":"read"}')
    assert await directory.version() != before
    await directory.remove(Planning, one.key)
    assert [profile.planning for profile in await directory.list(OwnProfile)] == [other.key]


async def test_names_domains_logins_and_ports_are_taken_once(directory: Directory) -> None:
    """Two schools never share a port or a domain, two users of a school never a login."""
    await directory.add(account())
    one = await planning(directory, domain="annee.example.org")
    await user(directory)
    with pytest.raises(AlreadyExistsError):
        await directory.add(account())
    with pytest.raises(AlreadyExistsError):
        await directory.add(account("999999999999", port=21200))
    with pytest.raises(AlreadyExistsError):
        await directory.add(account("999999999999", port=21201))
    for name, port, domain in (
        ("planning01", 21209, ""),
        ("planning02", 21201, ""),
        ("planning02", 21200, ""),
        ("planning02", 21209, "annee.example.org"),
        ("planning02", 21209, account().domain),
    ):
        with pytest.raises(AlreadyExistsError):
            await planning(directory, name, port, domain=domain)
    with pytest.raises(AlreadyExistsError):
        await user(directory)
    with pytest.raises(AlreadyExistsError):
        await directory.change(Planning, one.key, port=21200)
    with pytest.raises(AlreadyExistsError):
        await directory.change(Account, NUMBER, domain="annee.example.org")
    await planning(directory, "planning02", 21202)
    await planning(directory, "planning03", 21203)


async def test_rows_are_added_all_or_none(directory: Directory) -> None:
    """An account never exists without its plannings because a port was taken meanwhile."""
    one = Planning(account=NUMBER, name="planning01", publication_name="a", port=21201)
    with pytest.raises(AlreadyExistsError):
        await directory.add_all([account(), one, one])
    assert await directory.list(Account) == ()
    with pytest.raises(NotFoundError):
        await directory.add(one)
    added = await directory.add_all([account(), one])
    assert added[0] == account()
    assert await directory.list(Planning) == added[1:]


async def test_a_change_sets_its_fields_and_no_others(directory: Directory) -> None:
    """Two administrators who change different fields of one user both keep their change."""
    await directory.add(account())
    who = await user(directory)
    await directory.change(User, who.key, enabled=True)
    changed = await directory.change(User, who.key, measure="pin", pin_hash="h")
    assert (changed.enabled, changed.measure, changed.pin_hash, changed.login) == (True, "pin", "h", "dupont")
    assert await directory.get(User, who.key) == changed
    with pytest.raises(NotFoundError):
        await directory.change(User, who.key + 1, enabled=True)
    for wrong in ({"status": "god"}, {"enabled": "yes"}, {"nothing": 1}, {"key": 7}):
        with pytest.raises(ValueError, match="User"):
            await directory.change(User, who.key, **wrong)
    assert await directory.get(User, who.key) == changed


async def test_what_is_removed_takes_what_belongs_to_it(directory: Directory) -> None:
    """No right outlives its user, and no later user inherits a key."""
    await directory.add(account())
    one, who, what = await planning(directory), await user(directory), await device(directory)
    await directory.add(Assignment(planning=one.key, user=who.key, profile="Modification"))
    await directory.add(Registration(device=what.key, user=who.key, name="p", at=0.0))
    await directory.add(Revocation(serial=what.serial, account=NUMBER, at=0.0))
    await directory.remove(User, who.key)
    assert await directory.list(Assignment) == ()
    assert await directory.list(Registration) == ()
    assert (await user(directory)).key > who.key
    await directory.remove(Device, what.key)
    assert len(await directory.list(Revocation)) == 1
    with pytest.raises(NotFoundError):
        await directory.remove(User, who.key)
    await directory.remove(Account, NUMBER)
    assert await directory.list(Planning) + await directory.list(User) == ()


async def test_t07_a_ticket_has_one_winner(directory: Directory) -> None:
    """Twenty devices that spend one ticket at the same instant get one certificate between them."""
    await directory.add(account())
    await directory.add(Enrolment(ticket_hash=b"t" * 32, account=NUMBER, expires=100.0))
    results = await asyncio.gather(
        *(directory.spend_enrolment(b"t" * 32, 50.0) for _ in range(20)), return_exceptions=True
    )
    winners = [one for one in results if isinstance(one, Enrolment)]
    assert [(one.uses, one.spent_at) for one in winners] == [(0, 50.0)]
    assert sum(isinstance(one, EnrolmentRefusedError) for one in results) == 19


async def test_t07_a_ticket_is_refused_late_unknown_or_elsewhere(directory: Directory) -> None:
    """A ticket of one school opens nothing at another, nor after its time; it is not lost by trying."""
    await directory.add(account())
    await directory.add(Enrolment(ticket_hash=b"t" * 32, account=NUMBER, expires=100.0, uses=2))
    for ticket, now, school in ((b"t", 100.0, ""), (b"x", 1.0, ""), (b"t", 1.0, "000000000000")):
        with pytest.raises(EnrolmentRefusedError):
            await directory.spend_enrolment(ticket * 32, now, school)
    assert (await directory.spend_enrolment(b"t" * 32, 1.0, NUMBER)).uses == 1
    assert (await directory.spend_enrolment(b"t" * 32, 1.0)).uses == 0
    with pytest.raises(EnrolmentRefusedError):
        await directory.spend_enrolment(b"t" * 32, 1.0)


async def spend(
    directory: Directory, key: str, now: float, ladder: Sequence[float] = (), tag: bytes = b""
) -> Attempts:  # fmt: skip
    """Spend an attempt of one key."""
    [spent] = await directory.spend_attempt({key: ladder}, now, tag)
    return spent


async def test_a06_parallel_attempts_are_counted_one_by_one(directory: Directory) -> None:
    """A thousand guesses sent at once are worth no more than the ladder allows."""
    ladder = (0.0, 0.0, 0.0, 60.0)
    results = await asyncio.gather(
        *(spend(directory, "pin:1", 10.0, ladder) for _ in range(50)), return_exceptions=True
    )
    counted = [one.count for one in results if isinstance(one, Attempts)]
    assert sorted(counted) == [1, 2, 3, 4]
    locked = [one for one in results if isinstance(one, LockedError)]
    assert (len(locked), locked[0].details["seconds"]) == (46, 60)
    assert (await directory.attempts("pin:1")).locked_until == 70.0
    assert (await directory.attempts("pin:2")).count == 0


async def test_a_ladder_climbs_locks_and_is_reset(directory: Directory) -> None:
    """Waiting opens the next step, the top locks for good, and only a reset starts again."""
    ladder = (0.0, 60.0, math.inf)
    for now in (0.0, 1.0):
        await spend(directory, "k", now, ladder)
    with pytest.raises(LockedError) as caught:
        await spend(directory, "k", 30.5, ladder)
    assert caught.value.details["seconds"] == 31
    assert (await spend(directory, "k", 61.0, ladder)).count == 3
    with pytest.raises(LockedError) as caught:
        await spend(directory, "k", 1e12, ladder)
    assert caught.value.details["seconds"] == 0
    await directory.reset_attempts("k")
    assert (await spend(directory, "k", 62.0, ladder)).count == 1


async def test_s07_a_clock_that_starts_again_starts_the_lock_again(directory: Directory) -> None:
    """After a restart of the machine a lock lasts its own step once more: not nothing, and not for ever."""
    await spend(directory, "k", 1e9, (60.0,))
    for now, left in ((5.0, 60), (64.0, 1)):
        with pytest.raises(LockedError) as caught:
            await spend(directory, "k", now, (60.0,))
        assert caught.value.details["seconds"] == left
    assert (await spend(directory, "k", 65.0, (60.0,))).count == 2


async def test_a06_keys_are_counted_together_or_not_at_all(directory: Directory) -> None:
    """A lock on one of two counters leaves the other as it was."""
    await spend(directory, "lane", 1.0, (60.0,))
    with pytest.raises(LockedError) as caught:
        await directory.spend_attempt({"all": (), "lane": (60.0,)}, 2.0)
    assert caught.value.details["seconds"] == 59
    assert (await directory.attempts("all")).count == 0
    both = await directory.spend_attempt({"all": (), "lane": (60.0,)}, 61.0)
    assert [(one.key, one.count) for one in both] == [("all", 1), ("lane", 2)]
    await directory.reset_attempts("all", "lane")
    assert [(await directory.attempts(key)).count for key in ("all", "lane")] == [0, 0]


async def test_a01_the_same_secret_again_is_counted_once(directory: Directory) -> None:
    """Only the last one is remembered; without a tag every attempt counts; a reset forgets it."""
    ladder = (0.0, 0.0, 60.0)
    counts = [(await spend(directory, "k", 1.0, ladder, tag)).count for tag in (b"a", b"a", b"b", b"b", b"b")]
    assert counts == [1, 1, 2, 2, 2]
    assert (await spend(directory, "k", 1.0, ladder, b"a")).count == 3
    with pytest.raises(LockedError):
        await spend(directory, "k", 2.0, ladder, b"a")
    await directory.reset_attempts("k")
    assert (await spend(directory, "k", 3.0, ladder, b"a")).count == 1
    assert [(await spend(directory, "other", 1.0, ladder)).count for _ in range(2)] == [1, 2]


async def test_every_key_that_was_tried_is_told_with_the_last_time(directory: Directory) -> None:
    """Names that somebody made up are found, to be forgotten."""
    await spend(directory, "old", 1.0)
    await spend(directory, "locked", 1.0, (math.inf,))
    await spend(directory, "new", 90.0)
    assert sorted(await directory.tried()) == [("locked", 1.0), ("new", 90.0), ("old", 1.0)]


async def test_wishes_are_kept_by_subject(directory: Directory) -> None:
    """Whoever writes a wish, the agent reads all of them in one place."""
    await directory.add(account())
    one = await planning(directory)
    await directory.set_desired(planning_subject(one.key), "up")
    assert await directory.desired() == {controller_subject(NUMBER): "down", planning_subject(one.key): "up"}
    await directory.set_desired(controller_subject(NUMBER), "up")
    assert (await directory.get(Account, NUMBER)).desired == "up"
    for subject in ("planning:99", "planning:x", "controller:1", "web", ""):
        with pytest.raises(NotFoundError):
            await directory.set_desired(subject, "up")


async def test_the_version_moves_when_something_changed(directory: Directory) -> None:
    """A watcher that polls one number misses nothing, and sleeps through heartbeats."""
    seen = {await directory.version()}

    async def moved() -> bool:
        now = await directory.version()
        news = now not in seen
        seen.add(now)
        return news

    await directory.add(account())
    assert await moved()
    what = await device(directory)
    assert await moved()
    await directory.set_desired(controller_subject(NUMBER), "up")
    assert await moved()
    report = Observed(subject=controller_subject(NUMBER), state="live", pid=3, counters={"sessions": 1})
    await directory.observe(report)
    assert await moved()
    await directory.observe(Observed(subject=report.subject, state="live", pid=3, at=9.0))
    incarnation = await directory.register_node("a")
    assert await moved()
    await directory.heartbeat("a", incarnation)
    await directory.change(Device, what.key, last_seen=99.0)
    await spend(directory, "k", 1.0)
    await directory.reap()
    with pytest.raises(AlreadyExistsError):
        await directory.add(account())
    assert not await moved()
    assert await directory.observed() == {report.subject: Observed(subject=report.subject, state="live", pid=3, at=9.0)}


async def test_a_planning_has_one_node(directory: Directory, clock: Clock) -> None:
    """A planning is served by one living node; a lapsed lease gives it to another, under a newer epoch."""
    await directory.add(account())
    one = await planning(directory)
    a = await directory.register_node("a", "10.0.0.1")
    b = await directory.register_node("b", "10.0.0.2")
    assert await directory.lookup(one.key) is None
    assert await directory.claim(one.key, "a", a) == 1
    assert await directory.lookup(one.key) == Endpoint(one.key, "a", "10.0.0.1", 21201, 1)
    with pytest.raises(BaseInUseError):
        await directory.claim(one.key, "b", b)
    clock.now += LEASE
    await directory.heartbeat("b", b)
    assert await directory.lookup(one.key) is None
    assert await directory.reap() == (one.key,)
    assert await directory.reap() == ()
    with pytest.raises(FencedError):
        await directory.claim(one.key, "a", a)
    assert await directory.claim(one.key, "b", b) == 2
    await directory.release(one.key, 1)
    assert await directory.lookup(one.key) is not None
    await directory.release(one.key, 2)
    assert await directory.lookup(one.key) is None
    with pytest.raises(NotFoundError):
        await directory.claim(99, "b", b)


async def test_a_restarted_node_is_another_one(directory: Directory) -> None:
    """What a node held before its restart is free at once, and its old self is told to stop."""
    await directory.add(account())
    one = await planning(directory)
    old = await directory.register_node("a")
    await directory.claim(one.key, "a", old)
    new = await directory.register_node("a")
    assert await directory.lookup(one.key) is None
    with pytest.raises(FencedError):
        await directory.heartbeat("a", old)
    with pytest.raises(FencedError):
        await directory.claim(one.key, "a", old)
    assert await directory.claim(one.key, "a", new) == 2


async def test_closing_is_safe_twice(directory: Directory) -> None:
    """Every stop is safe twice, and a new start finds what was kept or a fresh directory."""
    await directory.close()
    await directory.close()
    await directory.open()
    await directory.open()
    assert await directory.list(Account) == ()
