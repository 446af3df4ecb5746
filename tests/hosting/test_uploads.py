"""Uploads taken in by a planning server: what each request does, and what a process that fails leaves."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hpserver.config import Paths, Settings
from hpserver.directory.model import Planning
from hpserver.errors import GoingAwayError, HPError
from hpserver.hosting import aside, receiving
from hpserver.hosting.staging import Staging
from hpserver.hosting.takeover import Takeovers
from hpserver.hosting.tasks import Tasks
from hpserver.hosting.uploads import Uploads, uploads_of
from hpserver.planning.effects import Receive, Send
from hpserver.protocol import messages as m
from hpserver.protocol.limits import UPLOAD_WINDOW

pytestmark = pytest.mark.slow

DATA = b"0123456789"
MADE = b'{"type":"made","revision":1,"counts":{},"notes":[],"noted":{}}'


class Place:
    """An account without bases, and the uploads into one of its plannings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[Send] = []
        self.made: list[Uploads] = []
        (folder / "bases").mkdir()

    def uploads(self, code: str = f"print({MADE.decode()!r})") -> Uploads:
        """Return uploads whose files are opened by that Python instead."""
        staging = Staging(self.folder / "uploads", self.folder / "bases", 1 << 20)
        program = (sys.executable, "-I", "-c", code)
        bases = self.folder / "bases"
        takeovers = Takeovers(bases / "Base.hpbase")
        tasks = Tasks(self.folder / "tasks")
        self.made.append(
            Uploads(staging, bases, "planning01", self.told.append, takeovers, tasks=tasks, program=program)
        )
        return self.made[-1]

    def files(self) -> list[str]:
        """Return what is left on the disk."""
        return sorted(file.suffix for file in (self.folder / "uploads").glob("*") if file.name != ".lock")


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A place, tidied up in the end."""
    place = Place(tmp_path)
    yield place
    for uploads in place.made:
        uploads.close()
        uploads.close()


async def ask(uploads: Uploads, request: m.Request, user: int = 7) -> m.Message:
    """Carry out a request of session 3."""
    sent = await uploads.carry_out(Receive(3, user, request))
    assert sent.session == 3
    return sent.message


async def started(uploads: Uploads, operation: int = 1) -> int:
    """Start an upload and send all of it; its number."""
    wish = m.StartUpload(1, 0, "Base", len(DATA), hashlib.sha256(DATA).digest(), operation.to_bytes(16))
    ready = await ask(uploads, wish)
    assert isinstance(ready, m.UploadReady)
    assert await ask(uploads, m.UploadChunk(2, 0, ready.upload, 0, DATA)) == m.UploadReceived(2, len(DATA))
    return ready.upload


def refused(answer: m.Message, name: str) -> bool:
    """Say whether that is the refusal of that name."""
    return isinstance(answer, m.Failed) and answer.name == name


async def test_what_the_process_says_is_the_answer(place: Place) -> None:
    """The number is forgotten with the answer; another user's number is nobody's."""
    uploads = place.uploads()
    number = await started(uploads)
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number), user=8), "NotFoundError")
    assert refused(await ask(uploads, m.CancelUpload(3, 0, number), user=8), "NotFoundError")
    assert await ask(uploads, m.FinishUpload(3, 0, number)) == m.Uploaded(3, "Base", 1, {}, (), {})
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number)), "NotFoundError")
    assert await ask(uploads, m.ListBases(4, 0)) == m.Bases(4, ())


async def test_an_upload_said_many_times_at_once_is_one(place: Place) -> None:
    """One number, one task: who ends it leaves nothing open."""
    uploads = place.uploads()
    wish = m.StartUpload(1, 0, "Base", len(DATA), hashlib.sha256(DATA).digest(), bytes(16))
    told = await asyncio.gather(*(ask(uploads, wish) for _ in range(5)))
    assert len({one.upload for one in told if isinstance(one, m.UploadReady)}) == len(uploads._open) == 1
    [number] = uploads._open
    await ask(uploads, m.CancelUpload(2, 0, number))
    assert not uploads._open


@pytest.mark.parametrize(
    "code", ["import os; os.kill(os.getpid(), 9)", "print('nonsense')", "raise SystemExit(1)", "print('x' * 100000)"]
)
async def test_s05_a_process_that_fails_is_a_refusal_and_leaves_nothing(place: Place, code: str) -> None:
    """Whatever a file does to who opens it, the planning goes on."""
    uploads = place.uploads(code)
    number = await started(uploads)
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number)), "ImportRefusedError")
    assert place.files() == []
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number)), "NotFoundError")


async def test_an_error_that_may_pass_keeps_the_bytes(place: Place) -> None:
    """After a full disk the upload is finished, not sent again; after an error that stays, nothing is left."""
    full = '{"type":"not made","code":1283,"text":"full","details":{"left":1}}'
    number = await started(uploads := place.uploads(f"print({full!r})"))
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number)), "StoreFullError")
    assert place.files() == [".part", ".wish"]
    number = await started(uploads := place.uploads(f"print({full.replace('1283', '770')!r})"))
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number)), "AlreadyExistsError")
    assert place.files() == []


async def test_who_waits_is_told_that_it_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large base takes seconds: nobody looks at nothing; beyond the limit it ends."""
    monkeypatch.setattr(aside, "PROGRESS_SECONDS", 0.02)
    monkeypatch.setattr(receiving, "FINISH_SECONDS", 0.2)
    uploads = place.uploads("import time; time.sleep(60)")
    number = await started(uploads)
    assert refused(await ask(uploads, m.FinishUpload(3, 0, number)), "ImportRefusedError")
    assert place.told[0] == Send(3, m.UploadProgress(number, 0))
    assert place.files() == []


