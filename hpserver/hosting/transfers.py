"""Bases of an account that come from a browser or go to one: taken in piece by piece, written aside. Knows no right.

What comes is on the disk as it comes, never in memory; what goes was proved first. Both are long actions, told as such.
"""

import asyncio
import hashlib
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

from hpserver.directory import names
from hpserver.directory.model import Account
from hpserver.errors import (
    CorruptBaseError,
    DeadlineExceededError,
    HPError,
    ImportRefusedError,
    NotFoundError,
    QuotaExceededError,
    StoreFullError,
)
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.aside import Aside
from hpserver.hosting.bases import SUFFIX
from hpserver.hosting.receiving import NotMade, Order, Receiver
from hpserver.hosting.sandbox import WALL_SECONDS
from hpserver.hosting.staging import Staging, Wish, system_errors
from hpserver.hosting.tasks import Running, Task
from hpserver.hosting.works import Works
from hpserver.identity.actor import Actor
from hpserver.protocol.limits import CHUNK_BYTES
from hpserver.store.rebuild import forget_unfinished

ARRIVING: Final = 4
"""Pieces that wait for the disk; who sends more waits."""

PIECE_SECONDS: Final = 60.0
"""Between two pieces of what comes: three times what the console gives a body for a mebibyte."""

COPY_TIME: Final = 2 * WALL_SECONDS + 60.0
"""Seconds to write a copy and prove it: as to take one in."""

COPIES_AT_ONCE: Final = 4
"""Copies of one account that are written or wait to be fetched."""

ROOM: Final = 3
"""How many times the bytes of a transfer are free on the disk before it begins: the file, what is made of it, and as
much again for those who work."""

PROGRAM: Final = (sys.executable, "-I", "-m", "hpserver.sender")


class CopyOrder(msgspec.Struct, frozen=True):
    """What the process that copies is told: which file, and where the copy goes."""

    base: str
    out: str


class Copied(msgspec.Struct, frozen=True, tag="copied"):
    """The copy is there, and was proved."""

    revision: int
    bytes: int


_answers: Final[msgspec.json.Decoder[Copied | NotMade]] = msgspec.json.Decoder(Copied | NotMade)


class Arrival:
    """The pieces of a file, from who hears them to who writes them down."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(ARRIVING)
        self._over = False

    async def give(self, piece: bytes | None) -> None:
        """Hand a piece over, None after the last one; nobody waits for who does not want it any more."""
        if not self._over:
            await self._pieces.put(piece)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the pieces up to the last one. Raises DeadlineExceededError: none came for too long."""
        while True:
            try:
                async with asyncio.timeout(PIECE_SECONDS):
                    piece = await self._pieces.get()
            except TimeoutError:
                raise DeadlineExceededError("nothing came any more: send the file again") from None
            if piece is None:
                return
            yield piece

    def end(self) -> None:
        """Want no more."""
        self._over = True
        while not self._pieces.empty():
            self._pieces.get_nowait()


