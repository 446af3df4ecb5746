"""Bases that were deleted lie in a folder of their own for a while, and can be put back. Knows files, no account rule.

Each has a folder that says when it was deleted, in which its files have the names they had.
"""

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import AlreadyExistsError, BaseInUseError, NotFoundError
from hpserver.hosting.bases import SUFFIX, bases_in, forget_origin, origin_path, path_in
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import write_whole
from hpserver.store.obstacles import opening
from hpserver.store.rebuild import alone_with, write_log_back
from hpserver.store.sqlite_file import sync_directory

KEPT_DAYS: Final = 30
"""Days that a deleted base can be put back: a month, as mail and file services keep what is thrown away."""

_MOMENT: Final = "%Y%m%dT%H%M%S.%fZ"


class Deleted(msgspec.Struct, frozen=True):
    """A base that was deleted: its name then, when, and the folder it lies in."""

    base: str
    at: dt.datetime
    folder: Path

    @property
    def until(self) -> dt.datetime:
        """When it is gone for good, at the earliest."""
        return self.at + dt.timedelta(days=KEPT_DAYS)


async def move(source: Path, target: Path) -> None:
    """Give a base that nobody serves, with what lies beside it, another path on the same disk.

    All that was acknowledged is in the one file that is moved, and it has one name at any moment: under two, it would
    have two owners. Raises BaseInUseError, NotFoundError, AlreadyExistsError, StoreFullError, StoreError.
    """
    await edit_offline(source, ())
    with alone_with(source), alone_with(target), opening(source):
        _move(source, target)


async def throw(path: Path, trash: Path, now: dt.datetime) -> Deleted:
    """Move a base that nobody serves into the trash of its account. Raises BaseInUseError, NotFoundError."""
    await edit_offline(path, ())  # nothing is made for a base that stays
    folder = trash / now.strftime(_MOMENT)
    folder.mkdir(mode=0o700, parents=True)
    try:
        await move(path, folder / path.name)
    except BaseException:
        with contextlib.suppress(OSError):
            folder.rmdir()
        raise
    return Deleted(path.stem, now, folder)


async def put_back(trash: Path, bases: Path, base: str, name: str = "") -> str:
    """Put the base of that name that was deleted last back among the others, under another `name` if wished.

    Raises NotFoundError, AlreadyExistsError, InvalidNameError.
    """
    last, target = check_put_back(trash, bases, base, name)
    await move(last.folder / f"{base}{SUFFIX}", target)
    shutil.rmtree(last.folder, ignore_errors=True)  # a lock nobody holds is left in it
    return target.stem


def check_put_back(trash: Path, bases: Path, base: str, name: str = "") -> tuple[Deleted, Path]:
    """Say which base `put_back` would put where. Raises as it does."""
    found = [one for one in thrown(trash) if one.base == base]
    if not found:
        raise NotFoundError(f"no deleted base is called {base!r}: `hp base trash` lists them", base=base)
    target = path_in(bases, name or base)
    if target.exists():
        raise AlreadyExistsError(f"there is a base {target.stem!r} already", base=target.stem)
    return found[-1], target


def thrown(trash: Path) -> list[Deleted]:
    """Return what the trash of an account holds, the oldest first."""
    return [Deleted(base, at, folder) for at, folder in _folders(trash) for base in bases_in(folder)]


def forget_old(trash: Path, now: dt.datetime) -> list[Deleted]:
    """Remove for good what was deleted more than `KEPT_DAYS` days ago; what that was."""
    gone = [one for one in thrown(trash) if one.until < now]
    for at, folder in _folders(trash):
        if at + dt.timedelta(days=KEPT_DAYS) < now:  # without a base too, where its deletion was interrupted
            shutil.rmtree(folder, ignore_errors=True)
    return gone


def _move(source: Path, target: Path) -> None:
    if target.exists():
        raise AlreadyExistsError(f"there is a base {target.stem!r} already", base=target.stem)
    if not write_log_back(source):
        raise BaseInUseError(f"another process reads {source.name}: try again")
    if origin_path(source).exists():
        write_whole(origin_path(target), [origin_path(source).read_bytes()])  # first: a branch never is none
    else:
        forget_origin(target)
    for path in (source, target):
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    source.rename(target)
    sync_directory(target)
    sync_directory(source)
    forget_origin(source)


def _folders(trash: Path) -> Iterator[tuple[dt.datetime, Path]]:
    for folder in sorted(trash.iterdir()) if trash.is_dir() else ():
        with contextlib.suppress(ValueError):  # a folder of somebody else
            yield dt.datetime.strptime(folder.name, _MOMENT).replace(tzinfo=dt.UTC), folder
