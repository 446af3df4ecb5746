"""A base sent by an administrator to a planning in service: taken in, opened aside, put beside the others."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from unittest.mock import ANY

import msgspec
import pytest
import pytest_asyncio

from hpserver.base.changes import Create, decode_changes, update
from hpserver.base.epochs import line_of
from hpserver.client import PlanningSession
from hpserver.client.line import NEW
from hpserver.client.writing import an_operation
from hpserver.errors import (
    AlreadyExistsError,
    HPError,
    ImportRefusedError,
    InvalidChangeError,
    NotAllowedError,
    NotFoundError,
    QuotaExceededError,
)
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting.branches import look
from hpserver.hosting.exporting import epoch_of, read_moment
from hpserver.hosting.staging import UPLOADS_AT_ONCE
from hpserver.protocol import messages as m
from hpserver.protocol.limits import CHUNK_BYTES
from tests.exports.documents import a_history
from tests.house import ADMINISTRATOR, PATIENCE, READER, House, a_house
from tests.processes.ps import children

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

BOMB = b"".join(pack([b'{"line":"header"' + b" " * (1 << 20)] * 900))
"""Nine hundred mebibytes of nothing, in a few kilobytes."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for every test of this module."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest_asyncio.fixture
async def emile(house: House) -> AsyncIterator[PlanningSession]:
    """The administrator in planning01."""
    async with asyncio.timeout(3 * PATIENCE), house.inside(ADMINISTRATOR) as session:
        yield session


@pytest.fixture
def raw() -> bytes:
    """A document of a base with a history."""
    return b"".join(pack(lines(a_history())))


@pytest.fixture
def document(tmp_path: Path, raw: bytes) -> Path:
    """The same, on the administrator's machine."""
    path = tmp_path / "a.hpx"
    path.write_bytes(raw)
    return path


def left(house: House) -> list[str]:
    """Return what is left of uploads and half-made bases on the server's disk, and of processes that made them."""
    folder = house.paths.uploads / house.account.number
    answered = {file.stem for file in folder.glob("*.done")}
    staged = [file.name for file in folder.glob("*") if file.stem not in answered and file.name != ".lock"]
    hidden = [file.name for file in (house.paths.bases / house.account.number).glob(".*")]
    return sorted(staged) + hidden + [f"process {pid}" for pid in children(house.pid("planning01"))]


def a_wish(raw: bytes, base: str, **other: object) -> m.StartUpload:
    """Return what announces these bytes."""
    fields = {"bytes": len(raw), "sha256": hashlib.sha256(raw).digest(), "operation": an_operation(), **other}
    return m.StartUpload(NEW, 0, base, **fields)  # type: ignore[arg-type]  # fields of its types, by name


async def start(session: PlanningSession, wish: m.StartUpload) -> m.UploadReady:
    """Announce an upload."""
    return await session.ask(wish, m.UploadReady)


async def send(session: PlanningSession, upload: int, offset: int, data: bytes) -> int:
    """Send one piece; how many bytes are there now."""
    return (await session.ask(m.UploadChunk(NEW, 0, upload, offset, data), m.UploadReceived)).received


async def finish(session: PlanningSession, upload: int) -> m.Uploaded:
    """Have the base made."""
    return await session.ask(m.FinishUpload(NEW, 0, upload), m.Uploaded)


async def test_a_base_is_sent_and_is_there(house: House, emile: PlanningSession, document: Path, raw: bytes) -> None:
    """What an administrator sends is a base of the account, with its history and epochs of its own, loaded nowhere."""
    seen: list[tuple[int, int]] = []
    done = await emile.upload(document, "Envoyée", progress=lambda *how: seen.append(how))
    assert (done.base, done.revision, done.notes) == ("Envoyée", 4, ())
    assert seen[-1] == (len(raw), len(raw))
    path = house.paths.base(house.account.number, "Envoyée")
    others = {line_of(epoch_of(file)) for file in path.parent.glob("Base*.hpbase")}
    assert line_of(epoch_of(path)) not in others
    planning, revision = await read_moment(path)
    assert (planning, revision) == (a_history().planning, 4)
    assert done.counts == {kind: count for kind, count in planning.counts().items() if count}
    assert await emile.bases() == ("Base planning01", "Base planning02", "Envoyée")
    assert left(house) == []
    with pytest.raises(AlreadyExistsError):
        await emile.upload(document, "Envoyée")


