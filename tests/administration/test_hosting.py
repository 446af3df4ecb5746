"""What is hosted, asked for and changed: by the hosting manager, superadministrators, base administrators, others."""

import asyncio
from typing import Any

import pytest

from hpserver.administration.hosting import TOLD_BASES
from hpserver.administration.office import CASES, NobodyHere, Office
from hpserver.base.changes import create
from hpserver.directory.model import Account, Desired, Observed, Planning, State, controller_subject, planning_subject
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    BusyError,
    ConfigurationError,
    HPError,
    InvalidNameError,
    NotAllowedError,
    NotFoundError,
    ProofNeededError,
)
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.house_ca import standing
from hpserver.hosting.keyring import utc_now
from hpserver.identity.actor import MANAGER, OPERATOR, Actor
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor

ONE = w.CreateBase("planning01", "B1", "2026-08-31", "2027-07-04")
HOSTING: dict[type[w.Wish], w.AnyWish] = {
    w.GetHosting: w.GetHosting(), w.GetDns: w.GetDns(("192.0.2.1",)), w.NameController: w.NameController("edt"),
    w.StartController: w.StartController(), w.StopController: w.StopController(),
    w.AddPlanning: w.AddPlanning("planning03"), w.RenamePlanning: w.RenamePlanning("planning02", "annee"),
    w.RemovePlanning: w.RemovePlanning("planning02"), w.SetPlanning: w.SetPlanning("planning01", net=True),
    w.SetPublication: w.SetPublication("planning01", "Année"), w.StartPlanning: w.StartPlanning("planning01"),
    w.StopPlanning: w.StopPlanning("planning01"), w.ListBases: w.ListBases(), w.CreateBase: ONE,
    w.LoadBase: w.LoadBase("planning01", "B1"), w.UnloadBase: w.UnloadBase("planning01"),
    w.UploadBase: w.UploadBase("planning01", "B2", 100), w.ExportBase: w.ExportBase("planning01"),
}  # fmt: skip
MANAGERS = {w.GetDns, w.NameController, w.AddPlanning, w.RenamePlanning, w.RemovePlanning, w.SetPlanning}
CONTROLLER = {w.StartController, w.StopController}


def manager(office: Office, *, proved: bool = True) -> Actor:
    """The hosting manager, signed in at the console."""
    return Actor(0, office.account.number, MANAGER, proved, device=1)


async def told(office: Office, who: Actor, wish: w.AnyWish) -> w.Hosting:
    """The overview that is the answer."""
    outcome = await office.carry_out(who, wish)
    assert isinstance(outcome, w.Hosting)
    return outcome


async def refused(office: Office, who: Actor, wish: w.AnyWish) -> bool:
    """Whether somebody may not have it; any other refusal is one of what is asked."""
    try:
        await office.carry_out(who, wish)
    except NotAllowedError:
        return True
    except HPError:
        return False
    return False


async def certified(office: Office) -> set[str]:
    """What the servers' certificate is for."""
    accounts = office.accounts
    return set((await standing(accounts.directory, accounts.keyring, office.account, utc_now())).server_names)


def test_every_wish_about_hosting_is_tried_here() -> None:
    """Who adds one adds it to the table, and so who may have it."""
    about = {kind for kind in CASES if CASES[kind].carry_out.__module__.endswith((".hosting", ".bases"))}
    assert about == set(HOSTING)


@pytest.mark.parametrize("kind", HOSTING, ids=lambda kind: kind.__name__)
async def test_a13_who_may_have_what_is_hosted_changed(office: Office, kind: type[w.Wish]) -> None:
    """The manager and the operator everything; superadmins what serves; base administrators their plannings."""
    wish = HOSTING[kind]
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    may = {"operator": True, "manager": True, "ada": kind not in MANAGERS, "zoe": False}
    may["bob"] = kind not in MANAGERS | CONTROLLER | {w.LoadBase}  # no planning of bob's had this base
    people = {"operator": OPERATOR, "manager": manager(office)}
    people |= {login: await actor(office, login) for login in ("ada", "bob", "zoe")}
    assert {name: not await refused(office, who, wish) for name, who in people.items()} == may


