"""A file sent through lines that break and servers that forget: each byte once where it belongs, one answer."""

import asyncio
import hashlib
from collections import deque
from pathlib import Path
from typing import TypeVar

import pytest

from hpserver.client import uploading as module
from hpserver.client.events import Events
from hpserver.client.uploading import TRIES, Uploading
from hpserver.errors import (
    AlreadyExistsError,
    BusyError,
    DeadlineExceededError,
    HPError,
    ImportRefusedError,
    InvalidChangeError,
    NotFoundError,
    StoreFullError,
)
from hpserver.protocol import messages as m
from hpserver.protocol.limits import CHUNK_BYTES, UPLOAD_WINDOW

A = TypeVar("A", bound=m.Answer)
DATA = bytes(range(256)) * 4 * 1024 * 2 + b"end"
"""Nine pieces."""


class Server(Uploading):
    """A session, and the server behind it: takes pieces as the real one does; `failures` happen one by one."""

    def __init__(self, *failures: HPError | None) -> None:
        self.failures = deque(failures)
        self.finishing: deque[HPError] = deque()
        self.kept = bytearray()
        self.said: list[m.Request] = []
        self.waiting = self.most = 0
        self.pushed = Events()

    def events(self) -> Events:
        """See `Uploading`."""
        return self.pushed

    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        self.said.append(request)
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await asyncio.sleep(0)
            answer = self.answer(request)
        finally:
            self.waiting -= 1
        assert isinstance(answer, answers)
        return answer

    def answer(self, request: m.Request) -> m.Answer:
        """Do what is asked."""
        match request:
            case m.StartUpload():
                return m.UploadReady(1, 9, CHUNK_BYTES, UPLOAD_WINDOW, len(self.kept))
            case m.UploadChunk():
                if self.failures and (error := self.failures.popleft()) is not None:
                    raise error
                if request.offset > len(self.kept):
                    raise InvalidChangeError("a gap", received=len(self.kept))
                self.kept[request.offset :] = request.data
                return m.UploadReceived(1, len(self.kept))
            case m.FinishUpload():
                self.pushed.put(m.UploadProgress(9, 1))
                if self.finishing:
                    raise self.finishing.popleft()
                return m.Uploaded(1, "Base", 3, {}, (), {})
            case m.CancelUpload():
                self.kept.clear()
                return m.UploadCancelled(1)
            case m.ListBases():
                return m.Bases(1, ("A", "B"))
        raise AssertionError(request)

    def starts(self) -> list[m.StartUpload]:
        """Return what was announced."""
        return [one for one in self.said if isinstance(one, m.StartUpload)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file; nobody waits between two tries."""
    monkeypatch.setattr(module, "pause", lambda *_: 0.0)
    (tmp_path / "a.hpx").write_bytes(DATA)
    return tmp_path / "a.hpx"


async def test_a_file_is_sent_in_pieces_a_few_ahead(file: Path) -> None:
    """No more wait than the server takes; what was received is told, and that it is being opened."""
    server, seen, opening = Server(), list[tuple[int, int]](), list[int]()
    server.pushed.put(m.UploadProgress(8, 5))
    done = await server.upload(file, "Base", progress=lambda *how: seen.append(how), opening=opening.append)
    assert (done.base, bytes(server.kept)) == ("Base", DATA)
    assert server.most <= UPLOAD_WINDOW
    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)
    [start] = server.starts()
    assert (start.bytes, start.sha256, start.base) == (len(DATA), hashlib.sha256(DATA).digest(), "Base")
    assert opening in ([], [1])


@pytest.mark.parametrize("error", [NotFoundError, BusyError, DeadlineExceededError, StoreFullError, InvalidChangeError])
async def test_a_piece_that_is_refused_is_sent_again_from_where_it_stopped(file: Path, error: type[HPError]) -> None:
    """The same upload, by its operation: what was received is not sent twice."""
    server = Server(None, None, error("now"), None, None, error("again"))
    await server.upload(file, "Base", operation=bytes(16))
    assert bytes(server.kept) == DATA
    assert {one.operation for one in server.starts()} == {bytes(16)}
    assert len(server.starts()) == 3


async def test_what_never_gets_better_is_told(file: Path) -> None:
    """A disk that stays full is somebody's to clear."""
    server = Server(*[StoreFullError("full")] * 1000)
    with pytest.raises(StoreFullError):
        await server.upload(file, "Base")
    assert len(server.starts()) == TRIES + 1


async def test_what_a_server_refuses_for_good_is_told_at_once(file: Path) -> None:
    """A name that is taken stays taken; a file that is none is not sent again."""
    for error in (AlreadyExistsError, ImportRefusedError):
        server = Server()
        server.finishing.append(error("no"))
        with pytest.raises(error):
            await server.upload(file, "Base")
        assert len(server.starts()) == 1


async def test_an_opening_that_takes_long_is_asked_for_again(file: Path) -> None:
    """The answer is that of the first time."""
    server = Server()
    server.finishing += [DeadlineExceededError("30 s"), DeadlineExceededError("60 s"), NotFoundError("restarted")]
    assert (await server.upload(file, "Base")).revision == 3
    assert len(server.starts()) == 2


async def test_a_call_that_is_cancelled_leaves_nothing_there(file: Path) -> None:
    """Ctrl+C gives the room back."""
    server = Server()
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(server.upload(file, "Base"))
        while len(server.kept) < CHUNK_BYTES:  # noqa: ASYNC110 - the server of a test tells nobody
            await asyncio.sleep(0)
        sending.cancel()
    assert sending.cancelled()
    assert isinstance(server.said[-1], m.CancelUpload)
    assert not server.kept


async def test_a_file_that_shrinks_is_noticed(file: Path) -> None:
    """What was announced cannot come any more."""
    server = Server()

    def shrink(received: int, _size: int) -> None:
        if received == 0:
            file.write_bytes(b"short")

    with pytest.raises(ImportRefusedError, match="shorter"):
        await server.upload(file, "Base", progress=shrink)


async def test_bases_are_listed() -> None:
    """What there is, by name."""
    assert await Server().bases() == ("A", "B")
