"""Files of other programs on their way into a base that is there: all of them by one path, whatever they try."""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import structlog

from hpserver.base.changes import Create
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import ImportRefusedError
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting import sandbox
from hpserver.hosting.bases import create_base
from hpserver.hosting.importing import change_base
from hpserver.hosting.incoming import understood
from hpserver.hosting.past import peek_base
from hpserver.hosting.sandbox import open_table
from hpserver.imports.xlsx_write import write_xlsx
from hpserver.protocol.messages import Reading
from tests.exports.documents import a_history
from tests.hosting.hostile import Hostile, files
from tests.processes.ps import children
from tests.schools import a_school

pytestmark = pytest.mark.slow

ROOMS = [["Nom", "Capacité"], ["B 101", "30"], ["B 102", "40"]]
HOSTILE = files()


def reader_that(code: str) -> Sequence[str]:
    """Return a reader that does something else."""
    start = (
        "import os, sys, time\nfrom hpserver.hosting.confinement import Bounds, confine\nconfine(Bounds(2, 1 << 30))\n"
    )
    return (sys.executable, "-I", "-c", start + code)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_table_is_changes_of_any_base(form: str) -> None:
    """Read once behind walls; what is new has keys of the base it is asked about."""
    raw = write_xlsx(ROOMS, "Salles") if form == "xlsx" else "\n".join(map(";".join, ROOMS)).encode()
    plan = await understood(raw, Reading(f"a.{form}", kind="room"))
    base = a_school(12)
    changes, report = plan(base)
    assert [one.key for one in changes if isinstance(one, Create)] == [
        base.next_keys["room"],
        base.next_keys["room"] + 1,
    ]
    assert (report.source, report.counts["room"]) == (form, 2)
    assert plan(Planning(base.grid))[0] != changes
    base.apply(changes)
    assert plan(base)[0] == ()


async def test_a_document_of_a_base_is_changes_too() -> None:
    """Its objects come onto the base, by their names."""
    document = b"".join(pack(lines(a_history())))
    plan = await understood(document, Reading("a.hpx"))
    base = Planning(a_history().planning.grid)
    changes, report = plan(base)
    base.apply(changes)
    assert report.source == "hpx"
    assert base.counts()["activity"] == a_history().planning.counts()["activity"]


async def test_wrong_rows_keep_a_table_out_unless_told_otherwise() -> None:
    """Line and column of the first; `partial` takes the good ones, and tells the others."""
    raw = b"Nom,Capacite\nB 1,30\nB 2,many\n"
    with pytest.raises(ImportRefusedError, match="line 3, column 2"):
        (await understood(raw, Reading("a.csv", kind="room")))(a_school(12))
    changes, report = (await understood(raw, Reading("a.csv", kind="room", partial=True)))(a_school(12))
    assert len(changes) == 1
    assert report.notes


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
async def test_s05_a_file_made_to_do_harm_is_one_clear_error(hostile: Hostile) -> None:
    """Bombs, links, wrong encodings, rules without end: refused in words or read in bounds; the base stays."""
    base = a_school(12)
    before = encode_snapshot(base)
    try:
        changes, _ = (await understood(hostile.data(), Reading(hostile.name, 2026, hostile.kind)))(base)
        said = ""
        decode_snapshot(before).apply(changes)
    except ImportRefusedError as error:
        said = error.text
    assert re.search(hostile.why, said), said
    assert encode_snapshot(base) == before


async def test_s05_a_base_on_disk_is_as_it_was_after_each_of_them(tmp_path: Path) -> None:
    """Nothing is written of a file that is refused; nothing is left beside the base."""
    path = tmp_path / "Base.hpbase"
    await create_base(path, "Base", a_school(12))

    async def brought(hostile: Hostile) -> None:
        plan = await understood(hostile.data(), Reading(hostile.name, 2026, hostile.kind))
        await change_base(path, lambda base: plan(base)[0])

    for name in ("zip bomb", "entities, fet", "columns", "workbook bomb", "cut calendar", "NUL", "for ever"):
        with pytest.raises(ImportRefusedError):
            await brought(HOSTILE[name])
    async with peek_base(path) as peeked:
        assert (peeked.revision, peeked.planning) == (0, a_school(12))
    assert {name.partition(".hpbase")[0] for name in os.listdir(tmp_path)} == {"Base"}  # noqa: PTH208 - names alone


@pytest.mark.parametrize(
    ("code", "says", "seconds"),
    [
        ("while True: pass", "time or memory|could not be read in 4 s", 4),
        ("time.sleep(60)", "could not be read in 1 s", 1),
        ("os.abort()", "made to do harm", 60),
        ("bytearray(3 << 30)", "time or memory", 60),
        ("sys.stdout.buffer.write(b'\\x92\\x93\\xa4Rows\\xa3csv\\xc0\\x90')", "made to do harm", 60),
        ("sys.stdout.buffer.write(b'\\x92\\x93\\xa4Rows')", "made to do harm", 60),
    ],
    ids=["hang", "sleep", "killed", "memory", "no rows", "cut short"],
)
async def test_s05_a_reader_of_tables_that_is_taken_over_is_one_clear_error(code: str, says: str, seconds: int) -> None:
    """As every reader: a hang, a crash, a hog, a liar."""
    with pytest.raises(ImportRefusedError, match=says):
        await open_table(b"x", "a.csv", seconds=seconds, program=reader_that(code))


async def test_who_gives_up_leaves_no_process() -> None:
    """A cancel ends the reader, wherever it is."""
    before = set(children(os.getpid()))  # servers of other tests
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(
            open_table(b"x", "a.csv", program=(sys.executable, "-c", "import time; time.sleep(60)"))
        )
        while set(children(os.getpid())) <= before:  # noqa: ASYNC110 - a process starts, and tells nobody here
            await asyncio.sleep(0.01)
        reading.cancel()
    async with asyncio.timeout(60):  # the kernel takes a moment
        while not set(children(os.getpid())) <= before:  # noqa: ASYNC110 - same
            await asyncio.sleep(0.01)


async def test_s05_what_a_kernel_does_not_give_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other walls hold, and whoever runs the server can know."""
    told: list[object] = []
    sandbox._tell_missing.cache_clear()
    monkeypatch.setattr(sandbox.log, "warning", lambda event, **fields: told.append((event, fields)), raising=False)
    monkeypatch.setattr(structlog, "is_configured", lambda: True)
    for _ in range(2):
        sandbox._tell_missing(frozenset({"seccomp"}))
    sandbox._tell_missing(frozenset())
    assert told == [("sandbox.weakened", {"missing": ["seccomp"]})]
