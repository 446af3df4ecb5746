"""A restore that is killed, and a backup that is: the base is the old one or the new one, never half of each."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpserver.base.changes import update
from hpserver.base.planning import Planning
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting.bases import create_base
from hpserver.hosting.editing import taken
from hpserver.hosting.exporting import put_back
from hpserver.hosting.sandbox import open_untrusted
from hpserver.planning.history import Done
from hpserver.planning.journal import write_body
from hpserver.store import rebuild
from tests.exports.documents import a_history
from tests.schools import a_school

pytestmark = pytest.mark.slow

WRITER = """
import asyncio, os, pathlib, sys
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import SqliteStore
async def main():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    epoch = await store.open()
    await store.commit(epoch, [JournalRow(1, epoch, bytes(16), 1, "ada", 1, bytes.fromhex(sys.argv[2]))])
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
"""The owner of a base, killed after it promised a transaction that is in the log alone."""

CALLS = ("link", "replace", "unlink", "fsync", "open", "close")
"""What writing a file durably is made of, in `os`: SQLite's own writes are under `test_power_loss`."""

VICTIM = """
import asyncio, os, pathlib, sys
from hpserver.hosting.exporting import export, put_back, write_whole
from hpserver.hosting.sandbox import open_untrusted
what, source, target, number = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
opened = asyncio.run(open_untrusted("document", source)) if what == "restore" else None
count = 0
def counted(call):
    def counting(*arguments, **named):
        global count
        count += 1
        if count == number:
            os.kill(os.getpid(), 9)
        return call(*arguments, **named)
    return counting
for name in sys.argv[5].split(","):
    setattr(os, name, counted(getattr(os, name)))
if what == "restore":
    put_back(target, "Base", opened, replace=True)
else:
    write_whole(target, [b"new " * 1000, b"and whole"])
print(count)
"""


def run(what: str, source: Path, target: Path, number: int) -> int:
    """Do it in a process that is killed before its call of that number; the calls it made, 0 when it was killed."""
    words = [sys.executable, "-I", "-c", VICTIM, what, str(source), str(target), str(number), ",".join(CALLS)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {0, -9}, done.stderr
    return int(done.stdout) if done.returncode == 0 else 0


def points(what: str, source: Path, target: Path) -> Iterator[int]:
    """Yield every call that there is to be killed before."""
    calls = run(what, source, target, 0)
    assert calls > 4
    yield from range(1, calls + 1)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The document that is restored."""
    path = tmp_path / "a.hpx"
    path.write_bytes(b"".join(pack(lines(a_history()))))
    return path


def base_in(path: Path) -> Planning:
    """Return the base as its next owner has it."""

    async def opened() -> Planning:
        async with taken(path) as base:
            return base.planning

    return asyncio.run(opened())


def an_old_base(path: Path) -> Planning:
    """Make a base whose owner was killed with its last transaction in the log alone; return what it holds."""
    asyncio.run(create_base(path, "Base", a_school(12)))
    planning = a_school(12)
    applied = planning.apply([update("activity", 1, memo="promised")])
    done = Done("ada", "ada/1", 1, 1, {}, merged=False, wish=bytes(32))
    body = write_body(applied, session=1, why="", done=done)
    subprocess.run([sys.executable, "-I", "-c", WRITER, str(path), body.hex()], check=False, timeout=60)
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    return planning


def copied(path: Path, folder: Path) -> Path:
    """Return a copy of a base and its log in a folder of its own."""
    folder.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        if file.suffix not in {".hpbase-shm", ".lock"}:
            shutil.copy(file, folder / file.name)
    return folder / path.name


def killed_after(words: list[str], seconds: float) -> None:
    """Run a program, and kill it when it is not done by then."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()


def test_s08_a_restore_killed_at_any_step_leaves_the_old_base_or_the_new(tmp_path: Path, document: Path) -> None:
    """Whatever is there opens, with everything of one of the two, all that was promised; the next restore does it."""
    old, new = an_old_base(tmp_path / "base.hpbase"), a_history().planning
    opened = asyncio.run(open_untrusted("document", document))
    seen: set[bool] = set()
    for number in points("restore", document, copied(tmp_path / "base.hpbase", tmp_path / "probe")):
        path = copied(tmp_path / "base.hpbase", tmp_path / f"at{number}")
        assert run("restore", document, path, number) == 0
        found = base_in(path)
        assert found in (old, new)
        seen.add(found == new)
        put_back(path, "Base", opened, replace=True)
        assert base_in(path) == new
        assert [file.name for file in path.parent.glob(".*")] == []
    assert seen == {False, True}


def test_s08_a_restore_killed_at_any_moment_leaves_the_old_base_or_the_new(tmp_path: Path, document: Path) -> None:
    """The same with a kill from outside, wherever it falls, within SQLite too."""
    path = tmp_path / "base.hpbase"
    old, new = an_old_base(path), a_history().planning
    words = [sys.executable, "-I", "-c", VICTIM, "restore", str(document), str(path), "0", "fsync"]
    for step in range(16):
        killed_after(words, 0.4 + step * 0.04)
        assert base_in(path) in (old, new)
    rebuild.forget_unfinished(path)
    assert [file.name for file in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("there", [True, False], ids=["over another", "new"])
def test_s08_a_file_killed_at_any_step_is_the_old_or_the_new(tmp_path: Path, document: Path, *, there: bool) -> None:
    """What bears the name of a backup is a whole one."""
    target, whole = tmp_path / "file", b"new " * 1000 + b"and whole"
    for number in points("write", document, tmp_path / "probe"):
        target.unlink(missing_ok=True)
        if there:
            target.write_bytes(b"old")
        assert run("write", document, target, number) == 0
        found = target.read_bytes() if target.exists() else None
        assert found in (b"old" if there else None, whole)


def test_s08_a_backup_killed_at_any_moment_is_whole_or_not_there(tmp_path: Path) -> None:
    """The document of a base, killed while it is written; the base is as it was."""
    path, out = tmp_path / "base.hpbase", tmp_path / "out.hpx"
    asyncio.run(create_base(path, "Base", a_school(300)))
    code = (
        "import asyncio, pathlib, sys\nfrom hpserver.hosting.exporting import export\n"
        "asyncio.run(export(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))"
    )
    for step in range(12):
        out.unlink(missing_ok=True)
        killed_after([sys.executable, "-I", "-c", code, str(path), str(out)], 0.2 + step * 0.05)
        if out.exists():
            assert asyncio.run(open_untrusted("document", out)).planning() == a_school(300)
    assert base_in(path) == a_school(300)
