"""Hostile files, opened in a process of their own: what they cost, and what is said of them."""

import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import ImportRefusedError
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting import sandbox
from hpserver.hosting.confinement import Bounds
from hpserver.hosting.sandbox import open_untrusted
from tests.exports.documents import a_history, written
from tests.schools import a_school

pytestmark = pytest.mark.slow

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//FR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260901T000000Z\r\n"
    b"DTSTART:20260901T080000Z\r\nDTEND:20260901T100000Z\r\nSUMMARY:Maths\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def reader_that(code: str, bounds: str = "Bounds(2, 1 << 30)") -> Sequence[str]:
    """Return a reader that does something else: what a flaw in ours could be made to do."""
    start = f"import os, sys, time\nfrom hpserver.hosting.confinement import Bounds, confine\nconfine({bounds})\n"
    return (sys.executable, "-I", "-c", start + code)


async def test_a_document_is_opened(tmp_path: Path) -> None:
    """A good file, from bytes or from disk, gives what it holds."""
    raw = b"".join(pack(lines(a_history())))
    path = tmp_path / "a.hpx"
    path.write_bytes(raw)
    for source in (raw, path):
        opened = await open_untrusted("document", source)
        assert encode_snapshot(opened.planning()) == encode_snapshot(a_history().planning)
        assert (opened.base, opened.revision, opened.epoch) == ("Année", 4, 3)
        assert [one.revision for one in opened.revisions] == [1, 2, 3, 4]


async def test_the_file_of_another_program_is_opened() -> None:
    """Every importer works behind the same walls."""
    opened = await open_untrusted("other", CALENDAR, name="a.ics", year=2026)
    assert opened.planning().counts()["activity"] == 1
    assert opened.report.source == "ics"
    zoned = CALENDAR.replace(b"DTSTART:", b"DTSTART;TZID=Europe/Paris:").replace(b"080000Z", b"080000")
    assert (await open_untrusted("other", b"\xef\xbb\xbf" + zoned, name="a", year=2026)).report.source == "ics"
    with pytest.raises(ImportRefusedError, match="not XML"):
        await open_untrusted("other", b"<fet version='6'><!DOCTYPE x></fet>", name="a.fet", year=2026)
    with pytest.raises(ImportRefusedError):
        await open_untrusted("other", b"\0\1\2", name="a.exe", year=2026)


async def test_s05_what_is_wrong_is_told_from_behind_the_walls() -> None:
    """The line and the column cross the pipe."""
    with pytest.raises(ImportRefusedError, match="within a line") as caught:
        await open_untrusted("document", written(a_school(12))[:-4])
    assert caught.value.details["line"]


@pytest.mark.parametrize("crowd", [1, 2])
async def test_s05_a_bomb_costs_nothing(crowd: int) -> None:
    """A gigabyte in a megabyte, of one line or of many, is a sentence."""
    filling = b" " * 1_000_000 if crowd == 1 else b'{"line":"song"}\n' * 60_000
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    header = written(a_school(2)).splitlines(keepends=True)[0]
    bomb = packer.compress(header) + b"".join(packer.compress(filling) for _ in range(120)) + packer.flush()
    with pytest.raises(ImportRefusedError):
        await open_untrusted("document", bomb, bounds=Bounds(cpu_seconds=20))


@pytest.mark.parametrize(
    ("code", "says", "seconds"),
    [
        ("while True: pass", "time or memory|could not be read in 4 s", 4),
        ("time.sleep(60)", "could not be read in 1 s", 1),
        ("os.kill(os.getpid(), 11)", "made to do harm", 60),
        ("bytearray(3 << 30)", "time or memory", 60),
        ("open('/etc/passwd')", "made to do harm", 60),
        ("import socket; socket.socket()", "made to do harm", 60),
        ("os.write(1, b'garbage')", "made to do harm", 60),
        ("os.write(1, bytes(1000)); os.fork() or time.sleep(60)", "could not be read|harm", 4),
    ],
    ids=["hang", "sleep", "crash", "memory", "file", "socket", "garbage", "orphan"],
)
async def test_s05_whatever_a_reader_is_made_to_do_is_one_clear_error(code: str, says: str, seconds: int) -> None:
    """A hang, a crash, a hog, a spy: the server goes on, and says so."""
    with pytest.raises(ImportRefusedError, match=says):
        await open_untrusted("document", b"x", seconds=seconds, program=reader_that(code))


async def test_s05_an_answer_without_end_is_stopped() -> None:
    """Even a reader that was taken over cannot fill our memory."""
    program = reader_that("while True: os.write(1, bytes(65536))", "Bounds(2, 1 << 30, 1 << 20)")
    with pytest.raises(ImportRefusedError, match="time or memory"):
        await open_untrusted("document", b"x", program=program)


async def test_s05_what_is_no_file_of_that_size_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory, a pipe or a giant is refused before anything is started."""
    monkeypatch.setattr(sandbox, "MAX_FILE", 10)
    for source in (tmp_path, Path("/dev/zero"), bytes(11)):
        with pytest.raises(ImportRefusedError, match="no file of at most 10 bytes"):
            await open_untrusted("document", source)