async def test_a_cancel_ends_what_is_under_way(place: Place) -> None:
    """The process is gone, and so are the bytes."""
    uploads = place.uploads("import time; time.sleep(60)")
    number = await started(uploads)
    async with asyncio.TaskGroup() as group:
        finishing = group.create_task(ask(uploads, m.FinishUpload(3, 0, number)))
        while uploads._open[number].receiver._aside._child is None:  # noqa: ASYNC110 - a process starts, and tells nobody here
            await asyncio.sleep(0)
        assert await ask(uploads, m.CancelUpload(4, 0, number)) == m.UploadCancelled(4)
    assert isinstance(finishing.result(), m.Failed)
    assert place.files() == []
    assert uploads._open == {}


async def test_a_server_that_leaves_keeps_the_bytes(place: Place) -> None:
    """The next one goes on; who asks meanwhile is told to come back."""
    uploads = place.uploads("import time; time.sleep(60)")
    number = await started(uploads)
    async with asyncio.TaskGroup() as group:
        finishing = group.create_task(ask(uploads, m.FinishUpload(3, 0, number)))
        while uploads._open[number].receiver._aside._child is None:  # noqa: ASYNC110 - a process starts, and tells nobody here
            await asyncio.sleep(0)
        uploads.close()
    assert refused(finishing.result(), GoingAwayError.__name__)
    assert refused(await ask(uploads, m.ListBases(1, 0)), GoingAwayError.__name__)
    assert place.files() == [".part", ".wish"]
    assert await ask(again := place.uploads(), m.FinishUpload(1, 0, await started(again))) is not None


async def test_s05_no_more_than_a_window_of_pieces_waits(place: Place) -> None:
    """What a client pours in faster than the disk takes it is refused, not kept in memory."""
    uploads = place.uploads()
    number = await started(uploads)
    answers = await asyncio.gather(*(ask(uploads, m.UploadChunk(2, 0, number, 0, DATA)) for _ in range(64)))
    assert sum(isinstance(one, m.UploadReceived) for one in answers) == UPLOAD_WINDOW
    assert sum(refused(one, "BusyError") for one in answers) == 64 - UPLOAD_WINDOW


async def test_s05_numbers_are_kept_for_what_is_on_the_disk(place: Place) -> None:
    """Whatever was forgotten on the disk is forgotten in memory at the next start."""
    uploads = place.uploads()
    for operation in range(20):
        number = await started(uploads, operation)
        uploads._staging.forget(uploads._open[number].wish)
    assert len(uploads._open) == 1
    await uploads.expire()
    await uploads.expire()


async def test_uploads_are_where_the_installation_says(tmp_path: Path) -> None:
    """Each account has its folder, and its quota from the settings."""
    paths = Paths(tmp_path, tmp_path / "run")
    planning = Planning(account="123456789012", name="planning01", publication_name="a", port=21201, base="Base")
    takeovers = Takeovers(paths.base("123456789012", "Base"))
    uploads = uploads_of(paths, Settings(), "123456789012", planning, lambda _: None, takeovers)
    await started(uploads)
    assert len(list((tmp_path / "uploads" / "123456789012").glob("*.part"))) == 1
    uploads.close()
    assert issubclass(GoingAwayError, HPError)


def ends(place: Place) -> list[tuple[str, str, int]]:
    """Return how the uploads that are told of go: kind, state and user."""
    return [(one.kind, one.state, one.user) for one in Tasks(place.folder / "tasks").listed()]


async def test_an_upload_is_told_of_to_its_end(place: Place) -> None:
    """Made, refused, given up, left when the server leaves: with whose it is."""
    uploads = place.uploads()
    number = await started(uploads)
    assert ends(place) == [("bases.upload", "running", 7)]
    await ask(uploads, m.FinishUpload(3, 0, number))
    number = await started(uploads, 2)
    await ask(uploads, m.CancelUpload(3, 0, number))
    refusing = place.uploads("print('nonsense')")
    await ask(refusing, m.FinishUpload(3, 0, await started(refusing, 3)))
    await started(refusing, 4)
    refusing.close()
    assert [state for _, state, _ in ends(place)] == ["interrupted", "failed", "cancelled", "done"]


async def test_an_upload_is_cancelled_from_elsewhere(place: Place) -> None:
    """While bytes come, and while the base is made; nothing of it is left, and who sends is told so."""
    uploads = place.uploads("import time; time.sleep(60)")
    tasks = Tasks(place.folder / "tasks")
    for operation in (1, 2):
        number = await started(uploads, operation)
        async with asyncio.TaskGroup() as group:
            if operation == 2:
                finishing = group.create_task(ask(uploads, m.FinishUpload(3, 0, number)))
                while uploads._open[number].receiver._aside._child is None:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0)
            tasks.cancel(tasks.listed()[0])
            await uploads.expire()
        assert place.files() == []
        assert ends(place)[0] == ("bases.upload", "cancelled", 7)
        assert refused(await ask(uploads, m.UploadChunk(5, 0, number, 0, DATA)), "NotFoundError")
    assert isinstance(finishing.result(), m.Failed)
