"""Operations on whole bases, as small as they can be: taken over, written out, moved, brought to a newer schema."""

import contextlib
import datetime as dt
import hashlib
import math
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hpserver.base.changes import create, update
from hpserver.base.snapshot import encode_snapshot
from hpserver.cli.main import house_error
from hpserver.errors import ConflictError
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting import trash
from hpserver.hosting.bases import bases_in, forget_leftovers, path_in, upgrade_base
from hpserver.hosting.branches import branches_of, fork, look, take_over
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import export, read_moment
from hpserver.hosting.receiving import Made, Order
from hpserver.hosting.staging import UPLOAD_KEPT, Staging
from hpserver.receiver import receive
from hpserver.store import sqlite_directory, sqlite_file
from tests.exports.documents import a_history
from tests.faults.operations import NOW, NUMBER, Operation, a_base, forgotten
from tests.store.test_sqlite_rows import made_by_then

RAW = b"".join(pack(lines(a_history())))
LATER = NOW + dt.timedelta(days=trash.KEPT_DAYS + 1)


# --- branches -------------------------------------------------------------------------------------------------------


async def a_branch(folder: Path) -> None:
    """A branch with work on it, of a base that went on."""
    await a_base(folder)
    await fork(folder, "a", "b")
    await edit_offline(path_in(folder, "b"), [create("room", -1, name="B 9"), update("room", 2, capacity=21)])
    await edit_offline(path_in(folder, "a"), [update("room", 2, name="Elsewhere")])


async def _take_over(folder: Path) -> None:
    await take_over(folder, "b", (await look(folder, "b")).rebased())


async def _take_over_again(folder: Path) -> None:
    with contextlib.suppress(ConflictError):  # the base has it
        await _take_over(folder)


async def both(folder: Path) -> Any:
    """What is in the base and in the branch, and how much was done to each."""
    return {name: await _moment(path_in(folder, name)) for name in ("a", "b")}


async def _moment(path: Path) -> tuple[bytes, int]:
    planning, revision = await read_moment(path)
    return encode_snapshot(planning), revision


# --- documents ------------------------------------------------------------------------------------------------------


async def _export(folder: Path) -> None:
    await export(path_in(folder, "a"), folder / "a.hpx", packing="none")


async def exported(folder: Path) -> Any:
    """The base as it was, and a document of it that is whole, or none."""
    document = folder / "a.hpx"
    last = msgspec.json.decode(document.read_bytes().splitlines()[-1]) if document.exists() else {}
    return await _moment(path_in(folder, "a")), last.get("line"), last.get("content")


def _order(folder: Path) -> Order:
    digest = hashlib.sha256(RAW).hexdigest()
    part, done = folder / "uploads" / "x.part", folder / "uploads" / "x.done"
    return Order(str(part), len(RAW), digest, str(path_in(folder, "n")), "n", str(done))


async def a_document(folder: Path) -> None:
    """A document that came whole."""
    (folder / "uploads").mkdir()
    (folder / "uploads" / "x.part").write_bytes(RAW)


async def _receive(folder: Path) -> None:
    try:
        await receive(_order(folder))
    except OSError as error:
        raise house_error(error) or error from error


async def received(folder: Path) -> Any:
    """A base that is whole, or none; and an answer only when it is there, or the bytes to make it from."""
    there = {name: await _moment(path_in(folder, name)) for name in bases_in(folder)}
    part, done = folder / "uploads" / "x.part", folder / "uploads" / "x.done"
    if done.exists():
        assert there
        msgspec.json.decode(done.read_bytes(), type=Made)
        return there
    assert part.exists()
    return {}


async def _expired(folder: Path) -> None:
    Staging(folder / "uploads", folder, 1000).expire(time.time() + 2 * UPLOAD_KEPT.total_seconds())
    await forgotten(folder)


# --- moved ----------------------------------------------------------------------------------------------------------


async def a_branch_in_place(folder: Path) -> None:
    """A branch, and a folder for what is deleted."""
    (folder / "bases").mkdir()
    await a_branch(folder / "bases")


async def a_branch_thrown(folder: Path) -> None:
    """A branch that was deleted."""
    await a_branch_in_place(folder)
    await trash.throw(path_in(folder / "bases", "b"), folder / "trash", NOW)


