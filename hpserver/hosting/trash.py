"""Bases that were deleted lie in a folder of their own for a while, and can be put back. Knows files, no account rule.

Each has a folder that says when it was deleted, in which its files have the names they had.
"""

import contextlib
import datetime as dt
import os
import shutil
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import AlreadyExistsError, BaseInUseError, NotFoundError
from hpserver.hosting.bases import ORIGIN_SUFFIX, SUFFIX, bases_in, path_in
from hpserver.hosting.editing import edit_offline
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

    All that was acknowledged is in the one file that is moved. Raises BaseInUseError, NotFoundError,
    AlreadyExistsError.
    """
    await edit_offline(source, ())  # nobody has it, and its log is written back into it
    log = _beside(source, "-wal")
    if log.exists() and log.stat().st_size:
        raise BaseInUseError(f"another process reads {source.name}: try again")
    try:
        os.link(source, target)
    except FileExistsError as error:
        raise AlreadyExistsError(f"there is a base {target.stem!r} already", base=target.stem) from error
    if _beside(source, ORIGIN_SUFFIX).exists():
        _beside(source, ORIGIN_SUFFIX).replace(_beside(target, ORIGIN_SUFFIX))
    sync_directory(target)
    for suffix in ("-wal", "-shm", ""):
        _beside(source, suffix).unlink(missing_ok=True)
    sync_directory(source)


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
    found = []
    for folder in sorted(trash.iterdir()) if trash.is_dir() else ():
        with contextlib.suppress(ValueError):  # a folder of somebody else
            at = dt.datetime.strptime(folder.name, _MOMENT).replace(tzinfo=dt.UTC)
            found += [Deleted(base, at, folder) for base in bases_in(folder)]
    return found


def forget_old(trash: Path, now: dt.datetime) -> list[Deleted]:
    """Remove for good what was deleted more than `KEPT_DAYS` days ago; what that was."""
    gone = [one for one in thrown(trash) if one.until < now]
    for one in gone:
        shutil.rmtree(one.folder, ignore_errors=True)
    return gone


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
