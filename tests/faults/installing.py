"""Operations that make an installation or change it, and files of other programs brought onto a base."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509

from hpserver.administration.office import NobodyHere, Office
from hpserver.base.changes import Change
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.certs.authority import issued_by
from hpserver.certs.files import load_certificates, load_key, save_key
from hpserver.cli.main import house_error
from hpserver.config import Paths, Settings
from hpserver.directory.model import Account
from hpserver.hosting import importing, keyring
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.bases import create_base, path_in
from hpserver.hosting.calibrating import ensure_cost, read_cost
from hpserver.hosting.exporting import read_moment
from hpserver.hosting.importing import change_base
from hpserver.hosting.incoming import planned
from hpserver.hosting.issuing import OwnIssuing
from hpserver.hosting.keyring import Keyring
from hpserver.identity.actor import OPERATOR
from hpserver.identity.passwords import Cost
from hpserver.imports.bundle import zipped
from hpserver.imports.onto import onto
from hpserver.imports.pending import resolved
from hpserver.imports.read import read_file
from hpserver.imports.read_table import read_table
from hpserver.imports.result import to_planning
from hpserver.imports.table_text import write_csv
from hpserver.imports.xlsx_write import write_xlsx
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.messages import Reading
from hpserver.store.audit import AuditLog
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.faults.operations import NOW, NUMBER, Operation, a_base, nothing, some_keys
from tests.untis import folder as untis

ROWS = [("name", "capacity"), *((f"Salle {n}", str(20 + n)) for n in range(12))]
ICS = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20250901T080000\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n"


# --- keys -----------------------------------------------------------------------------------------------------------


def _told(work: Callable[[Path], object]) -> Callable[[Path], Awaitable[None]]:
    """Do it as a command does: an error of the system is told in the words of the house."""

    async def run(folder: Path) -> None:
        try:
            work(folder)
        except OSError as error:
            raise house_error(error) or error from error

    return run


def _make_root(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyring, "save_key", partial(save_key, cost=2))  # it is read a hundred times
        Keyring(folder / "certs").ensure_root("hpserver", NOW)


async def root(folder: Path) -> Any:
    """A root that is there has its key, which its passphrase opens, and the pepper of the installation."""
    ring = Keyring(folder / "certs")
    if not (ring.folder / "root.pem").exists():
        return False
    key = load_key(ring.folder / "root.key", passphrase=ring.passphrase_file.read_bytes().strip())
    assert key.public_key() == ring.root().public_key()
    assert ring.pepper()
    return True


def _calibrate(folder: Path) -> None:
    ensure_cost(folder / "certs", lambda _: (0.01, 100.0))


async def calibrated(folder: Path) -> Any:
    """What a hash costs: all of it, or what it costs where nobody measured."""
    return read_cost(folder / "certs")


# --- accounts -------------------------------------------------------------------------------------------------------


async def _with(folder: Path, work: Callable[[Accounts], Awaitable[Any]]) -> Any:
    paths = Paths(folder, folder / "run")
    directory = SqliteDirectory(paths.directory)
    try:
        await directory.open()
        return await work(Accounts(directory, paths, Settings()))
    except OSError as error:
        raise house_error(error) or error from error
    finally:
        await directory.close()


async def an_installation(folder: Path) -> None:
    """An installation with a root and one account, as the keys of the harness have it."""
    await some_keys(folder)
    ensure_cost(folder / "certs", lambda _: (1.0, 1.0))
    (folder / "audit").mkdir()
    account = Account(number=NUMBER, name="e", domain="e.org", invoice="1" * 10, port=21200)
    await _with(folder, lambda accounts: accounts.directory.add(account))


async def _open(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hpserver.hosting.accounts.SUPERADMINS", Cost(64, 1, 1))
        await _with(folder, lambda accounts: accounts.open_account("f", "f.org"))


async def _open_again(folder: Path) -> None:
    if "f.org" not in await accounts_with_keys(folder):
        await _open(folder)


async def accounts_with_keys(folder: Path) -> Any:
    """Every account has an issuer of the root with its key, a certificate with its key, and its two plannings."""

    async def read(accounts: Accounts) -> Any:
        found = {}
        for one in await accounts.accounts():
            issuer = accounts.keyring.issuer(one.number)
            assert issued_by(issuer.certificate, accounts.keyring.root())
            assert issuer.key.public_key() == issuer.certificate.public_key()
            chain, key = accounts.keyring.server_files(one.number)
            assert (chain.exists(), key.exists()) == (True, True)
            found[one.domain] = len(await accounts.plannings(one))
        return found

    return await _with(folder, read)


async def _ownerless(folder: Path) -> None:
    """Keys that no account has harm nobody, and stay: whose they might be is not known."""

    async def forget(accounts: Accounts) -> None:
        owned = {one.number for one in await accounts.accounts()}
        for place in {path.name for path in accounts.keyring.folder.iterdir() if path.name.isdigit()} - owned:
            accounts.keyring.forget_account(place)
        for place in {path.name for path in (accounts.keyring.folder / "keys").iterdir()} - owned:
            accounts.keyring.forget_account(place)

    await _with(folder, forget)


async def _set(folder: Path) -> None:
    async def change(accounts: Accounts) -> None:
        office = Office(accounts, await accounts.account(NUMBER), NobodyHere())
        actor = msgspec.structs.replace(OPERATOR, proved=True)
        await office.carry_out(actor, w.SetSecurity(session_hours=9, idle_minutes=15))

    await _with(folder, change)


async def protected(folder: Path) -> Any:
    """What protects the account; every line of its log bears its seal."""

    async def read(accounts: Accounts) -> Any:
        verdict = AuditLog(folder / "audit" / f"{NUMBER}.log", accounts.keyring.pepper()).verify()
        assert not verdict.broken, verdict.why
        account = await accounts.account(NUMBER)
        return account.session_hours, account.idle_minutes

    return await _with(folder, read)


# --- the signer -----------------------------------------------------------------------------------------------------


async def keys_of_before(folder: Path) -> None:
    """An installation of before issuing keys were hidden, whose servers have no certificate for what they are now."""
    await an_installation(folder)
    for file in (folder / "certs" / "keys" / NUMBER).iterdir():
        file.rename(folder / "certs" / NUMBER / file.name)
    (folder / "certs" / "keys" / NUMBER).rmdir()
    (folder / "certs" / "keys").rmdir()


async def _start_signing(folder: Path) -> None:
    """What is done before the signer says that it lives: keys put where it alone sees them, servers certified."""

    async def start(accounts: Accounts) -> None:
        accounts.keyring.put_in_place()
        await OwnIssuing(accounts.directory, accounts.keyring).certify_servers(NUMBER)

    await _with(folder, start)


async def signing(folder: Path) -> Any:
    """The one key that signs, whichever place it is in, and for whom servers are certified once it is in its own."""
    ring = Keyring(folder / "certs")
    places = {one.parent for one in ring.folder.rglob("intermediate*.key")}
    assert len(places) == 1
    if ring.folder / NUMBER in places:
        return "as before"
    assert ring.issuer(NUMBER).key.public_key() == ring.issuer(NUMBER).certificate.public_key()
    chain, key = ring.server_files(NUMBER)
    leaf = load_certificates(chain)[0]
    assert load_key(key, passphrase=None).public_key() == leaf.public_key()
    return "ready" if "enrol.e.org" in _names(leaf) else "as before"


def _names(leaf: x509.Certificate) -> list[str]:
    return leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


# --- files of other programs ----------------------------------------------------------------------------------------


def _table(name: str, data: bytes) -> Operation:
    return _brought(a_base, lambda base: planned(read_table(name, data), base, Reading(name, 2025, "room")).changes)


def _other(name: str, data: bytes) -> Operation:
    read = to_planning(read_file(name, data, 2025))

    async def prepare(folder: Path) -> None:
        await create_base(path_in(folder, "a"), "a", Planning(read.grid))

    return _brought(prepare, lambda base: resolved(onto(read, base), base.next_keys))


def _brought(prepare: Callable[[Path], Awaitable[None]], plan: Callable[[Planning], tuple[Change, ...]]) -> Operation:
    async def run(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importing, "MAX_CHANGES_BYTES", 600)  # in several transactions, in one commit
            await change_base(path_in(folder, "a"), plan)

    return Operation(prepare, run, content, run)


async def content(folder: Path) -> Any:
    """What is in the base; a file that is brought again changes nothing, so how often is not looked at."""
    return encode_snapshot((await read_moment(path_in(folder, "a")))[0])


INSTALLING = {
    "root": Operation(nothing, _told(_make_root), root),
    "calibrate": Operation(some_keys, _told(_calibrate), calibrated),
    "open an account": Operation(an_installation, _open, accounts_with_keys, _open_again, sweep=_ownerless),
    "settings": Operation(an_installation, _set, protected),
    "start of the signer": Operation(keys_of_before, _start_signing, signing, sweep=_start_signing),
    "import a CSV": _table("rooms.csv", write_csv(ROWS)),
    "import a workbook": _table("rooms.xlsx", write_xlsx(ROWS)),
    "import a calendar": _other("a.ics", ICS),
    "import an archive": _other("a.zip", zipped(untis())),
}