async def _rename(folder: Path) -> None:
    try:
        await trash.move(path_in(folder / "bases", "b"), path_in(folder / "bases", "c"))
    except OSError as error:
        raise house_error(error) or error from error


async def _throw(folder: Path, now: dt.datetime = NOW) -> None:
    try:
        await trash.throw(path_in(folder / "bases", "b"), folder / "trash", now)
    except OSError as error:
        raise house_error(error) or error from error


async def _throw_later(folder: Path) -> None:
    if path_in(folder / "bases", "b").exists():
        await _throw(folder, LATER)


async def _put_back(folder: Path) -> None:
    try:
        await trash.put_back(folder / "trash", folder / "bases", "b")
    except OSError as error:
        raise house_error(error) or error from error


async def places(folder: Path) -> Any:
    """Every base, wherever it is, under one name alone; and whose branch it is."""
    found: dict[str, Any] = {}
    for one in (folder / "bases", *(gone.folder for gone in trash.thrown(folder / "trash"))):
        of = {name: origin.base for name, origin in branches_of(one).items()}
        for name in bases_in(one):
            assert path_in(one, name).stat().st_nlink == 1, f"{name} has another name"
            found[f"{'bases' if one == folder / 'bases' else 'trash'}/{name}"] = (
                await _moment(path_in(one, name)),
                of.get(name),
            )
    return found


async def _swept(folder: Path) -> None:
    """What the daily look does in the end: nothing that was deleted stays."""
    trash.forget_old(folder / "trash", LATER + dt.timedelta(days=trash.KEPT_DAYS + 1))
    forget_leftovers(folder / "bases", math.inf)


# --- newer programs -------------------------------------------------------------------------------------------------


async def an_old_base(folder: Path) -> None:
    """A base that the first program made, with three transactions."""
    steps = sqlite_file.migrations("base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_file, "migrations", lambda _kind: steps[:1])
        await (await made_by_then(folder / "a.hpbase")).close()


async def _upgrade(folder: Path) -> None:
    await upgrade_base(folder / "a.hpbase")


async def upgraded(folder: Path) -> Any:
    """The schema of the base, and its transactions."""
    return _read(folder / "a.hpbase", "SELECT revision, digest, body FROM journal ORDER BY revision")


async def an_old_directory(folder: Path) -> None:
    """A directory that the first program made, with an account."""
    steps = sqlite_file.migrations(sqlite_directory.KIND)
    sqlite_file.prepare(folder / "directory")
    connection = sqlite_file.connect(folder / "directory")
    with contextlib.closing(connection), sqlite_file.writing(connection):
        connection.execute(steps[0])
        connection.pragma("application_id", sqlite_directory.APPLICATION_ID)
        connection.pragma("user_version", 1)
        values = (NUMBER, "e", "e.org", "1" * 10, 21200, "down", "", b"", "", 0.0)
        connection.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


async def _upgrade_directory(folder: Path) -> None:
    directory = sqlite_directory.SqliteDirectory(folder / "directory")
    try:
        await directory.open()
    finally:
        await directory.close()


async def upgraded_directory(folder: Path) -> Any:
    """The schema of the directory, and its accounts."""
    return _read(folder / "directory", "SELECT number, name, domain, port, desired FROM account")


def _read(path: Path, rows: str) -> Any:
    with contextlib.closing(sqlite_file.connect(path)) as connection:
        sqlite_file.check_file(connection)
        return connection.pragma("user_version"), connection.execute(rows).fetchall()


MOVING = {
    "take over": Operation(a_branch, _take_over, both, _take_over_again),
    "export": Operation(a_base, _export, exported),
    "finish an upload": Operation(a_document, _receive, received, sweep=_expired, few=2),
    "rename": Operation(a_branch_in_place, _rename, places, sweep=_swept),
    "delete": Operation(a_branch_in_place, _throw, places, _throw_later, sweep=_swept),
    "put back": Operation(a_branch_thrown, _put_back, places, sweep=_swept),
    "upgrade": Operation(an_old_base, _upgrade, upgraded),
    "upgrade directory": Operation(an_old_directory, _upgrade_directory, upgraded_directory),
}
