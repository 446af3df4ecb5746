"""A file sent to become a base beside those of the account: in pieces, resumed after a broken line. Knows no screen."""

import asyncio
import contextlib
import hashlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from hpserver.client.events import Events
from hpserver.client.line import NEW, Progress
from hpserver.client.reconnecting import announced, pause
from hpserver.client.writing import an_operation, draw
from hpserver.errors import (
    BusyError,
    DeadlineExceededError,
    HPError,
    ImportRefusedError,
    InvalidChangeError,
    NotFoundError,
    StoreFullError,
    TooSlowError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.limits import CHUNK_BYTES, UPLOAD_WINDOW

TRIES: Final = 8
"""Beginnings again that bring nothing, before what is wrong is told."""

A = TypeVar("A", bound=m.Answer)
Opening = Callable[[int], None]
"""Told the seconds since the server began to open the file."""

_AGAIN: Final = (NotFoundError, InvalidChangeError, BusyError, DeadlineExceededError)
"""Of a piece: the server lost the thread (it restarted, a line broke), and says where to go on when asked."""


class Uploading(ABC):
    """The part of a session that sends files."""

    @abstractmethod
    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        """Ask once there is a line, and again on the next one when it breaks."""

    @abstractmethod
    def events(self) -> Events:
        """Every push from now on."""

    async def upload(
        self, path: Path, base: str, *, progress: Progress | None = None, opening: Opening | None = None,
        operation: bytes = b"", reading: m.Reading | None = None,
    ) -> m.Uploaded:  # fmt: skip
        """Send a document of a base, to become a base of that name; it is loaded nowhere. For administrators.

        With `reading`, the file of another program becomes a branch of that name of the base of this planning, which
        stays as it is: for who may import and sees everything.

        A line that breaks is waited for, and the upload goes on where it stopped. With the `operation` of an earlier
        call it goes on with that one. A call that is cancelled cancels the upload: nothing is left.

        Raises:
            QuotaExceededError: it is too large, or the account has no room left.
            AlreadyExistsError: there is a base of that name.
            ImportRefusedError: the file is no document of a base, or of no program that is known.
            NotAllowedError: the profile is not Administration, or does not import.
        """
        size, digest = await asyncio.to_thread(_measured, path)
        start = m.StartUpload(
            NEW, 0, base, size, digest, operation or an_operation(), () if reading is None else (reading,)
        )
        told = progress or (lambda _received, _size: None)
        file = await asyncio.to_thread(path.open, "rb")
        try:
            return await self._sent(file, start, told, opening)
        except asyncio.CancelledError:
            await self._forget(start)
            raise
        finally:
            await asyncio.to_thread(file.close)

    async def bases(self) -> tuple[str, ...]:
        """The names of the account's bases. For administrators. Raises NotAllowedError."""
        return (await self._ask(m.ListBases(NEW, 0), m.Bases)).names

    # --- within ---------------------------------------------------------------------------------------------

    async def _sent(
        self, file: BinaryIO, start: m.StartUpload, progress: Progress, opening: Opening | None
    ) -> m.Uploaded:  # fmt: skip
        tries, best = 0, -1
        while True:
            ready = await self._ask(start, m.UploadReady)
            tries, best = (0, ready.received) if ready.received > best else (tries + 1, best)
            progress(ready.received, start.bytes)
            try:
                await self._pieces(file, ready, start.bytes, progress)
                return await self._finished(ready.upload, opening)
            except (*_AGAIN, StoreFullError) as error:
                if tries >= TRIES:
                    raise
                await asyncio.sleep(pause(tries, draw(), announced(error)))

    async def _pieces(self, file: BinaryIO, ready: m.UploadReady, size: int, progress: Progress) -> None:
        """Send the rest, a few pieces ahead of their answers. Raises what the first refused piece was told."""
        offset, largest = ready.received, min(ready.chunk_bytes, CHUNK_BYTES)
        ahead: deque[asyncio.Task[m.UploadReceived]] = deque()
        try:
            async with asyncio.TaskGroup() as group:
                while offset < size or ahead:
                    if offset < size and len(ahead) < min(ready.window, UPLOAD_WINDOW):
                        data = await asyncio.to_thread(_piece, file, offset, largest)
                        piece = m.UploadChunk(NEW, 0, ready.upload, offset, data)
                        ahead.append(group.create_task(self._ask(piece, m.UploadReceived)))
                        offset += len(data)
                    else:
                        progress((await ahead.popleft()).received, size)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _finished(self, upload: int, opening: Opening | None) -> m.Uploaded:
        try:
            async with asyncio.TaskGroup() as group:
                hearing = group.create_task(_hear(self.events(), upload, opening))
                try:
                    return await self._outcome(upload)
                finally:
                    hearing.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _outcome(self, upload: int) -> m.Uploaded:
        while True:
            try:
                return await self._ask(m.FinishUpload(NEW, 0, upload), m.Uploaded)
            except DeadlineExceededError:
                continue  # it is under way: asked again, the answer is that of the first time

    async def _forget(self, start: m.StartUpload) -> None:
        """Leave nothing at the server, within a second: else it forgets by itself."""
        try:
            async with asyncio.timeout(1.0):
                ready = await self._ask(start, m.UploadReady)
                await self._ask(m.CancelUpload(NEW, 0, ready.upload), m.UploadCancelled)
        except (TimeoutError, HPError):
            return


async def _hear(events: Events, upload: int, opening: Opening | None) -> None:
    with contextlib.suppress(TooSlowError):
        async for message in events:
            if isinstance(message, m.UploadProgress) and message.upload == upload and opening is not None:
                opening(message.seconds)


def _measured(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return file.tell(), digest


def _piece(file: BinaryIO, offset: int, most: int) -> bytes:
    file.seek(offset)
    data = file.read(most)
    if not data:
        raise ImportRefusedError("the file became shorter while it was sent", line=0, column=0)
    return data
