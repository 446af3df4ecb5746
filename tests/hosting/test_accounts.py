"""The whole life of an account, on a real directory, real keys and real bases."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hpserver.certs.files import load_certificates
from hpserver.certs.param_client import read_param_client
from hpserver.config import Listen
from hpserver.directory.model import Account, Assignment, Planning, User
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    ConfigurationError,
    EnrolmentRefusedError,
    InvalidNameError,
    NoPortLeftError,
    NotAllowedError,
    NotFoundError,
    WeakSecretError,
)
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.exporting import read_moment
from hpserver.hosting.keyring import utc_now
from hpserver.identity import passwords
from hpserver.identity.tickets import ticket_hash
from tests.hosting.conftest import SETTINGS
from tests.schools import a_school

PASSWORD = "Lune-4-Papier-77"


async def school(accounts: Accounts) -> tuple[Account, Planning, Planning]:
    """The account and its two plannings."""
    account = await accounts.account()
    one, two = await accounts.plannings(account)
    return account, one, two


async def user(accounts: Accounts, login: str = "durand", **fields: Any) -> User:
    """Add a user whose password is good."""
    known = {"name": "Durand", "first_name": "Anne", "password": PASSWORD} | fields
    return await accounts.add_user(await accounts.account(), login, **known)


# --- accounts ---------------------------------------------------------------------------------------------------


async def test_an_account_opens_with_all_it_needs(accounts: Accounts) -> None:
    """Numbers, ports of its own, two plannings, keys, and a console password that only its hash remembers."""
    opened = await accounts.open_account("  Lycée ", "Lycee.Example.")

    assert (opened.account.name, opened.account.domain) == ("Lycée", "lycee.example")
    assert [one.name for one in opened.plannings] == ["planning01", "planning02"]
    pepper = accounts.keyring.pepper()
    assert passwords.verify(opened.account.console_hash, opened.console_password, pepper=pepper)
    assert await accounts.account("lycee.example") == await accounts.account(opened.account.number) == opened.account
    chain, _ = accounts.keyring.server_files(opened.account.number)
    assert load_certificates(chain)[1] == accounts.keyring.issuer(opened.account.number).certificate


async def test_no_port_is_given_twice(accounts: Accounts) -> None:
    """Controllers and plannings of all accounts share one range, until nothing is left of it."""
    await accounts.open_account("Lycée", "lycee.example")
    ports = [one.port for one in await accounts.directory.list(Account)]
    ports += [one.port for one in await accounts.directory.list(Planning)]
    assert sorted(ports) == list(range(SETTINGS.ports.first, SETTINGS.ports.last))

    account = await accounts.account("lycee.example")
    assert (await accounts.add_planning(account, "Examens", "Examens de juin")).port == SETTINGS.ports.last
    with pytest.raises(NoPortLeftError):
        await accounts.add_planning(account, "jury", "Jurys")
    with pytest.raises(NoPortLeftError):
        await accounts.open_account("Collège", "college.example")
    with pytest.raises(NotFoundError):
        await accounts.account("college.example")


@pytest.mark.parametrize(
    ("name", "domain", "error"),
    [
        ("", "lycee.example", InvalidNameError),
        ("Lycée", "localhost", InvalidNameError),
        ("Lycée", "10.0.0.1", InvalidNameError),
        ("Lycée", "MonEcole.example", AlreadyExistsError),
    ],
)
async def test_a_bad_name_opens_nothing(accounts: Accounts, name: str, domain: str, error: type[Exception]) -> None:
    """Nothing is half made."""
    with pytest.raises(error):
        await accounts.open_account(name, domain)
    assert len(await accounts.accounts()) == 1


async def test_without_the_passphrase_of_the_root_no_account_is_opened(accounts: Accounts) -> None:
    """An account without keys would be in everybody's way."""
    accounts.keyring.passphrase_file.unlink()
    with pytest.raises(ConfigurationError):
        await accounts.open_account("Lycée", "lycee.example")
    assert len(await accounts.accounts()) == 1