async def test_a_file_of_another_program_is_seen_as_a_branch(
    house: House, emile: PlanningSession, tmp_path: Path
) -> None:  # fmt: skip
    """It is opened aside and told as changes of the base, which nobody touches and people go on editing."""
    table = tmp_path / "salles.csv"
    table.write_bytes(b"Nom;Capacite\nZ 1;30\n")
    assert emile.replica is not None
    before = emile.replica.revision
    done = await emile.upload(table, "Import", reading=m.Reading(table.name, kind="room"))
    assert (done.base, done.branch_of, done.revision, done.counts) == ("Import", "Base planning01", before, {"room": 1})
    (made,) = decode_changes(done.changes)
    assert isinstance(made, Create)
    folder = house.paths.bases / house.account.number
    assert [one.how for one in (await look(folder, "Import")).differences()] == ["created"]
    assert emile.replica.revision == before
    with pytest.raises(ImportRefusedError, match="line 1"):
        await emile.upload(table, "Autre", reading=m.Reading("a.fet"))
    assert left(house) == []
    assert "Autre" not in await emile.bases()
    for name in ("Import.hpbase", "Import.hpbase.origin"):
        (folder / name).unlink()


async def test_an_upload_goes_on_after_a_broken_line_and_a_killed_server(
    house: House, emile: PlanningSession, document: Path, raw: bytes
) -> None:
    """What was received is not sent again; the same operation gives the same answer, once."""
    wish = a_wish(raw, "Reprise")
    ready = await start(emile, wish)
    assert (ready.received, ready.chunk_bytes) == (0, CHUNK_BYTES)
    assert await send(emile, ready.upload, 0, raw[:100]) == 100
    assert (await start(emile, wish)).upload == ready.upload
    await asyncio.to_thread(house.kill, "planning01")
    again = await start(emile, wish)
    assert (again.received, again.upload != ready.upload) == (100, True)
    with pytest.raises(NotFoundError):
        await send(emile, ready.upload, 100, raw[100:])
    starts: list[tuple[int, int]] = []
    done = await emile.upload(document, "Reprise", operation=wish.operation, progress=lambda *how: starts.append(how))
    assert starts[0] == (100, len(raw))
    assert await emile.upload(document, "Reprise", operation=wish.operation) == msgspec.structs.replace(done, id=ANY)
    assert left(house) == []


async def test_a_cancelled_upload_leaves_nothing(house: House, emile: PlanningSession, document: Path) -> None:
    """Who changes their mind has taken no room."""
    ready = await start(emile, a_wish(b"x" * 9, "Annulée"))
    await send(emile, ready.upload, 0, b"x")
    await emile.ask(m.CancelUpload(NEW, 0, ready.upload), m.UploadCancelled)
    assert left(house) == []
    with pytest.raises(NotFoundError):
        await send(emile, ready.upload, 1, b"y")
    big = document.with_name("big.hpx")
    big.write_bytes(os.urandom(8 << 20))
    sending = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        one = group.create_task(emile.upload(big, "Annulée", progress=lambda *_: sending.set()))
        await sending.wait()
        one.cancel()
    assert one.cancelled()
    assert left(house) == []


@pytest.mark.parametrize("case", ["digest", "bomb", "missing", "noise", "sqlite"])
async def test_s05_a_hostile_upload_leaves_nothing(house: House, emile: PlanningSession, raw: bytes, case: str) -> None:
    """A wrong digest, a bomb, missing pieces, noise, a SQLite file: one clear error, no base, no file, no process."""
    if case == "sqlite":
        raw = await asyncio.to_thread(house.paths.base(house.account.number, "Base planning02").read_bytes)
    raw = {"bomb": BOMB, "noise": os.urandom(5000)}.get(case, raw)
    others: dict[str, dict[str, object]] = {"digest": {"sha256": bytes(32)}, "missing": {"bytes": len(raw) + 1}}
    ready = await start(emile, a_wish(raw, f"Hostile {case}", **others.get(case, {})))
    for offset in range(0, len(raw), CHUNK_BYTES):
        await send(emile, ready.upload, offset, raw[offset : offset + CHUNK_BYTES])
    with pytest.raises(ImportRefusedError):
        await finish(emile, ready.upload)
    assert f"Hostile {case}" not in await emile.bases()
    assert left(house) == []


