"""Backups of bases: taken while they are served, proved by rebuilding, thinned. Knows no account rule."""

import contextlib
import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from hpserver.config import Backups
from hpserver.errors import ConfigurationError, CorruptBaseError, HPError
from hpserver.exports.format import MAX_FILE, SUFFIX
from hpserver.exports.result import Opened
from hpserver.hosting import backup_keys
from hpserver.hosting.backup_keys import SEALED, SEALED_SUFFIX
from hpserver.hosting.bases import SUFFIX as BASE_SUFFIX
from hpserver.hosting.copies import prove
from hpserver.hosting.exporting import export, write_whole
from hpserver.hosting.sandbox import open_untrusted
from hpserver.hosting.thinning import Policy, kept
from hpserver.store.sqlite_file import sync_directory

RECORD: Final = ".json"
"""Ending of the record beside a backup: what it holds, and how it was proved."""

FAILURE: Final = "failure.json"
"""What went wrong the last time a backup of this base was tried; gone after a good one."""

_MOMENT: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(r"(\d{8}T\d{6}Z)-r(\d+)\.hpx(\.sealed)?")


LOOKED: Final = ".looked"
"""Touched when nothing had changed: it is not looked again for as long as between two backups."""


class Record(msgspec.Struct, frozen=True):
    """What is known of one backup. `digest` stands for the history of the base, `content` for its objects.

    `verified_at` is when the base was rebuilt from the very bytes that were written, and found to be the same.
    """

    base: str
    taken_at: str
    revision: int
    epoch: int
    counts: dict[str, int]
    transactions: int
    bytes: int
    digest: str
    content: str
    sealed: bool
    verified_at: str


class Failure(msgspec.Struct, frozen=True):
    """Why there is no newer backup."""

    at: str
    error: str
    text: str


class Listed(msgspec.Struct, frozen=True):
    """A backup on disk; without a record when that was lost."""

    path: Path
    at: dt.datetime
    revision: int
    sealed: bool
    record: Record | None


_records: Final = msgspec.json.Decoder(Record)
_failures: Final = msgspec.json.Decoder(Failure)


async def take(base: Path, folder: Path, settings: Backups, now: dt.datetime) -> Record | None:
    """Back a base up into a folder of its own; None when nothing changed since the last one.

    The backup is written, read back behind walls, rebuilt with its whole history and compared, then sealed when there
    is a recipient, then given its name: whatever bears the name of a backup is one. Old ones are thinned after that.
    Raises whatever is wrong with the base or the disk; a `Failure` is left in the folder.
    """
    make_folder(folder)
    try:
        record = await _taken(base, folder, settings, now)
    except (HPError, OSError) as error:
        failure = Failure(_told(now), type(error).__name__, str(error))
        with contextlib.suppress(HPError, OSError):  # of the first thing that went wrong is told
            write_whole(folder / FAILURE, [msgspec.json.encode(failure)])
        raise
    (folder / FAILURE).unlink(missing_ok=True)
    thin(folder, Policy(settings.recent, settings.daily, settings.weekly))
    return record


