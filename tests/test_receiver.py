"""The process that makes a base of an upload: what it checks, and what a kill at any moment leaves."""

import hashlib
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from hpserver.base.changes import decode_changes
from hpserver.errors import AlreadyExistsError, HPError, ImportRefusedError
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting.bases import create_base
from hpserver.hosting.branches import look
from hpserver.hosting.exporting import epoch_of, read_moment
from hpserver.hosting.receiving import Made, NotMade, Order
from hpserver.protocol.messages import Reading
from hpserver.receiver import receive
from tests.exports.documents import a_history
from tests.schools import a_school

pytestmark = pytest.mark.slow

RAW = b"".join(pack(lines(a_history())))
PROGRAM = (sys.executable, "-I", "-m", "hpserver.receiver")


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """A document that came whole."""
    (tmp_path / "bases").mkdir()
    (tmp_path / "x.part").write_bytes(RAW)
    path, done = tmp_path / "bases" / "Neuve.hpbase", tmp_path / "x.done"
    return Order(str(tmp_path / "x.part"), len(RAW), hashlib.sha256(RAW).hexdigest(), str(path), "Neuve", str(done))


def run(order: Order) -> Made | NotMade:
    """Run the process as a planning server does."""
    told = subprocess.run([*PROGRAM, msgspec.json.encode(order)], capture_output=True, check=True, env={}, timeout=60)
    return msgspec.json.decode(told.stdout, type=Made | NotMade)


async def test_a_base_is_made_above_every_epoch(order: Order, tmp_path: Path) -> None:
    """With its history, and the answer is kept for who asks again; the bytes are gone."""
    await create_base(tmp_path / "bases" / "Autre.hpbase", "Autre", a_school(12))
    made = await receive(order)
    assert (made.revision, made.notes) == (4, ())
    planning, revision = await read_moment(Path(order.path))
    assert (planning, revision) == (a_history().planning, 4)
    assert epoch_of(Path(order.path)) > 3
    assert msgspec.json.decode((tmp_path / "x.done").read_bytes(), type=Made) == made
    assert not (tmp_path / "x.part").exists()


async def test_a_base_that_was_put_there_before_a_kill_is_the_answer(order: Order, tmp_path: Path) -> None:
    """Killed between the base and the answer, it says the same the second time; another base is never replaced."""
    first = await receive(order)
    (tmp_path / "x.done").unlink()
    (tmp_path / "x.part").write_bytes(RAW)
    assert await receive(order) == first
    await create_base(tmp_path / "bases" / "Autre.hpbase", "Autre", a_school(12))
    (tmp_path / "x.part").write_bytes(RAW)
    with pytest.raises(AlreadyExistsError):
        await receive(msgspec.structs.replace(order, path=str(tmp_path / "bases" / "Autre.hpbase")))
    assert (await read_moment(tmp_path / "bases" / "Autre.hpbase"))[0] == a_school(12)


ROOMS = b"Nom;Capacite\nB 101;30\nB 102;40\n"


@pytest_asyncio.fixture
async def table(order: Order, tmp_path: Path) -> Order:
    """A table that came whole, for a branch of a base that is there."""
    await create_base(tmp_path / "bases" / "Base.hpbase", "Base", a_school(12))
    (tmp_path / "x.part").write_bytes(ROOMS)
    changed = {"bytes": len(ROOMS), "sha256": hashlib.sha256(ROOMS).hexdigest(), "of": "Base", "operation": "12ab"}
    return msgspec.structs.replace(order, reading=Reading("salles.csv", kind="room"), **changed)


async def test_the_file_of_another_program_is_a_branch(table: Order, tmp_path: Path) -> None:
    """What it changes is done there and told; the base is as it was."""
    made = await receive(table)
    assert (made.branch_of, made.revision, made.counts, made.changed) == ("Base", 0, {"room": 2}, ())
    work = await look(tmp_path / "bases", "Neuve")
    assert {(one.how, one.kind) for one in work.differences()} == {("created", "room")}
    assert decode_changes(made.changes) == work.rebased().changes
    assert work.current == a_school(12)
    assert not (tmp_path / "x.part").exists()


async def test_a_branch_that_was_made_before_a_kill_is_the_answer(table: Order, tmp_path: Path) -> None:
    """The same upload finds what it made; another one never replaces it."""
    first = await receive(table)
    (tmp_path / "x.part").write_bytes(ROOMS)
    assert await receive(table) == first
    (tmp_path / "x.part").write_bytes(ROOMS)
    with pytest.raises(AlreadyExistsError):
        await receive(msgspec.structs.replace(table, operation="cd34"))
    assert len((await look(tmp_path / "bases", "Neuve")).differences()) == 2


async def test_s05_a_file_that_is_refused_leaves_no_branch(table: Order, tmp_path: Path) -> None:
    """With its line and column; the base and the folder are as they were."""
    raw = ROOMS + b"B 103;many\n"
    (tmp_path / "x.part").write_bytes(raw)
    with pytest.raises(ImportRefusedError, match="line 4, column 2"):
        await receive(msgspec.structs.replace(table, bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest()))
    assert not list((tmp_path / "bases").glob("*Neuve*"))
    assert (await read_moment(tmp_path / "bases" / "Base.hpbase")) == (a_school(12), 0)


@pytest.mark.parametrize("other", [{"bytes": 1}, {"sha256": "00" * 32}], ids=["bytes", "digest"])
def test_s05_what_is_not_what_was_announced_is_not_opened(order: Order, other: dict[str, object]) -> None:
    """The digest is checked before anything reads the file."""
    told = run(msgspec.structs.replace(order, **other))
    assert isinstance(told, NotMade)
    assert HPError.by_code[told.code] is ImportRefusedError
    assert not Path(order.path).exists()


def test_s05_a_process_killed_at_any_moment_leaves_a_whole_base_or_none(order: Order, tmp_path: Path) -> None:
    """The same order again ends with the base, whenever the first was killed."""
    seconds = [0.05 * step for step in range(1, 24)]
    for number, delay in enumerate(seconds):
        path = tmp_path / "bases" / f"N{number}.hpbase"
        one = msgspec.structs.replace(order, path=str(path), name=f"N{number}", done=str(tmp_path / f"{number}.done"))
        Path(order.part).write_bytes(RAW)
        with subprocess.Popen([*PROGRAM, msgspec.json.encode(one)], stdout=subprocess.DEVNULL, env={}) as child:
            _wait_or_kill(child, delay)
        if not Path(one.done).exists():
            Path(order.part).write_bytes(RAW)
            assert isinstance(run(one), Made)
        assert epoch_of(path) > 0
    assert not list((tmp_path / "bases").glob(".*.new*"))


def _wait_or_kill(child: "subprocess.Popen[bytes]", delay: float) -> None:
    try:
        child.wait(delay)
    except subprocess.TimeoutExpired:
        child.kill()