class Transfers:
    """The transfers of one account, carried out by `works`."""

    def __init__(self, accounts: Accounts, account: Account, works: Works) -> None:
        self._works = works
        works.interrupted = self.forget
        self._bases = accounts.paths.bases / account.number
        quota = accounts.settings.uploads.quota_mib << 20
        self._staging = Staging(accounts.paths.uploads / account.number, self._bases, quota)
        self._arriving: dict[str, Arrival] = {}

    async def receive(self, actor: Actor, planning: str, base: str, size: int) -> Task:
        """Begin to take in a base of at most `size` bytes, which is loaded nowhere; `arrival` has its way in.

        Raises InvalidNameError, AlreadyExistsError, QuotaExceededError, StoreFullError.
        """
        base = names.base(base)
        await self._works.settle()  # what was interrupted holds no room
        self._require_room(size)
        running = self._works.tasks.begin("bases.upload", actor, planning=planning, base=base, step="receiving")
        wish = _wish(running.task, size)
        try:
            with system_errors():
                await asyncio.to_thread(self._staging.start, wish, running.task.began)
        except HPError as error:
            running.end("failed", error)
            raise
        arrival = self._arriving[running.task.key] = Arrival()
        return self._works.start(running, self._received(running, wish, arrival))

    def arrival(self, key: str) -> Arrival:
        """Return the way in of what this process takes in. Raises NotFoundError."""
        if key not in self._arriving:
            raise NotFoundError("Nothing is taken in here under this number: send the file again.")
        return self._arriving[key]

    async def copy(self, actor: Actor, planning: str, base: Path) -> Task:
        """Begin to write a copy of a base that is there. Raises QuotaExceededError, StoreFullError."""
        held = [one for one in await self._works.listed() if one.kind == "bases.export"]
        if sum(one.file or one.state == "running" for one in held) >= COPIES_AT_ONCE:
            text = f"{COPIES_AT_ONCE} copies are there or under way: fetch one, or cancel one"
            raise QuotaExceededError(text, limit=COPIES_AT_ONCE)
        self._require_room(_size(base))
        running = self._works.tasks.begin("bases.export", actor, planning=planning, base=base.stem, step="writing")
        return self._works.start(running, self._copied(running, base))

    def forget(self, interrupted: list[Task]) -> None:
        """Leave nothing of what was on its way in when its process ended: no browser goes on with it."""
        for one in interrupted:
            if one.kind == "bases.upload":
                if not self._staging.maybe_done(_wish(one, 1)):
                    self._staging.forget(_wish(one, 1))
                forget_unfinished(self._bases / f"{one.base}{SUFFIX}")

    # --- within ---------------------------------------------------------------------------------------------

    async def _received(self, running: Running, wish: Wish, arrival: Arrival) -> bool:
        try:
            size, digest = await self._written(running, wish, arrival)
            running.step("checking")
            order = Order(
                str(self._staging.part(wish)), size, digest, str(self._bases / f"{wish.base}{SUFFIX}"), wish.base,
                str(self._staging.done(wish)),
            )  # fmt: skip
            try:
                await Receiver().make(order)
            except asyncio.CancelledError:
                if not _is_there(order):  # else the cancel came too late
                    raise
        except BaseException:
            self._staging.forget(wish)
            raise
        finally:
            arrival.end()
            self._arriving.pop(running.task.key, None)
        running.step("ready")
        return False

    async def _written(self, running: Running, wish: Wish, arrival: Arrival) -> tuple[int, str]:
        """Write what comes, in the order in which it does; return its size and digest."""
        size, digest = 0, hashlib.sha256()
        async for piece in arrival.pieces():
            for at in range(0, len(piece), CHUNK_BYTES):
                part = piece[at : at + CHUNK_BYTES]
                size = await asyncio.to_thread(self._staging.write, wish, size, part)
                digest.update(part)
            running.progress(size, wish.bytes)
        if not size:
            raise ImportRefusedError("the file is empty: choose an exported base or a backup", line=0, column=0)
        return size, digest.hexdigest()

    async def _copied(self, running: Running, base: Path) -> bool:
        out, aside = running.copy, running.copy.with_name(f".{running.copy.name}.new")

        def told(_: int) -> None:
            if out.exists() and running.task.lines[-1].step == "writing":
                running.step("checking")
            elif aside.exists():
                running.progress(aside.stat().st_size, 0)

        raw = await Aside(PROGRAM).run(msgspec.json.encode(CopyOrder(str(base), str(out))), COPY_TIME, told)
        try:
            answer = _answers.decode(raw)
        except msgspec.MsgspecError:
            raise CorruptBaseError("the base needs more time or memory to be copied than a base may") from None
        if isinstance(answer, NotMade):
            error = HPError.by_code.get(answer.code, HPError)(answer.text)
            error.details = answer.details
            raise error
        running.step("ready")
        return True

    def _require_room(self, size: int) -> None:
        """Find out before the first byte. Raises StoreFullError."""
        with system_errors():
            self._works.tasks.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            left = shutil.disk_usage(self._works.tasks.folder).free
        if left < ROOM * size:
            raise StoreFullError(f"{left >> 20} MiB are free on the disk, {ROOM * size >> 20} are needed", left=left)


def _size(base: Path) -> int:
    return base.stat().st_size


def _is_there(order: Order) -> bool:
    return Path(order.path).exists()


def is_for(task: Task, actor: Actor) -> bool:
    """Whether a copy is there to be fetched, by who asked for it and nobody else."""
    return task.file and (task.user, task.who) == (actor.user, actor.login)


def _wish(task: Task, size: int) -> Wish:
    return Wish(task.planning or "-", task.user, task.key, task.base, size, "")
