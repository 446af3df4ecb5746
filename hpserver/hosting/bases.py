"""Bases on disk: create, read, list. Knows files and the store; no account rule."""

from pathlib import Path

from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import CorruptBaseError
from hpserver.planning.journal import read_body
from hpserver.store.api import JournalRow, Store
from hpserver.store.sqlite import SqliteStore

SUFFIX = ".hpbase"
"""What the name of a base's file ends with."""


async def create_base(path: Path, name: str, planning: Planning) -> None:
    """Keep a new base in a file. Raises AlreadyExistsError, StoreFullError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = SqliteStore(path)
    try:
        await store.create(name, encode_snapshot(planning))
    finally:
        await store.close()


async def read_base(path: Path) -> tuple[Planning, int]:
    """The base as it is on disk, and its revision; nobody may serve it meanwhile.

    Raises:
        NotFoundError: there is no such base.
        BaseInUseError: it is in service.
        CorruptBaseError: it does not pass its checks.
    """
    store: Store = SqliteStore(path)
    try:
        await store.open()
        loaded = await store.load()
    finally:
        await store.close()
    planning = decode_snapshot(loaded.snapshot)
    for row in loaded.tail:
        replay(planning, row)
    return planning, loaded.tail[-1].revision if loaded.tail else loaded.revision


def replay(planning: Planning, row: JournalRow) -> None:
    """Apply one row of the journal. Raises CorruptBaseError when it does not fit the base."""
    _, _, changes = read_body(
        row.body, epoch=row.epoch, revision=row.revision, operation=row.operation, user=row.user, at_ms=row.at
    )
    try:
        planning.replay(changes)
    except (KeyError, ValueError) as error:
        raise CorruptBaseError(
            f"row {row.revision} of the journal does not fit the base", revision=row.revision
        ) from error


def bases_in(folder: Path) -> list[str]:
    """The names of the bases of an account."""
    return sorted(file.stem for file in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
