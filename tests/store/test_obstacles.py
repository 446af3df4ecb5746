"""What keeps a base from being opened is said as it is, and nothing is lost by it."""

import contextlib
import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpserver.base.epochs import LINE
from hpserver.errors import OutcomeUnknownError, StoreError, StoreFullError
from hpserver.hosting.bases import create_base
from hpserver.store.obstacles import opening
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_school


@contextlib.contextmanager
def no_room() -> Iterator[None]:
    """Let no file grow, as on a full disk: what the system says differs, what SQLite says of it does not."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


async def a_base(path: Path) -> Path:
    """A base that was closed cleanly."""
    await create_base(path, "Base", a_school(3))
    return path


async def test_s03_a_full_disk_at_opening_is_said_and_nothing_is_in_doubt(tmp_path: Path) -> None:
    """No outcome is unknown when nothing was promised; with room again, the base opens as it was."""
    path = await a_base(tmp_path / "a.hpbase")
    first, _ = await SqliteStore(path).peek()
    before = path.read_bytes()
    store = SqliteStore(path)
    with no_room(), pytest.raises(StoreFullError, match=r"no space left on the disk of a\.hpbase") as refused:
        await store.open()
    await store.close()
    assert not isinstance(refused.value, OutcomeUnknownError)
    assert path.read_bytes() == before
    again = SqliteStore(path)
    assert await again.open() == first + 1
    await again.close()


async def test_s03_a_base_is_read_on_a_full_disk(tmp_path: Path) -> None:
    """Exports and backups of a base that nobody serves need no room beside it."""
    path = await a_base(tmp_path / "a.hpbase")
    store = SqliteStore(path)
    with no_room():
        epoch, revision = await store.peek()
        assert (epoch % LINE, revision) == (0, 0)
        loaded = await store.load()
        await store.close()
    assert loaded.meta["name"] == "Base"


async def test_s03_nothing_half_made_is_left_when_there_is_no_room_for_a_new_base(tmp_path: Path) -> None:
    """A base that could not be written has no file: its name is free."""
    with no_room(), pytest.raises(StoreFullError):
        await a_base(tmp_path / "a.hpbase")
    assert not (tmp_path / "a.hpbase").exists()
    await a_base(tmp_path / "a.hpbase")


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, StoreFullError, "Free some"),
        (errno.EDQUOT, StoreFullError, "Free some"),
        (errno.EROFS, StoreError, "cannot be written: Read-only"),
        (errno.EACCES, StoreError, "cannot be written: Permission"),
        (errno.EIO, StoreError, "nothing of it is promised: Input"),
    ],
)
def test_what_the_system_says_is_passed_on(number: int, kind: type[StoreError], words: str) -> None:
    """Each obstacle has its words: what to do differs."""
    with pytest.raises(kind, match=words) as refused, opening(Path("a.hpbase")):
        raise OSError(number, os.strerror(number))
    assert not isinstance(refused.value, OutcomeUnknownError)