@pytest.mark.parametrize(
    "wish",
    [
        w.SetPublication("planning02", "X"), w.StartPlanning("planning02"), w.StopPlanning("planning02"),
        w.CreateBase("planning02", "B", "2026-08-31", "2027-07-04"), w.LoadBase("planning02", "B"),
        w.UnloadBase("planning02"),
    ],
    ids=lambda wish: type(wish).__name__,
)  # fmt: skip
async def test_a13_a_base_administrator_has_no_say_in_another_planning(office: Office, wish: w.AnyWish) -> None:
    """The profile Administration of one planning is none of its neighbour."""
    await office.carry_out(OPERATOR, w.Assign("planning01", "bob", "Administration"))
    with pytest.raises(NotAllowedError):
        await office.carry_out(await actor(office, "bob"), wish)
    assert [one.event for one in await office.audit.read()][-1] == CASES[type(wish)].event
    assert (await office.audit.latest(1))[0].result == "refused"


async def test_a13_a_user_who_calls_themselves_manager_is_none(office: Office) -> None:
    """What a session says of its status is held against the directory."""
    zoe = await actor(office, "zoe")
    for status in (MANAGER, "operator", "superadmin"):
        with pytest.raises(NotAllowedError):
            await office.carry_out(Actor(zoe.user, zoe.login, status, proved=True), w.GetHosting())


async def test_what_stops_or_renames_for_all_wants_the_password_again(office: Office) -> None:
    """A console left open is no way to cut a school off."""
    for wish in (w.StopController(), w.RemovePlanning("planning02"), w.NameController("edt")):
        with pytest.raises(ProofNeededError):
            await office.carry_out(manager(office, proved=False), wish)


async def test_the_manager_makes_the_first_superadministrator(office: Office) -> None:
    """The manager may have every wish of the account, and the audit log says by which number."""
    await office.carry_out(manager(office), w.AddUser("eve", "Eve", status="superadmin"))
    assert (await office.accounts.user(office.account, "eve")).status == "superadmin"
    assert (await office.audit.latest(1))[0].actor == office.account.number


async def test_the_overview_tells_what_runs_and_what_is_wished(office: Office) -> None:
    """Every lamp and figure of the screens comes from here."""
    directory = office.accounts.directory
    first = await office.accounts.planning(office.account, "planning01")
    await directory.observe(Observed(subject=controller_subject(office.account.number), state="live"))
    failed = Observed(subject=planning_subject(first.key), state="failed", reason="disk", counters={"sessions": 3})
    await directory.observe(failed)
    await office.carry_out(OPERATOR, ONE)
    bob = await actor(office, "bob")
    seen = await told(office, bob, w.GetHosting())
    assert (seen.domain, seen.zone, seen.state) == ("monecole.example", "monecole.example", "live")
    assert seen.bases == ()  # bob may load none
    assert (await told(office, manager(office), w.GetHosting())).bases == ("B1",)
    one, two = seen.plannings
    assert (one.name, one.base, one.desired, one.state, one.reason) == ("planning01", "B1", "up", "failed", "disk")
    assert one.counters == {"sessions": 3}
    assert one.saved_at == 0
    live = Observed(subject=failed.subject, state="live", counters={"last_entry_ms": 1234, "subject": 5})
    await directory.observe(live)
    one = (await told(office, bob, w.GetHosting())).plannings[0]
    assert (one.saved_at, one.counters["subject"]) == (1234, 5)
    await office.carry_out(OPERATOR, w.StopPlanning("planning01"))
    await directory.observe(Observed(subject=failed.subject, state="stopped"))
    await edit_offline(office.accounts.base_path(office.account, "B1"), [create("subject", 1, name="Latin")])
    assert (await told(office, bob, w.GetHosting())).plannings[0].saved_at > 1234
    assert (two.base, two.state, two.saved_at, two.net) == ("", "stopped", 0, False)
    assert [one.domain, two.domain] == ["planning01.monecole.example", "planning02.monecole.example"]


