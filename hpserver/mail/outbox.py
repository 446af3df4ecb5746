"""Letters on the disk until they have left: a file each, whole or not there. Knows no relay and no clock."""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import BusyError, StoreFullError
from hpserver.mail.letters import Letter

MAX_WAITING: Final = 1_000
"""Letters that wait in one outbox: each of them a few hundred bytes."""

MAX_WAITING_TO_ONE: Final = 10
"""Of them to one address: nobody's box is filled through us."""

BACKOFF: Final = (30.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds between tries; past the end the last holds (RFC 5321, 4.5.4.1: half an hour once it has failed a while)."""

LASTS: Final = 3 * 86_400.0
"""Seconds after which a notice is no news (RFC 5321 gives up after 4 or 5 days)."""


class Waiting(msgspec.Struct, frozen=True):
    """A letter in the outbox. `key` names it; it leaves not before `due`, and not after `expires`."""

    key: str
    letter: Letter
    at: float
    expires: float
    due: float = 0.0
    tries: int = 0


class Tally(msgspec.Struct, frozen=True):
    """What an outbox holds: so many letters, of which so many were tried in vain; instants are Unix seconds."""

    waiting: int = 0
    failing: int = 0
    oldest: float = 0.0
    next_try: float = 0.0


class Outbox:
    """One folder. Any process may put a letter in, one process takes them out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_once(self, about: str, letter: Letter, now: float) -> bool:
        """Keep a letter about something unless one ever was; a crash may repeat it, under the same name. See `put`."""
        told = self._folder / f"{hashlib.sha256(about.encode()).hexdigest()[:32]}.told"
        if told.exists():
            return False
        self.put(letter, now, key=told.stem)
        self._save(told, b"")
        return True

    def forget_told(self, before: float) -> None:
        """Forget about what letters were kept before then: it has ended since."""
        for told in self._folder.glob("*.told"):
            with contextlib.suppress(FileNotFoundError):
                if told.stat().st_mtime < before:
                    told.unlink()

    def put(self, letter: Letter, now: float, lasts: float = LASTS, key: str = "") -> str:
        """Keep a letter: it is on the disk when this returns its key. Raises BusyError: too many wait, StoreFullError.

        A letter of the same kind to the same person that still waits stands for this one too.
        """
        waiting = self.waiting()
        to_one = [one for one in waiting if one.letter.to == letter.to]
        for one in to_one:
            if one.letter == letter:
                return one.key
        if len(waiting) >= MAX_WAITING or len(to_one) >= MAX_WAITING_TO_ONE:
            raise BusyError("Too many letters wait for the mail relay.", seconds=int(BACKOFF[0]))
        key = key or secrets.token_hex(16)
        self._write(Waiting(key, letter, now, now + lasts))
        return key

    def waiting(self) -> list[Waiting]:
        """Return what waits, the oldest first. A file that is no letter is left alone."""
        found = []
        for path in self._folder.glob("*.letter"):
            with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
                found.append(msgspec.json.decode(path.read_bytes(), type=Waiting))
        return sorted(found, key=lambda one: (one.at, one.key))

    def tally(self) -> Tally:
        """Count what waits; instants are Unix seconds, 0 where nothing does."""
        found = self.waiting()
        tried = sum(one.tries > 0 for one in found)
        return Tally(len(found), tried, found[0].at, min(one.due for one in found)) if found else Tally()

    def later(self, one: Waiting, now: float) -> None:
        """Try again after a while that grows."""
        wait = BACKOFF[min(one.tries, len(BACKOFF) - 1)]
        self._write(msgspec.structs.replace(one, tries=one.tries + 1, due=now + wait))

    def remove(self, one: Waiting) -> None:
        """Forget a letter: it has left, or never will."""
        with contextlib.suppress(FileNotFoundError):
            self._path(one).unlink()

    def _path(self, one: Waiting) -> Path:
        return self._folder / f"{one.key}.letter"

    def _write(self, one: Waiting) -> None:
        self._save(self._path(one), msgspec.json.encode(one))

    def _save(self, path: Path, content: bytes) -> None:
        half = path.with_suffix(f".{secrets.token_hex(4)}.half")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                half.unlink()
            raise StoreFullError("The letter could not be kept.", reason=str(error.strerror)) from error
