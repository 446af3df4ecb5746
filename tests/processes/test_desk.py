"""The desk of a controller, on a real directory in memory and a hub played by the test."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hpserver.administration import office as cases
from hpserver.certs.requests import make_key, make_request
from hpserver.config import Listen, Paths, Settings
from hpserver.desk import Desk
from hpserver.directory.model import Account, Assignment, Device, Enrolment, Planning, Revocation, User
from hpserver.errors import (
    BadCredentialsError,
    CertificateRefusedError,
    EnrolmentRefusedError,
    HPError,
    NotAllowedError,
    NotFoundError,
    PlanningNotInServiceError,
)
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import About, Audit
from hpserver.hosting.keyring import Keyring, utc_now
from hpserver.hosting.trust import Trust
from hpserver.identity import passwords
from hpserver.identity.passwords import Cost
from hpserver.identity.tickets import ticket_hash
from hpserver.net.hub import HubLink, HubServer
from hpserver.net.lines import Lines
from hpserver.protocol import internal
from hpserver.protocol import messages as m
from hpserver.protocol.refusal import refusal
from hpserver.routing import effects as fx
from hpserver.routing import stimuli as st
from hpserver.store.audit import Result
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.net.ends import until

ACCOUNT = "123456789012"
DOMAIN = "monecole.example"
TICKET = b"t" * 32
PASSWORD = "Lune-4-Papier"


class Office:
    """One account with two plannings and Anne; the desk under test; the planning server, when it is up."""

    def __init__(self, folder: Path, group: asyncio.TaskGroup, keyring: Keyring) -> None:
        self.directory, self.keyring = SqliteDirectory.in_memory(), keyring
        self.paths = Paths(folder, folder / "run")
        self.paths.audit.mkdir()
        self.lines = Lines(group, self, role="controller", name=ACCOUNT)
        self.admitted: list[internal.Admit] = []
        self.refusing: m.Failed | None = None
        self.hubs: list[HubServer] = []

    async def build(self, settings: Settings) -> None:
        """Add the rows and open the desk."""
        shutil.copytree(self.keyring.folder, self.paths.certs)
        self.keyring = Keyring(self.paths.certs)
        await self.directory.open()
        account = Account(number=ACCOUNT, name="E", domain=DOMAIN, invoice="1" * 10, port=21_200)
        self.account = await self.directory.add(account)
        salt = bytes(passwords.SALT_BYTES)
        hashed = passwords.hash_password(PASSWORD, salt=salt, pepper=self.keyring.pepper(), cost=Cost(8, 1, 1))
        row = User(account=ACCOUNT, login="durand", password_hash=hashed, measure="none", name="Durand")
        self.anne = await self.directory.add(row)
        self.plannings = [
            await self.directory.add(Planning(account=ACCOUNT, name=name, publication_name=name, port=port))
            for name, port in (("planning01", 21_201), ("planning02", 21_202))
        ]
        await self.directory.add(
            Assignment(planning=self.plannings[0].key, user=self.anne.key, profile="Consultation")
        )  # fmt: skip
        accounts = Accounts(self.directory, self.paths, settings)
        self.carrying = cases.Office(accounts, self.account, cases.NobodyHere())
        self.desk = Desk(self.directory, self.keyring, settings, self.account, self.lines, self.carrying)

    async def enrol(self) -> st.Certified:
        """Enrol a device."""
        now = time.time()
        await self.directory.add(Enrolment(ticket_hash=ticket_hash(TICKET), account=ACCOUNT, expires=now + 900))
        answer = await self.desk.answer(fx.Certify(1, 2, TICKET, make_request(make_key()), "Bureau"))
        assert isinstance(answer, st.Certified)
        return answer

    async def start_plannings(self) -> None:
        """Put both plannings in service."""
        folder = self.paths.run
        folder.mkdir(mode=0o700)
        loop = asyncio.get_running_loop()
        for one in self.plannings:
            hub = HubServer(folder / one.name, loop, self, name=one.name, epoch=7)
            hub.open()
            self.hubs.append(hub)
        self.lines.want({one.key: folder / one.name for one in self.plannings})
        self.lines.look()
        await until(lambda: all(self.lines.line(one.key) for one in self.plannings))

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: object) -> None:
        """See `HubOwner`."""
        assert passenger is None
        if isinstance(message, internal.Admit):
            self.admitted.append(message)
            link.send(internal.Admitted(message.id, 7, self.refusing))
        elif isinstance(message, internal.Forget):
            link.send(internal.Forgotten(message.id, 2))

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""

    def line_up(self, key: int) -> None:
        """See `LinesOwner`."""

    def line_down(self, key: int, error: HPError | None) -> None:
        """See `LinesOwner`."""


@pytest.fixture(scope="module")
def keyring() -> Iterator[Keyring]:
    """The keys of an installation with one account."""
    folder = Path(tempfile.mkdtemp(prefix="hp-"))
    keyring = Keyring(folder / "certs")
    keyring.ensure_root("test", utc_now())
    keyring.create_account(ACCOUNT, DOMAIN, ["127.0.0.1"], utc_now())
    yield keyring
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def office_with(settings: Settings, keyring: Keyring) -> AsyncIterator[Office]:
    """Open an office; everything is closed on leaving."""
    folder = Path(tempfile.mkdtemp(prefix="hp-"))
    async with asyncio.TaskGroup() as group:
        office = Office(folder, group, keyring)
        await office.build(settings)
        yield office
        office.lines.close()
        for hub in office.hubs:
            hub.close()
        office.desk.hashing.close()
    await office.directory.close()
    shutil.rmtree(folder)


@pytest.fixture
async def office(keyring: Keyring) -> AsyncIterator[Office]:
    """An office with the usual settings."""
    async with office_with(Settings(), keyring) as office:
        yield office


async def test_a_password_becomes_facts_without_a_secret(office: Office) -> None:
    """The router learns who it is, and no hash."""
    answer = await office.desk.answer(fx.CheckPassword(1, 2, "durand", PASSWORD, 9))
    assert isinstance(answer, st.PasswordChecked)
    assert answer.person == st.Person(office.anne.key, "durand", "Durand", "", "user")
    assert answer.facts.password_right
    unknown = await office.desk.answer(fx.CheckPassword(1, 3, "nobody", PASSWORD, 9))
    assert isinstance(unknown, st.PasswordChecked)
    assert unknown.person is None


@pytest.mark.parametrize("change", [{"password_hash": "another"}, {"enabled": False}])
async def test_a13_a_password_taken_away_while_it_is_told_lets_nobody_in(
    office: Office, change: dict[str, str | bool]
) -> None:
    """Who was disabled or given another password in the milliseconds of the audit line stays outside."""

    class Meanwhile(Audit):
        async def tell(self, event: str, actor: str, about: About, result: Result = "") -> int:
            await office.directory.change(User, office.anne.key, **change)
            return await super().tell(event, actor, about, result)

    office.carrying.audit = Meanwhile(office.paths, office.keyring, ACCOUNT)
    with pytest.raises(BadCredentialsError):
        await office.desk.answer(fx.CheckPassword(1, 2, "durand", PASSWORD, 9))


async def test_measure_pin_and_device_are_kept(office: Office) -> None:
    """Each wish has its fact, once it is on disk."""
    enrolled = await office.enrol()
    user = office.anne.key
    assert await office.desk.answer(fx.SaveMeasure(1, 2, user, "pin", "4827", office.anne.measure)) == st.MeasureSaved(
        1, 2, "pin"
    )
    assert await office.desk.answer(fx.CheckPin(1, 3, user, "4827")) == st.PinChecked(1, 3, right=True)
    wish = fx.SaveDevice(1, 4, user, enrolled.device, b"m" * 32, "Bureau")
    assert await office.desk.answer(wish) == st.DeviceSaved(1, 4)
    checked = await office.desk.answer(fx.CheckPassword(1, 5, "durand", PASSWORD, enrolled.device))
    assert isinstance(checked, st.PasswordChecked)
    assert checked.facts.registered


async def test_t07_a_spent_ticket_is_an_error(office: Office) -> None:
    """The desk lets the refusal through."""
    enrolled = await office.enrol()
    assert len(enrolled.certificates) == 2
    with pytest.raises(EnrolmentRefusedError):
        await office.desk.answer(fx.Certify(1, 3, TICKET, make_request(make_key()), "Bureau"))


async def test_t02_a_device_is_known_by_its_certificate(office: Office) -> None:
    """Unknown and revoked are refused; that it was seen is kept, once a day."""
    certified = await office.enrol()
    key = certified.device
    assert (await office.desk.device(certified.certificates[0])).key == key
    assert (await office.directory.get(Device, key)).last_seen > 0
    await office.directory.change(Device, key, revoked_at=1.0)
    for certificate in (certified.certificates[0], b"x" * 32):
        with pytest.raises(CertificateRefusedError) as refused:
            await office.desk.device(certificate)
        assert refused.value.details == {"cause": "unknown_device"}


async def test_only_plannings_in_service_are_listed_and_opened(office: Office) -> None:
    """With a profile and a living server; what is not the user's does not exist for them."""
    user = office.anne.key
    assert await office.desk.answer(fx.FindPlannings(1, 2, user)) == st.PlanningsFound(1, 2, ())
    with pytest.raises(PlanningNotInServiceError):
        await office.desk.answer(fx.FindPlanning(1, 2, user, "planning01"))
    await office.start_plannings()
    listed = await office.desk.answer(fx.FindPlannings(1, 2, user))
    assert isinstance(listed, st.PlanningsFound)
    assert [(one.name, one.profile) for one in listed.plannings] == [("planning01", "Consultation")]
    texts = []
    for name in ("planning02", "planning09"):
        with pytest.raises(NotFoundError) as refused:
            await office.desk.answer(fx.FindPlanning(1, 2, user, name))
        texts.append(refused.value.text)
    assert texts[0] == texts[1]