async def test_an_overview_of_a_thousand_bases_still_travels(office: Office) -> None:
    """It fits a packet between our processes; the list of bases has them all, in pages."""
    folder = office.accounts.paths.bases / office.account.number
    folder.mkdir(parents=True)
    for number in range(TOLD_BASES + 5):
        (folder / f"{number:04} {'é' * 50}.hpbase").touch()
    assert len((await told(office, OPERATOR, w.GetHosting())).bases) == TOLD_BASES


async def test_plannings_are_added_named_and_removed(office: Office) -> None:
    """Each has a port of its own, and a name that its certificate has before the answer."""
    boss = manager(office)
    added = (await told(office, boss, w.AddPlanning("planning03", "Essai"))).plannings
    assert [one.name for one in added] == ["planning01", "planning02", "planning03"]
    assert len({one.port for one in added}) == 3
    assert "planning03.monecole.example" in await certified(office)
    renamed = (await told(office, boss, w.RenamePlanning("planning03", "annee"))).plannings
    assert (renamed[0].name, renamed[0].publication_name) == ("annee", "Essai")
    assert "annee.monecole.example" in await certified(office)
    named = (await told(office, boss, w.SetPublication("annee", "Année 2026"))).plannings
    assert named[0].publication_name == "Année 2026"
    assert "annee" not in [one.name for one in (await told(office, boss, w.RemovePlanning("annee"))).plannings]
    port = added[2].port
    again = (await told(office, boss, w.AddPlanning("planning04"))).plannings[-1]
    assert (again.port, again.publication_name) == (port, "planning04")


@pytest.mark.parametrize("name", ["console", "enrol", "www", "PLANNING02", "a b", "", "é"])
async def test_a_planning_has_no_name_that_leads_elsewhere(office: Office, name: str) -> None:
    """That of the console would be answered by the console, and that of enrolment by no planning."""
    for wish in (w.AddPlanning(name), w.RenamePlanning("planning01", name)):
        with pytest.raises((InvalidNameError, AlreadyExistsError)):
            await office.carry_out(manager(office), wish)
    assert {one.name for one in await office.accounts.plannings(office.account)} == {"planning01", "planning02"}


async def test_a_planning_has_a_domain_of_its_own(office: Office) -> None:
    """Below the one of the account; without it, its technical name gives it one."""
    boss = manager(office)
    mine = (await told(office, boss, w.SetPlanning("planning01", domain="Emplois.monecole.example."))).plannings[0]
    assert mine.domain == "emplois.monecole.example"
    assert {mine.domain, "planning01.monecole.example"} <= await certified(office)
    with pytest.raises(AlreadyExistsError, match="planning 'planning01'"):
        await office.carry_out(boss, w.SetPlanning("planning02", domain="emplois"))
    with pytest.raises(AlreadyExistsError, match="planning 'planning01'"):
        await office.carry_out(boss, w.AddPlanning("emplois"))
    with pytest.raises(AlreadyExistsError, match="planning 'planning02'"):
        await office.carry_out(boss, w.SetPlanning("planning01", domain="planning02"))
    for other in ("elsewhere.example", "console.monecole.example", "enrol", "monecole.example", "x" * 300, "1.2.3.4"):
        with pytest.raises((InvalidNameError, AlreadyExistsError)):
            await office.carry_out(boss, w.SetPlanning("planning01", domain=other[:253]))
    back = (await told(office, boss, w.SetPlanning("planning01", domain=""))).plannings[0]
    assert back.domain == "planning01.monecole.example"


async def test_a_planning_has_a_time_zone_and_a_licence(office: Office) -> None:
    """What is not said stays; the bases made from then on have that time."""
    boss = manager(office)
    await office.carry_out(boss, w.SetPlanning("planning01", timezone="Indian/Reunion"))
    one = (await told(office, boss, w.SetPlanning("planning01", net=True))).plannings[0]
    assert (one.timezone, one.net) == ("Indian/Reunion", True)
    for typed in ("Europe/Paname", "../../etc/passwd", "", "/etc/localtime"):
        with pytest.raises(InvalidNameError, match="time zone"):
            await office.carry_out(boss, w.SetPlanning("planning01", timezone=typed))
    with pytest.raises(NotFoundError):
        await office.carry_out(boss, w.SetPlanning("planning09", net=True))