async def test_s05_pieces_out_of_order_are_refused_and_said_where_to_go_on(
    house: House, emile: PlanningSession
) -> None:
    """A gap, a byte too many, a piece of somebody else's: nothing is written, and the upload goes on."""
    ready = await start(emile, a_wish(b"0123456789", "Désordre"))
    for offset, data in ((1, b"1"), (0, b"0123456789x"), (2**52, b"x")):
        with pytest.raises(InvalidChangeError) as refused:
            await send(emile, ready.upload, offset, data)
        assert refused.value.details["received"] == 0
    assert await send(emile, ready.upload, 0, b"01234") == 5
    assert await send(emile, ready.upload, 0, b"012") == 5
    with pytest.raises(InvalidChangeError):
        await send(emile, ready.upload, 3, b"345")
    with pytest.raises(NotFoundError):
        await send(emile, ready.upload + 1, 5, b"5")
    async with house.inside(ADMINISTRATOR, "planning02") as elsewhere:
        with pytest.raises(NotFoundError):
            await send(elsewhere, ready.upload, 5, b"5")
    await emile.ask(m.CancelUpload(NEW, 0, ready.upload), m.UploadCancelled)
    assert left(house) == []


async def test_s05_thousands_of_starts_leave_four_uploads_at_most(house: House, emile: PlanningSession) -> None:
    """Room is counted before the first byte; the same upload started again takes none."""
    ready: list[m.UploadReady] = []
    refused = 0
    for number in range(1000):
        try:
            ready.append(await start(emile, a_wish(b"x" * 10, f"Mille {number}")))
        except QuotaExceededError:
            refused += 1
    assert (len(ready), refused) == (UPLOADS_AT_ONCE, 1000 - UPLOADS_AT_ONCE)
    assert len(left(house)) == 2 * UPLOADS_AT_ONCE
    for one in ready:
        await emile.ask(m.CancelUpload(NEW, 0, one.upload), m.UploadCancelled)
    for size in (0, 1 << 40):
        with pytest.raises(QuotaExceededError):
            await start(emile, a_wish(b"", "Trop", bytes=size))
    assert left(house) == []


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", ".x", "", "x\0y", "a" * 61])
async def test_s05_a_name_leads_nowhere_else(house: House, emile: PlanningSession, name: str) -> None:
    """The name of a base is no path."""
    with pytest.raises(HPError) as refused:
        await start(emile, a_wish(b"x", name))
    assert type(refused.value).__name__ == "InvalidNameError"
    assert left(house) == []


async def test_only_administrators_bring_bases_in(house: House, document: Path) -> None:
    """Who edits a planning may import into branches of its base alone; who reads it, nothing."""
    for login, refusal in (("alice", NotFoundError), (READER, NotAllowedError)):
        async with asyncio.timeout(PATIENCE), house.inside(login) as session:
            with pytest.raises(NotAllowedError):
                await session.upload(document, "Volée")
            with pytest.raises(NotAllowedError):
                await session.bases()
            for request in (m.UploadChunk(NEW, 0, 1, 0, b"x"), m.FinishUpload(NEW, 0, 1), m.CancelUpload(NEW, 0, 1)):
                with pytest.raises(refusal):
                    await session.ask(request, m.Answer)
    async with house.inside(READER) as session:
        with pytest.raises(NotAllowedError):
            await session.upload(document, "Volée", reading=m.Reading("a.hpx"))
    assert left(house) == []


async def test_edits_go_on_while_a_base_is_opened(house: House, emile: PlanningSession, document: Path) -> None:
    """The work of a large upload is done by another process."""
    async with house.inside("alice") as alice, asyncio.TaskGroup() as group:
        sent = group.create_task(emile.upload(document, "Pendant"))
        edits = 0
        while not sent.done():
            await alice.edit([update("activity", 1, memo=f"pendant {edits}")])
            edits += 1
        assert edits > 3
    assert "Pendant" in await emile.bases()
