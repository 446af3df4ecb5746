"""Operations that write, each as small as it can be: what is there before, what is done, what is seen of it after."""

import datetime as dt
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509

from hpserver.base.changes import Change, create, update
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.certs.authority import issued_by
from hpserver.certs.files import load_certificates, load_key, save_key
from hpserver.cli.main import house_error
from hpserver.config import Backups
from hpserver.directory.model import Account, Attempts
from hpserver.errors import ConflictError
from hpserver.hosting.backups import listed, take
from hpserver.hosting.bases import bases_in, create_base, forget_leftovers, open_base, path_in
from hpserver.hosting.branches import branches_of, fork, fork_with, look, take_over
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import read_moment, write_whole
from hpserver.hosting.keyring import Keyring
from hpserver.hosting.past import peek_base
from hpserver.hosting.staging import Staging, Wish
from hpserver.hosting.takeover import settle
from hpserver.store.audit import AuditLog
from hpserver.store.rebuild import Rebuilt, rebuild
from hpserver.store.sqlite import SqliteStore
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.schools import a_grid, a_school

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SCHOOL = a_school(3, grid=a_grid(10))
WISH = Wish("planning01", 7, "00" * 16, "Base", 10, "ab" * 32)
NUMBER = "123456789012"


class Operation(msgspec.Struct, frozen=True):
    """`state` is read without a fault. `again` is what a user does once there is room, the same by default.

    `sweep` is what removes leftovers in the end, `few` how many of its steps are tried.
    """

    prepare: Callable[[Path], Awaitable[None]]
    run: Callable[[Path], Awaitable[None]]
    state: Callable[[Path], Awaitable[Any]]
    again: Callable[[Path], Awaitable[None]] | None = None
    sweep: Callable[[Path], Awaitable[None]] | None = None
    few: int = 8


async def forgotten(folder: Path) -> None:
    """What is looked after a day later, in a folder of bases."""
    forget_leftovers(folder, math.inf)


async def nothing(_folder: Path) -> None:
    """Begin with an empty folder."""


# --- bases ----------------------------------------------------------------------------------------------------------


async def a_base(folder: Path) -> None:
    """A base that was edited once."""
    await create_base(folder / "a.hpbase", "a", SCHOOL)
    await edit_offline(folder / "a.hpbase", [update("room", 1, capacity=10)])


async def bases(folder: Path) -> Any:
    """Every base, and whose branch it is."""
    read = {name: encode_snapshot((await read_moment(path_in(folder, name)))[0]) for name in bases_in(folder)}
    return read, {name: one.base for name, one in branches_of(folder).items()}


async def _create(folder: Path) -> None:
    await create_base(folder / "b.hpbase", "b", SCHOOL)


async def _fork(folder: Path) -> None:
    await fork(folder, "a", "b")


async def _fork_with(folder: Path) -> None:
    await fork_with(folder, "a", "b", lambda _planning: [update("room", 1, capacity=50)], operation="00" * 16)


async def a_branch_taken(folder: Path) -> None:
    """A branch of which its base took something over, and that does not know it yet."""
    await a_base(folder)
    await fork(folder, "a", "b")
    made: list[Change] = [
        create("room", -1, name="B 9"),
        update("room", 2, capacity=21),
        update("room", 3, capacity=31),
    ]
    await edit_offline(folder / "b.hpbase", made)
    await edit_offline(folder / "a.hpbase", [update("room", 2, name="Elsewhere")])
    work = await look(folder, "b")
    only = [one.ident for one in work.differences() if one.ident != ("room", 3)]
    await take_over(folder, "b", work.rebased(only=only))


async def _refresh(folder: Path) -> None:
    taken = (await peeked(folder, "a"))[0]
    new = (await peeked(folder, "b"))[1].next_keys["room"] - 1
    await settle(folder, "b", taken, [("room", 2), ("room", new)], [])