async def test_the_controller_has_another_domain_and_keeps_its_first(office: Office) -> None:
    """Certificates given before speak for the domain that the account was opened with: it stays."""
    boss, first = manager(office), "monecole.example"
    now = await told(office, boss, w.NameController("Emplois-du-temps.MonEcole.example"))
    assert (now.domain, now.zone) == ("emplois-du-temps.monecole.example", first)
    assert {now.domain, first, f"enrol.{now.domain}", f"console.{first}"} <= await certified(office)
    assert [one.domain for one in now.plannings] == ["planning01.monecole.example", "planning02.monecole.example"]
    for typed in (first, now.domain, office.account.number):
        assert (await office.accounts.account(typed)).domain == now.domain
    with pytest.raises(AlreadyExistsError, match="controller"):
        await office.carry_out(boss, w.AddPlanning("emplois-du-temps"))
    with pytest.raises(AlreadyExistsError, match="planning 'planning01'"):
        await office.carry_out(boss, w.NameController("planning01"))
    assert (await told(office, boss, w.NameController("edt"))).domain == "edt.monecole.example"
    assert (await told(office, boss, w.NameController())).domain == first
    assert (await told(office, boss, w.AddPlanning("emplois-du-temps"))).domain == first


@pytest.mark.parametrize(
    "domain", ["autre.example", "console.monecole.example", "enrol", "WWW", "a..b", "-a", "straße", "\u2603"]
)
async def test_a_controller_has_no_domain_that_nobody_could_trust(office: Office, domain: str) -> None:
    """Outside the account's domain no certificate holds; the server's own names are kept free; others are no names."""
    with pytest.raises(InvalidNameError):
        await office.carry_out(manager(office), w.NameController(domain))
    assert (await office.accounts.account()).domain == "monecole.example"


