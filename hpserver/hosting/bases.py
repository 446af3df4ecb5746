"""Bases on disk: create, read, list. Knows files and the store; no account rule."""

import asyncio
import contextlib
import gc
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hpserver.base.epochs import LINES, line_drawn, line_of
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.directory import names
from hpserver.errors import StoreVersionError
from hpserver.hosting.rows import read_row, replay_changes
from hpserver.planning.history import History
from hpserver.planning.journal import FORMAT
from hpserver.planning.merge import fields_of
from hpserver.store.api import JournalRow, Store
from hpserver.store.obstacles import opening
from hpserver.store.rebuild import Rebuilt, rebuild
from hpserver.store.sqlite import SqliteStore

REMEMBERED = 2000
"""Transactions from before the newest snapshot that are remembered: two checkpoints' worth."""

SUFFIX = ".hpbase"
"""What the name of a base's file ends with."""

ORIGIN_SUFFIX = ".origin"
"""What is added to the name of a branch's file for the file that says where it comes from."""


def path_in(folder: Path, name: str) -> Path:
    """Return the file of a base of the account whose bases are in this folder. Raises InvalidNameError."""
    return folder / f"{names.base(name)}{SUFFIX}"


def bases_in(folder: Path) -> list[str]:
    """Return the names of the bases of an account."""
    return sorted(file.stem for file in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


async def create_base(path: Path, name: str, planning: Planning) -> None:
    """Keep a new base in a file: all of it or nothing. Raises AlreadyExistsError, StoreFullError, StoreError."""
    snapshot = encode_snapshot(planning)
    with opening(path):
        forget_origin(path)
    await asyncio.to_thread(rebuild, path, Rebuilt(name, snapshot, (), snapshot, new_line()))


def new_line() -> int:
    """Draw the epoch that the owners of a new history follow: no client takes another base for a beginning of it."""
    return line_drawn(secrets.randbelow(LINES - 1))


def origin_path(path: Path) -> Path:
    """Return the file that says of which base the one in `path` is a branch."""
    return path.with_name(path.name + ORIGIN_SUFFIX)


def forget_origin(path: Path) -> None:
    """Remove what a fork that was killed said of a base that it never made: the next of that name is no branch."""
    if not path.exists():
        origin_path(path).unlink(missing_ok=True)


def forget_leftovers(folder: Path, before: float) -> None:
    """Remove what was begun in a folder of bases before that moment (UTC, in seconds), and killed before its end."""
    for file in folder.iterdir() if folder.is_dir() else ():
        begun = file.name.startswith(".") and SUFFIX in file.name
        orphan = file.name.endswith(ORIGIN_SUFFIX) and not file.with_suffix("").exists()
        with contextlib.suppress(FileNotFoundError):
            if (begun or orphan) and file.stat().st_mtime < before:
                file.unlink()


async def upgrade_base(path: Path) -> None:
    """Bring a base that nobody serves to the newest schema, as its next server would. Raises as `open_base`."""
    store = SqliteStore(path)
    try:
        await store.open()
    finally:
        await store.close()


class OpenedBase(msgspec.Struct, frozen=True):
    """A base taken for service: what is in it, what was done lately, the epoch and the revision."""

    planning: Planning
    history: History
    epoch: int
    checkpointed: int
    name: str


async def open_base(store: Store, *, check_later: bool = False) -> OpenedBase:
    """Take a base: its newest snapshot, and the journal since replayed over it.

    Some transactions from before the snapshot are remembered too, for who resumes or sends an operation again.
    `check_later` as for `Store.open`.

    Raises:
        NotFoundError: there is no such base.
        BaseInUseError: another process serves it.
        CorruptBaseError: it does not pass its checks.
    """
    epoch = await store.open(check_later=check_later)
    loaded = await store.load(REMEMBERED + 1)
    planning = decode_snapshot(loaded.snapshot)
    floor = max(0, loaded.revision - REMEMBERED)
    edge, rows = (loaded.tail[0].epoch, loaded.tail[1:]) if floor else (line_of(epoch), loaded.tail)
    history = History(floor, edge)
    for row in rows:
        _remember(history, planning, row, replay=row.revision > loaded.revision)
    return OpenedBase(planning, history, epoch, loaded.revision, loaded.meta.get("name", ""))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Read a base to keep without looking for garbage meanwhile, nor ever again in what was read: it leaves none."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
        gc.set_threshold(50_000, 20, 100)


def _remember(history: History, planning: Planning, row: JournalRow, *, replay: bool) -> None:
    if row.format != FORMAT:
        raise StoreVersionError(f"row {row.revision} has format {row.format}, this program reads {FORMAT}: upgrade it")
    transaction, done, changes = read_row(row)
    if replay:
        replay_changes(planning, row, changes)
    history.add(row.epoch, transaction, done, fields_of(changes))