async def test_r02_a_found_planning_has_a_fresh_ticket(office: Office) -> None:
    """256 bits, another each time, in the epoch the server told."""
    await office.start_plannings()
    found = [await office.desk.answer(fx.FindPlanning(1, 2, office.anne.key, "planning01")) for _ in range(2)]
    tickets = {one.ticket for one in found if isinstance(one, st.PlanningFound)}
    assert [len(one) for one in tickets] == [32, 32]
    first = found[0]
    assert isinstance(first, st.PlanningFound)
    assert first.place == st.Place(
        office.plannings[0].key, "planning01", 7, "127.0.0.1", 21_200, "127.0.0.1", 21_201, f"planning01.{DOMAIN}"
    )


async def test_a_server_that_listens_everywhere_is_reached_by_its_domain(keyring: Keyring) -> None:
    """`0.0.0.0` is no address to connect to."""
    settings = Settings(listen=Listen("0.0.0.0"))  # noqa: S104  nothing is bound
    async with office_with(settings, keyring) as office:
        await office.start_plannings()
        found = await office.desk.answer(fx.FindPlanning(1, 2, office.anne.key, "planning01"))
        assert isinstance(found, st.PlanningFound)
        assert found.place.host == DOMAIN


async def test_an_admission_is_answered_whatever_happens(office: Office) -> None:
    """By the server, by its refusal, or by its absence."""
    key = office.plannings[0].key
    wish = fx.AdmitAt(key, 5, b"h" * 32, b"m" * 32, 1, "durand", "Durand", "planning01", 7, 30_000, 60_000)
    assert await office.desk.answer(wish) == st.AdmissionAnswered(key, 5, 0)
    await office.start_plannings()
    assert await office.desk.answer(wish) == st.AdmissionAnswered(key, 5, 7)
    assert (office.admitted[0].ticket_hash, office.admitted[0].account) == (b"h" * 32, ACCOUNT)
    office.refusing = refusal(1, NotAllowedError("no"))
    refused = await office.desk.answer(wish)
    assert isinstance(refused, st.AdmissionAnswered)
    assert isinstance(refused.refused, NotAllowedError)