async def test_a_name_that_cannot_be_certified_is_taken_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is sent to a name that the servers cannot prove."""

    async def busy(_account: str) -> None:
        raise BusyError("The signer is busy.", seconds=1)

    monkeypatch.setattr(office.accounts.issuing, "certify_servers", busy)
    for wish in (w.NameController("edt"), w.SetPlanning("planning01", domain="edt", net=True)):
        with pytest.raises(BusyError):
            await office.carry_out(manager(office), wish)
    assert (await office.accounts.account()).domain == "monecole.example"
    planning = await office.accounts.planning(office.account, "planning01")
    assert (planning.domain, planning.net) == ("", False)


async def test_two_managers_at_once_do_not_get_the_same_name(office: Office) -> None:
    """What a case looks at is still so when it writes, in two processes too."""
    other = Office(office.accounts, office.account, NobodyHere())
    done = await asyncio.gather(
        office.carry_out(manager(office), w.SetPlanning("planning01", domain="edt")),
        other.carry_out(manager(other), w.SetPlanning("planning02", domain="edt")),
        office.carry_out(manager(office), w.AddPlanning("edt")),
        other.carry_out(manager(other), w.NameController("edt")),
        return_exceptions=True,
    )
    assert [type(one) for one in done if isinstance(one, Exception)] == [AlreadyExistsError] * 3


async def test_a_planning_in_service_is_not_renamed_nor_removed(office: Office) -> None:
    """Who is inside works on; it is stopped first."""
    await office.carry_out(OPERATOR, ONE)
    for wish in (w.RenamePlanning("planning01", "annee"), w.RemovePlanning("planning01")):
        with pytest.raises(BaseInUseError):
            await office.carry_out(manager(office), wish)


async def test_what_is_started_is_wished_and_what_has_no_base_is_not(office: Office) -> None:
    """The agent makes it so; of a stop it is said how many are inside."""
    ada, directory = await actor(office, "ada"), office.accounts.directory
    with pytest.raises(ConfigurationError, match="has no base"):
        await office.carry_out(ada, w.StartPlanning("planning01"))
    await office.carry_out(ada, ONE)
    one = await office.accounts.planning(office.account, "planning01")
    assert (one.desired, one.base) == ("up", "B1")
    cases: tuple[tuple[State, int], ...] = (("live", 4), ("failed", 0))
    for state, inside in cases:
        await directory.observe(Observed(subject=planning_subject(one.key), state=state, counters={"sessions": 4}))
        assert await office.carry_out(ada, w.StopPlanning("planning01")) == w.Done(inside)
    assert (await directory.get(Planning, one.key)).desired == "down"
    await office.carry_out(ada, w.StartController())
    assert (await directory.get(Account, office.account.number)).desired == "up"
    await office.carry_out(ada, w.StopController())
    assert (await directory.get(Account, office.account.number)).desired == "down"


async def test_what_had_failed_is_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure is forgotten first, by an agent that sees it is not wished; without an agent nobody waits long."""
    monkeypatch.setattr("hpserver.administration.hosting.FORGET_SECONDS", 0.1)
    directory, subject = office.accounts.directory, controller_subject(office.account.number)
    await directory.observe(Observed(subject=subject, state="failed"))
    await office.carry_out(OPERATOR, w.StartController())
    assert (await directory.get(Account, office.account.number)).desired == "up"

    looked = asyncio.Event()
    wish, slept = directory.set_desired, asyncio.sleep

    async def noticed(which: str, desired: Desired) -> None:
        await wish(which, desired)
        looked.set()

    async def agent() -> None:
        await looked.wait()
        await slept(0)
        await directory.observe(Observed(subject=subject, state="stopped"))

    monkeypatch.setattr(directory, "set_desired", noticed)

    monkeypatch.setattr("hpserver.administration.hosting.FORGET_SECONDS", 60.0)
    async with asyncio.TaskGroup() as group:
        group.create_task(agent())
        group.create_task(office.carry_out(OPERATOR, w.StartController()))
    assert (await directory.get(Account, office.account.number)).desired == "up"


async def test_nothing_of_a_suspended_account_is_started(office: Office) -> None:
    """Neither by its people nor by mistake: the operator resumes it first."""
    await office.carry_out(OPERATOR, ONE)
    await office.accounts.directory.change(Account, office.account.number, suspended=True)
    for who in (OPERATOR, manager(office), await actor(office, "ada")):
        for wish in (w.StartController(), w.StartPlanning("planning01")):
            with pytest.raises(NotAllowedError, match="suspended"):
                await office.carry_out(who, wish)
    await office.carry_out(OPERATOR, w.StopPlanning("planning01"))


async def test_dns_is_told_for_every_name(office: Office) -> None:
    """What the manager copies makes each name lead here."""
    await office.carry_out(OPERATOR, w.NameController("edt"))
    lines: Any = await office.carry_out(manager(office), w.GetDns(("192.0.2.7", "2001:db8::7")))
    assert lines.names[:2] == ("edt.monecole.example", "monecole.example")
    assert {"console.monecole.example", "planning02.monecole.example"} <= set(lines.names)
    assert "edt.monecole.example. 3600 IN AAAA 2001:db8::7" in lines.zone
    assert "planning01.monecole.example. 3600 IN CNAME edt.monecole.example." in lines.zone
    assert "192.0.2.7 console.monecole.example" in lines.hosts
    with pytest.raises(InvalidNameError, match="IP address"):
        await office.carry_out(manager(office), w.GetDns(("\n$INCLUDE x",)))


async def test_who_did_it_is_in_the_audit_log(office: Office) -> None:
    """Every deed, with its values, in the name of who asked."""
    await office.carry_out(manager(office), w.SetPlanning("planning01", domain="edt", net=True))
    entry = (await office.audit.latest(1))[0]
    assert (entry.event, entry.actor) == ("planning.set", office.account.number)
    assert entry.about == {"planning": "planning01", "domain": "edt", "net": True}