def make_folder(folder: Path) -> None:
    """Make the folder of a base's backups, for its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def listed(folder: Path) -> list[Listed]:
    """Return the backups in a folder, newest first."""
    paths = folder.iterdir() if folder.is_dir() else ()
    found = [_listed(path) for path in paths if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda one: (one.at, one.revision), reverse=True)


def maybe_newest(folder: Path) -> Listed | None:
    """Return the last backup, None when there is none: the records of the others are not read."""
    names = [path.name for path in (folder.iterdir() if folder.is_dir() else ()) if _NAME.fullmatch(path.name)]
    return _listed(folder / max(names)) if names else None


def maybe_failure(folder: Path) -> Failure | None:
    """Return why the last backup failed, None when it did not."""
    try:
        return _failures.decode((folder / FAILURE).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def thin(folder: Path, policy: Policy) -> list[Path]:
    """Remove what the policy does not keep; return it."""
    found = listed(folder)
    stay = kept((one.at for one in found), policy)
    gone = [one.path for one in found if one.at not in stay]
    for path in gone:
        path.unlink(missing_ok=True)
        record_of(path).unlink(missing_ok=True)
    for record in folder.glob(f"*-r*{RECORD}"):
        if not record.with_name(record.name.removesuffix(RECORD)).exists():  # its backup was interrupted
            record.unlink(missing_ok=True)
    for begun in folder.glob(f".*{RECORD}.new"):
        begun.unlink(missing_ok=True)
    return gone


def record_of(backup: Path) -> Path:
    """Return where the record of a backup is."""
    return backup.with_name(backup.name + RECORD)


def is_due(base: Path, folder: Path, every: dt.timedelta, now: dt.datetime) -> bool:
    """Say whether it is time, and the files of the base were written since: cheap enough to ask every minute."""
    newest, tried = maybe_newest(folder), maybe_failure(folder)
    if newest is None:
        return tried is None or now - dt.datetime.fromisoformat(tried.at) >= every
    written = [file.stat().st_mtime for file in (base, base.with_name(base.name + "-wal")) if file.exists()]
    looked = [dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC) for file in (folder / LOOKED,) if file.exists()]
    last = max([newest.at, *looked, *([dt.datetime.fromisoformat(tried.at)] if tried else [])])
    changed = max(written, default=0.0) > newest.at.timestamp()
    return (changed or tried is not None) and now - last >= every


def bases_with_folders(bases: Path, backups: Path) -> Sequence[tuple[Path, Path]]:
    """Return every base of every account and where its backups lie."""
    return [
        (base, backups / base.parent.name / base.stem)
        for base in sorted(bases.glob(f"*/*{BASE_SUFFIX}"))
        if not base.name.startswith(".")
    ]


async def open_file(path: Path, key: Path | None = None, passphrase: str = "") -> Opened:
    """Open a document or a backup, sealed or not, behind walls.

    Raises ImportRefusedError, CorruptBaseError; ConfigurationError when it is sealed and no key was given.
    """
    if path.suffix == RECORD and path.with_suffix("").name.endswith((SUFFIX, SEALED_SUFFIX)):
        backup = path.with_suffix("").name
        raise ConfigurationError(f"{path.name} is the record of a backup: name the backup itself, {backup}.")
    with path.open("rb") as file:
        start = file.read(len(SEALED))
        if not backup_keys.is_sealed(start):
            return await open_untrusted("document", path)
        sealed = start + file.read(MAX_FILE)
    if key is None:
        raise ConfigurationError(f"{path.name} is sealed: give the private key with --key.", path=str(path))
    return await open_untrusted("document", backup_keys.unseal(sealed, backup_keys.read_private(key, passphrase)))


async def _taken(base: Path, folder: Path, settings: Backups, now: dt.datetime) -> Record | None:
    newest = next((one.record for one in listed(folder) if one.record is not None), None)
    aside = folder / ".taking.hpx"
    try:
        done = await export(base, aside)
        if newest is not None and newest.digest == done.digest:
            (folder / LOOKED).touch()
            return None
        opened = await prove(aside, done)
        name = f"{now.strftime(_MOMENT)}-r{done.revision}{SUFFIX}"
        size = done.bytes
        if settings.recipient:
            name += SEALED_SUFFIX
            sealed = backup_keys.seal(aside.read_bytes(), backup_keys.read_public(Path(settings.recipient)))
            size = write_whole(aside, [sealed])
            if aside.read_bytes() != sealed:
                raise CorruptBaseError("the disk does not give back what was written")
        record = Record(
            done.name, _told(now), done.revision, done.epoch, done.counts, done.rows, size, done.digest, opened.content,
            bool(settings.recipient), _told(dt.datetime.now(dt.UTC)),
        )  # fmt: skip
        write_whole(record_of(folder / name), [msgspec.json.encode(record)])  # first: no backup is without its record
        aside.replace(folder / name)
        sync_directory(folder / name)
        return record
    finally:
        aside.unlink(missing_ok=True)


def _listed(path: Path) -> Listed:
    match = _NAME.fullmatch(path.name)
    assert match is not None, "only backups are listed"
    at = dt.datetime.strptime(match[1], _MOMENT).replace(tzinfo=dt.UTC)
    return Listed(path, at, int(match[2]), bool(match[3]), _maybe_record(path))


def _maybe_record(path: Path) -> Record | None:
    try:
        return _records.decode(record_of(path).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def _told(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