async def peeked(folder: Path, name: str) -> tuple[int, Planning]:
    """A base's revision, and what is in it."""
    async with peek_base(path_in(folder, name)) as base:
        return base.revision, base.planning


async def left(folder: Path) -> Any:
    """The base, and what is on its branch beyond it, as far as it knows."""
    base = encode_snapshot((await peeked(folder, "a"))[1])
    try:
        return base, [(one.ident, one.fields) for one in (await look(folder, "b")).differences()]
    except ConflictError:
        return base, "to be refreshed"


async def _restore(folder: Path) -> None:
    planning = encode_snapshot(SCHOOL)
    rebuild(folder / "a.hpbase", Rebuilt("a", planning, (), planning, 7), replace=True)


async def _edit(folder: Path) -> None:
    await edit_offline(folder / "a.hpbase", [update("room", 1, capacity=77)])


# --- files ----------------------------------------------------------------------------------------------------------


async def _written(folder: Path) -> None:
    write_whole(folder / "file", [b"one" * 100, b"two"])


async def content(folder: Path) -> Any:
    """The bytes of every file."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.startswith(".")}  # noqa: ASYNC240 - a test waits for nobody


def _staging(folder: Path) -> Staging:
    return Staging(folder / "uploads", folder / "bases", 1000)


async def _upload(folder: Path) -> None:
    staging = _staging(folder)
    start = staging.start(WISH, NOW.timestamp())
    for at in range(start, 10, 5):
        staging.write(WISH, at, b"0123456789"[at : at + 5])


async def _resume(folder: Path) -> None:
    staging = _staging(folder)
    while (at := staging.start(WISH, NOW.timestamp())) < 10:
        staging.write(WISH, at, b"0123456789"[at:])


async def uploaded(folder: Path) -> Any:
    """What is there is a beginning of what was sent: that is all a client needs to go on."""
    part = _staging(folder).part(WISH)
    there = part.read_bytes() if part.exists() else b""
    assert b"0123456789".startswith(there)
    return there == b"0123456789"


# --- the audit log --------------------------------------------------------------------------------------------------


def log(folder: Path) -> AuditLog:
    """The log of the account."""
    return AuditLog(folder / "a.log", b"secret")


async def some_events(folder: Path) -> None:
    """Three events."""
    for number in range(3):
        log(folder).append(number, "event", "", {"number": number})


async def _append(folder: Path) -> None:
    log(folder).append(9, "another", "", {"text": "x" * 200})


async def _prune(folder: Path) -> None:
    log(folder).prune(2)


async def events(folder: Path) -> Any:
    """What was kept, all of it sealed."""
    verdict = log(folder).verify()
    assert not verdict.broken, verdict.why
    return [entry.at for entry in log(folder).read()]


# --- the directory --------------------------------------------------------------------------------------------------


async def _with(folder: Path, work: Callable[[SqliteDirectory], Awaitable[Any]]) -> Any:
    directory = SqliteDirectory(folder / "directory")
    try:
        await directory.open()
        return await work(directory)
    finally:
        await directory.close()


async def an_account(folder: Path) -> None:
    """An account in a directory that was closed."""
    account = Account(number=NUMBER, name="e", domain="e.org", invoice="1" * 10, port=21200)
    await _with(folder, lambda directory: directory.add(account))


async def _change(folder: Path) -> None:
    await _with(folder, lambda directory: directory.change(Account, NUMBER, name="f"))


async def _attempt(folder: Path) -> None:
    await _with(folder, lambda directory: directory.spend_attempt({"key": (1.0, 2.0)}, 5.0))


async def accounts(folder: Path) -> Any:
    """Names of accounts, and what was tried."""
    if not (folder / "directory").exists():
        return [], []
    names = await _with(folder, lambda directory: directory.list(Account))
    tried = await _with(folder, lambda directory: directory.list(Attempts))
    return [one.name for one in names], [one.key for one in tried]


# --- backups --------------------------------------------------------------------------------------------------------


async def _backup(folder: Path) -> None:
    try:
        await take(folder / "a.hpbase", folder / "backups", Backups(), NOW)
    except OSError as error:
        raise house_error(error) or error from error


async def backed_up(folder: Path) -> Any:
    """Every backup holds the base, and has its record."""
    for one in listed(folder / "backups"):
        assert one.record is not None
        assert one.record.revision == 1
    return await bases(folder), len(listed(folder / "backups"))


async def _checkpoint(folder: Path) -> None:
    store = SqliteStore(folder / "a.hpbase")
    try:
        opened = await open_base(store)
        await store.checkpoint(opened.epoch, opened.history.head, encode_snapshot(opened.planning))
        await store.compact(opened.epoch, int(NOW.timestamp() * 1000))
    finally:
        await store.close()


# --- keys -----------------------------------------------------------------------------------------------------------


async def some_keys(folder: Path) -> None:
    """Keys of an installation whose servers have a certificate for one name."""
    keyring = Keyring(folder / "certs")
    keyring.ensure_root("hpserver", NOW)
    passphrase = keyring.passphrase_file.read_bytes().strip()
    root = load_key(keyring.folder / "root.key", passphrase=passphrase)
    save_key(keyring.folder / "root.key", root, passphrase=passphrase, cost=2)  # it is read a hundred times
    keyring.create_account(NUMBER, "e.org", [], NOW)
    keyring.ensure_server(NUMBER, ["e.org"], NOW)


def _signing(work: Callable[[Keyring], object]) -> Callable[[Path], Awaitable[None]]:
    async def run(folder: Path) -> None:
        try:
            work(Keyring(folder / "certs"))
        except OSError as error:
            raise house_error(error) or error from error

    return run


async def keys(folder: Path) -> Any:
    """What the servers are certified for, with their key; how many issuers there are, the first with its own."""
    keyring = Keyring(folder / "certs")
    chain, file = keyring.server_files(NUMBER)
    leaf, issuer = load_certificates(chain)
    assert load_key(file, passphrase=None).public_key() == leaf.public_key()
    assert issued_by(leaf, issuer)
    assert keyring.issuer(NUMBER).key.public_key() == keyring.issuer(NUMBER).certificate.public_key()
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    return sorted(names), len(load_certificates(folder / "certs" / NUMBER / "intermediate.pem"))


OPERATIONS = {
    "create": Operation(a_base, _create, bases, sweep=forgotten),
    "edit": Operation(a_base, _edit, bases),
    "fork": Operation(a_base, _fork, bases, sweep=forgotten),
    "fork with": Operation(a_base, _fork_with, bases, sweep=forgotten),
    "bring up to date": Operation(a_branch_taken, _refresh, left, sweep=forgotten),
    "restore": Operation(a_base, _restore, bases),
    "write": Operation(nothing, _written, content),
    "upload": Operation(nothing, _upload, uploaded, _resume),
    "audit": Operation(some_events, _append, events),
    "audit begins": Operation(nothing, _append, events),
    "audit prune": Operation(some_events, _prune, events),
    "backup": Operation(a_base, _backup, backed_up, _backup),
    "checkpoint": Operation(a_base, _checkpoint, bases),
    "certify": Operation(
        some_keys,
        _signing(lambda keyring: keyring.ensure_server(NUMBER, ["e.org", "p.e.org"], NOW)),
        keys,
        sweep=_signing(lambda keyring: keyring.ensure_server(NUMBER, ["e.org", "p.e.org"], NOW)),
    ),
    "rotate": Operation(
        some_keys,
        _signing(lambda keyring: keyring.rotate(NUMBER, [], NOW)),
        keys,
        sweep=_signing(lambda keyring: keyring.ensure_server(NUMBER, ["e.org"], NOW)),
    ),
    "directory": Operation(an_account, _change, accounts),
    "directory begins": Operation(nothing, an_account, accounts),
    "attempt": Operation(an_account, _attempt, accounts),
}
