"""What administrators send of a planning asks of its disk: uploads taken in, opened aside, made bases. Knows no right.

The loop never waits for the disk: one thread writes, in the order of arrival. What is heavy or dangerous happens in a
process of its own, `hpserver.receiver`, which ends with us.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from hpserver.config import Paths, Settings
from hpserver.directory import names
from hpserver.directory.model import Planning
from hpserver.errors import BusyError, GoingAwayError, HPError, InternalError, NotFoundError
from hpserver.hosting.bases import bases_in
from hpserver.hosting.receiving import PROGRAM, Made, Order, Receiver, maybe_made
from hpserver.hosting.staging import Staging, Wish, system_errors
from hpserver.hosting.takeover import Takeovers
from hpserver.hosting.tasks import Kind, Running, State, Tasks
from hpserver.identity.actor import Actor
from hpserver.planning.effects import Receive, Send
from hpserver.protocol import messages as m
from hpserver.protocol.limits import CHUNK_BYTES, UPLOAD_WINDOW
from hpserver.protocol.refusal import refusal

log = structlog.get_logger()

EXPIRE_SECONDS: Final = 3600.0
"""Between two looks for uploads that nobody went on with."""

T = TypeVar("T")


class _Upload:
    """One upload under way in this process."""

    def __init__(self, number: int, wish: Wish, program: tuple[str, ...], running: Running) -> None:
        self.number, self.wish, self.running = number, wish, running
        self.waiting = 0
        self.cancelled = False
        self.finishing = asyncio.Lock()
        self.receiver = Receiver(program)


class Uploads:
    """The uploads that one planning server takes in. `told` says a push, `bases` is the account's folder.

    What is asked about branches of the base it has `loaded` is answered by `takeovers`. Each upload is told of in
    `tasks`, and can be cancelled there.

    Every method runs on the loop.
    """

    def __init__(
        self, staging: Staging, bases: Path, planning: str, told: Callable[[Send], None],
        takeovers: Takeovers, *, tasks: Tasks, loaded: str = "", program: tuple[str, ...] = PROGRAM,
    ) -> None:  # fmt: skip
        self._loaded, self._takeovers, self._tasks = loaded, takeovers, tasks
        self._staging, self._bases, self._planning, self._told, self._program = staging, bases, planning, told, program
        self._open: dict[int, _Upload] = {}
        self._thread = ThreadPoolExecutor(1, "uploads")
        self._one, self._starting = asyncio.Semaphore(1), asyncio.Lock()
        self._closed = False
        self._looked = float("-inf")

    async def carry_out(self, effect: Receive) -> Send:
        """Do what is asked; the answer, or the refusal."""
        request = effect.request
        try:
            self._check_open()
            return Send(effect.session, await self._STEPS[type(request)](self, effect, request))
        except HPError as error:
            return Send(effect.session, refusal(request.id, error))
        except Exception:
            log.exception("upload.failed", request=type(request).__name__)
            told = InternalError("internal error: the server's log says more")
            return Send(effect.session, refusal(request.id, told))

    async def expire(self) -> None:
        """Give up what somebody cancelled elsewhere; look, once an hour, for what is to be removed."""
        for upload in [one for one in self._open.values() if one.running.is_cancelled]:
            with contextlib.suppress(HPError):
                await self._give_up(upload)
        if (now := time.monotonic()) - self._looked >= EXPIRE_SECONDS:
            self._looked = now
            with contextlib.suppress(HPError):
                await self._on_disk(self._staging.expire, time.time())

    def close(self) -> None:
        """End what is under way; the bytes stay, to go on from. Safe twice."""
        self._closed = True
        for upload in self._open.values():
            upload.receiver.end()
            with contextlib.suppress(OSError):
                upload.running.end("interrupted")
        self._thread.shutdown(wait=False)

    # --- the requests ---------------------------------------------------------------------------------------

    async def _start(self, effect: Receive, request: m.StartUpload) -> m.Answer:
        wish = Wish(
            self._planning, effect.user, request.operation.hex(), names.base(request.base), request.bytes,
            request.sha256.hex(), next(iter(request.reading), None), self._loaded if request.reading else "",
        )  # fmt: skip
        received = await self._on_disk(self._staging.start, wish, time.time())
        async with self._starting:  # said twice at once, it is one upload and one task
            await self._forget_the_expired()
            upload = next((one for one in self._open.values() if one.wish == wish), None)
            if upload is None:
                number = 1 + secrets.randbelow(2**53 - 1)  # never that of an upload of the server before
                running = await self._on_disk(self._told_of, wish)
                upload = self._open[number] = _Upload(number, wish, self._program, running)
        return m.UploadReady(request.id, upload.number, CHUNK_BYTES, UPLOAD_WINDOW, received)

    async def _write(self, effect: Receive, request: m.UploadChunk) -> m.Answer:
        upload = self._of(effect.user, request.upload)
        if upload.waiting >= UPLOAD_WINDOW:
            raise BusyError(f"{UPLOAD_WINDOW} chunks wait for the disk: wait for their answers", seconds=1)
        upload.waiting += 1
        try:
            received = await self._on_disk(self._written, upload, request.offset, request.data)
        finally:
            upload.waiting -= 1
        return m.UploadReceived(request.id, received)

    async def _finish(self, effect: Receive, request: m.FinishUpload) -> m.Answer:
        upload = self._of(effect.user, request.upload)
        async with upload.finishing:
            made = await self._maybe_made(upload)
            if made is None:
                made = await self._made(upload, effect.session)
            await self._over(upload, "done")
        return m.Uploaded(
            request.id, upload.wish.base, made.revision, made.counts, made.notes, made.noted, made.branch_of,
            made.changed, made.changes,
        )  # fmt: skip

    async def _cancel(self, effect: Receive, request: m.CancelUpload) -> m.Answer:
        await self._give_up(self._of(effect.user, request.upload))
        return m.UploadCancelled(request.id)

    async def _list(self, _effect: Receive, request: m.ListBases) -> m.Answer:
        return m.Bases(request.id, tuple(await self._on_disk(bases_in, self._bases)))

    async def _branch(self, _effect: Receive, request: m.Request) -> m.Answer:
        with system_errors():
            return await self._takeovers.answer(request)

    _STEPS: Final[dict[type[m.Request], Callable[..., Any]]] = {
        m.StartUpload: _start,
        m.UploadChunk: _write,
        m.FinishUpload: _finish,
        m.CancelUpload: _cancel,
        m.ListBases: _list,
        **dict.fromkeys((m.ListBranches, m.CompareBranch, m.UpdateBranch, m.DropBranch), _branch),
    }

    # --- within ---------------------------------------------------------------------------------------------

    def _of(self, user: int, number: int) -> _Upload:
        upload = self._open.get(number)
        if upload is None or upload.wish.user != user:
            raise NotFoundError("there is no such upload here: start it again")
        return upload

    def _told_of(self, wish: Wish) -> Running:
        kind: Kind = "bases.upload" if wish.reading is None else "bases.import"
        who = Actor(wish.user, "", "user")  # who lists it knows the login
        return self._tasks.begin(kind, who, planning=wish.planning, base=wish.base, step="receiving")

    def _written(self, upload: _Upload, offset: int, data: bytes) -> int:
        received = self._staging.write(upload.wish, offset, data)
        upload.running.progress(received, upload.wish.bytes)
        return received

    async def _give_up(self, upload: _Upload) -> None:
        upload.cancelled = True
        upload.receiver.end()
        async with upload.finishing:
            await self._on_disk(self._staging.forget, upload.wish)
            await self._over(upload, "cancelled")

    async def _over(self, upload: _Upload, state: State, error: HPError | None = None) -> None:
        self._open.pop(upload.number, None)
        await self._on_disk(upload.running.end, state, error)

    def _check_open(self) -> None:
        if self._closed:
            raise GoingAwayError("this server is leaving: connect again")

    async def _on_disk(self, call: Callable[..., T], *arguments: object) -> T:
        self._check_open()
        with system_errors():
            return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    async def _forget_the_expired(self) -> None:
        """Keep in memory no more than what is on disk."""
        for upload in list(self._open.values()):
            if not await self._on_disk(self._staging.is_known, upload.wish):
                await self._over(upload, "interrupted")

    async def _maybe_made(self, upload: _Upload) -> Made | None:
        raw = await self._on_disk(self._staging.maybe_done, upload.wish)
        return maybe_made(raw)

    async def _made(self, upload: _Upload, session: int) -> Made:
        """Have the base made. Raises why it was not; then nothing is left, unless it may be tried again."""
        try:
            async with self._one:
                self._check_open()
                if upload.cancelled:
                    raise NotFoundError("the upload was cancelled")
                await self._on_disk(upload.running.step, "checking")
                return await self._in_a_process(upload, session)
        except HPError as error:
            if not error.retry:
                await self._on_disk(self._staging.forget, upload.wish)
                await self._over(upload, "cancelled" if upload.cancelled else "failed", error)
            raise

    async def _in_a_process(self, upload: _Upload, session: int) -> Made:
        wish = upload.wish
        order = Order(
            str(self._staging.part(wish)), wish.bytes, wish.sha256, str(self._bases / f"{wish.base}.hpbase"),
            wish.base, str(self._staging.done(wish)), wish.reading, wish.of, wish.operation,
        )  # fmt: skip
        try:
            return await upload.receiver.make(
                order, lambda passed: self._told(Send(session, m.UploadProgress(upload.number, passed)))
            )
        except HPError:
            self._check_open()
            raise


def uploads_of(
    paths: Paths, settings: Settings, account: str, planning: Planning, told: Callable[[Send], None],
    takeovers: Takeovers,
) -> Uploads:  # fmt: skip
    """Take in what is sent to a planning of an account; what is imported becomes branches of the base it has."""
    bases = paths.bases / account
    staging = Staging(paths.uploads / account, bases, settings.uploads.quota_mib << 20)
    tasks = Tasks(paths.tasks / account)
    return Uploads(staging, bases, planning.name, told, takeovers, tasks=tasks, loaded=planning.base)