async def test_an_account_is_named_unless_it_is_the_only_one(accounts: Accounts) -> None:
    """Nothing is done to an account that was not meant."""
    await accounts.open_account("Lycée", "lycee.example")
    with pytest.raises(NotFoundError, match="several"):
        await accounts.account()
    with pytest.raises(NotFoundError, match="nowhere"):
        await accounts.account("nowhere.example")


async def test_a_planning_more_is_on_the_certificate(accounts: Accounts) -> None:
    """A planning is reached under its own name on the controller's port, so the certificate names it."""
    account, one, _ = await school(accounts)
    before = accounts.keyring.server_files(account.number)[0].read_bytes()
    added = await accounts.add_planning(account, "examens", "Examens")

    assert accounts.keyring.server_files(account.number)[0].read_bytes() != before
    assert await accounts.planning(account, "examens") == added
    with pytest.raises(AlreadyExistsError):
        await accounts.add_planning(account, one.name, "Encore")
    with pytest.raises(NotFoundError):
        await accounts.planning(account, "nothing")


# --- users ------------------------------------------------------------------------------------------------------


async def test_a_user_is_found_by_any_spelling_of_the_login(accounts: Accounts) -> None:
    """One person, one row; only hashes of the secrets are kept."""
    added = await user(accounts, "Durand", measure="pin", pin="4827", first_name=" Anne ")
    account = await accounts.account()

    assert await accounts.user(account, " DURAND ") == added
    assert (await accounts.users(account), added.first_name) == ((added,), "Anne")
    pepper = accounts.keyring.pepper()
    assert passwords.verify(added.password_hash, PASSWORD, pepper=pepper)
    assert passwords.verify(added.pin_hash, "4827", pepper=pepper)
    with pytest.raises(AlreadyExistsError):
        await user(accounts, "durand")
    with pytest.raises(NotFoundError):
        await accounts.user(account, "nobody")


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "short-1A"},
        {"password": "Durand-2025!"},
        {"measure": "pin", "pin": ""},
        {"measure": "pin", "pin": "1234"},
        {"measure": "pin", "pin": "482"},
    ],
)
async def test_a_weak_secret_adds_nobody(accounts: Accounts, fields: dict[str, Any]) -> None:
    """Passwords and PINs are judged before anything is kept."""
    with pytest.raises(WeakSecretError):
        await user(accounts, **fields)
    assert await accounts.users(await accounts.account()) == ()


async def test_administration_is_for_administrators(accounts: Accounts) -> None:
    """A plain user gets any other profile, and a second word about a user replaces the first."""
    _, planning, _ = await school(accounts)
    plain, admin = await user(accounts), await user(accounts, "martin", status="base_admin")
    with pytest.raises(NotAllowedError):
        await accounts.assign(planning, plain, "Administration")
    await accounts.assign(planning, admin, "Administration")
    await accounts.assign(planning, plain, "Consultation")
    await accounts.assign(planning, plain, "Modification")

    rights = await accounts.directory.list(Assignment, planning=planning.key)
    assert {one.user: one.profile for one in rights} == {plain.key: "Modification", admin.key: "Administration"}


async def test_nobody_gets_into_a_planning_of_another_account(accounts: Accounts) -> None:
    """Accounts share a machine, never a right."""
    _, planning, _ = await school(accounts)
    stranger = msgspec.structs.replace(await user(accounts), account="999999999999")
    with pytest.raises(NotAllowedError):
        await accounts.assign(planning, stranger, "Consultation")


# --- enrolment --------------------------------------------------------------------------------------------------