async def test_a13_every_planning_is_told_whom_to_forget(office: Office) -> None:
    """The sum of what they closed comes back."""
    assert await office.desk.forget(5, b"", b"") == 0
    await office.start_plannings()
    assert await office.desk.forget(5, b"", b"") == 4


async def test_t04_who_is_no_longer_trusted_is_found(office: Office) -> None:
    """Device revoked, serial revoked, user disabled or gone: each by the key it is known under."""
    certified = await office.enrol()
    row = await office.directory.get(Device, certified.device)
    trust = Trust(office.directory, office.keyring, ACCOUNT)
    await trust.refresh()
    here, user = {row.thumbprint: certified.certificates[0]}, office.anne.key
    look = office.desk.no_longer_trusted
    assert await look(trust, here, {user}) == []
    assert await look(trust, {}, {user, 99}) == []
    assert await look(trust, here, {user, 99}) == [st.Forgotten(user=99)]
    await office.directory.change(User, user, enabled=False)
    assert await look(trust, here, {user}) == [st.Forgotten(user=user)]
    revoked = Revocation(serial=row.serial, account=ACCOUNT, at=1.0)
    await office.directory.add(revoked)
    await trust.refresh()
    assert await look(trust, here, set()) == [st.Forgotten(thumbprint=row.thumbprint)]
    await office.directory.change(Device, row.key, revoked_at=1.0)
    assert await look(trust, here, set()) == [st.Forgotten(thumbprint=row.thumbprint)]


async def test_a_renewed_certificate_is_noticed(office: Office) -> None:
    """Once for each: no restart, and no work while nothing changed."""
    office.keyring.ensure_server(ACCOUNT, [DOMAIN], utc_now())
    assert office.desk.newer_contexts() is not None
    assert office.desk.newer_contexts() is None
    office.keyring.ensure_server(ACCOUNT, [DOMAIN, f"planning{time.time_ns()}.{DOMAIN}"], utc_now())
    assert office.desk.newer_contexts() is not None


async def test_what_is_no_question_is_not_for_the_desk(office: Office) -> None:
    """The controller carries those out itself."""
    assert not office.desk.answers(fx.Close(1))
    assert office.desk.answers(fx.FindPlannings(1, 2, 3))


def test_every_question_with_a_request_has_an_answer() -> None:
    """An effect the desk forgot would leave a client waiting."""
    asking = {one for one in fx.Effect.__subclasses__() if "request" in one.__struct_fields__}
    assert asking <= set(Desk._ANSWERS)