async def test_a_param_client_enrols_so_many_devices(accounts: Accounts) -> None:
    """The ticket of the file is good for its uses, in its account, in its time."""
    account, _, _ = await school(accounts)
    param = read_param_client(await accounts.param_client(account, uses=2, seconds=60))
    hashed, until = ticket_hash(bytes.fromhex(param.ticket)), param.expires_ms / 1000
    assert (param.account, param.port, param.server_name) == (account.number, account.port, account.domain)
    assert abs(until - utc_now().timestamp() - 60) < 30

    for now, where in ((until + 1, account.number), (until - 1, "999999999999")):
        with pytest.raises(EnrolmentRefusedError):
            await accounts.directory.spend_enrolment(hashed, now, where)
    for _ in range(2):
        await accounts.directory.spend_enrolment(hashed, until - 1, account.number)
    with pytest.raises(EnrolmentRefusedError):
        await accounts.directory.spend_enrolment(hashed, until - 1, account.number)


async def test_a_ticket_lives_a_week_at_most(accounts: Accounts) -> None:
    """A file that lies about is worth nothing after that."""
    param = read_param_client(await accounts.param_client(await accounts.account(), seconds=1e9))
    assert param.expires_ms / 1000 <= (utc_now() + timedelta(days=7)).timestamp()


@pytest.mark.parametrize(
    ("listens", "asked", "host"),
    [("127.0.0.1", "", "127.0.0.1"), ("0.0.0.0", "", "monecole.example"), ("0.0.0.0", "10.1.1.1", "10.1.1.1")],  # noqa: S104 - nothing is bound
)
async def test_clients_are_sent_where_they_can_connect(accounts: Accounts, listens: str, asked: str, host: str) -> None:
    """No client can connect to `every address`."""
    accounts.settings = msgspec.structs.replace(accounts.settings, listen=Listen(listens))
    param = read_param_client(await accounts.param_client(await accounts.account(), host=asked))
    assert param.host == host


# --- bases ------------------------------------------------------------------------------------------------------


async def test_a_created_base_is_in_service(accounts: Accounts) -> None:
    """Created, loaded, wished up; what is read is what was given."""
    account, planning, _ = await school(accounts)
    assert planning.desired == "down"
    now = await accounts.create_base(account, planning, " 2025-2026 ", a_school(30))

    assert (now.base, now.desired) == ("2025-2026", "up")
    assert (await read_moment(accounts.base_path(account, "2025-2026")))[0] == a_school(30)


async def test_a_planning_in_service_keeps_its_base(accounts: Accounts) -> None:
    """Not even a caller whose knowledge is old changes the base under its users."""
    account, stale, _ = await school(accounts)
    await accounts.create_base(account, stale, "2025-2026", a_school(30))
    with pytest.raises(BaseInUseError):
        await accounts.load_base(account, stale, "2025-2026")
    with pytest.raises(BaseInUseError):
        await accounts.create_base(account, stale, "2026-2027", a_school(30))
    with pytest.raises(BaseInUseError):
        await accounts.stopped_base(account, "2025-2026")
    assert not accounts.base_path(account, "2026-2027").exists()


async def test_a_base_is_in_one_planning(accounts: Accounts) -> None:
    """A base has one writer; a stopped planning may be given another base."""
    account, one, two = await school(accounts)
    await accounts.create_base(account, one, "2025-2026", a_school(30))
    with pytest.raises(ConfigurationError, match="planning01"):
        await accounts.load_base(account, two, "2025-2026")
    with pytest.raises(NotFoundError):
        await accounts.load_base(account, two, "nothing")
    with pytest.raises(InvalidNameError):
        await accounts.load_base(account, two, "../2025-2026")
    with pytest.raises(ConfigurationError):
        await accounts.wish_planning(account, two, "up")

    await accounts.wish_planning(account, one, "down")
    assert (await accounts.load_base(account, one, "2025-2026")).base == "2025-2026"


async def test_a_controller_is_wished_up_and_down(accounts: Accounts) -> None:
    """The agent reads the wish."""
    account = await accounts.account()
    assert (await accounts.wish_controller(account, "up")).desired == "up"
    assert (await accounts.wish_controller(account, "down")).desired == "down"
