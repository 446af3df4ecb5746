"""The audit log: what is in it stays as it was written, or is seen not to."""

import fcntl
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import CorruptBaseError, StoreFullError
from hpserver.store.audit import AuditLog

SECRET = b"p" * 32


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A log of five entries."""
    log = AuditLog(tmp_path / "audit.log", SECRET)
    for number in range(1, 6):
        log.append(1000 * number, "user.disabled", "ada", {"login": f"user{number}"})
    return log


def test_entries_come_back_in_order_and_page_by_page(log: AuditLog) -> None:
    """What was told is told again."""
    assert [one.number for one in log.read()] == [1, 2, 3, 4, 5]
    assert [one.about["login"] for one in log.read(after=2, limit=2)] == ["user3", "user4"]
    assert [one.number for one in log.latest(2)] == [4, 5]
    verdict = log.verify()
    assert (verdict.entries, verdict.broken) == (5, 0)


@given(
    texts=st.lists(st.integers(0, 9000), max_size=60),
    after=st.integers(0, 70),
    limit=st.integers(1, 70),
    kept=st.integers(0, 60),
)
def test_a_page_is_what_a_look_at_the_whole_log_gives(
    tmp_path_factory: pytest.TempPathFactory, texts: list[int], after: int, limit: int, kept: int
) -> None:
    """Wherever it begins, however long the lines, after a beginning that was forgotten and before a torn end."""
    file = tmp_path_factory.mktemp("log") / "audit.log"
    log = AuditLog(file, SECRET)
    for number, size in enumerate(texts):
        log.append(number, "user.disabled", "ada", {"login": "x" * size})
    forgotten = log.prune(before=kept)
    with file.open("ab") as opened:
        opened.write(b'{"seal":"00')
    numbers = range(forgotten + 1, len(texts) + 1)
    assert [one.number for one in log.read(after, limit)] == [one for one in numbers if one > after][:limit]
    assert [one.number for one in log.latest(limit)] == list(numbers)[-limit:]


def test_a_page_reads_what_is_on_it_and_not_the_whole_log(tmp_path: Path) -> None:
    """A line in the middle that cannot be read stops who comes to it, and nobody else."""
    file = tmp_path / "audit.log"
    log = AuditLog(file, SECRET)
    for number in range(100):
        log.append(number, "user.disabled", "ada", {"login": "x" * 8000})
    written = bytearray(file.read_bytes())
    written[written.index(b'"number":30,')] = 0
    file.write_bytes(written)
    assert [one.number for one in log.latest(3)] == [98, 99, 100]
    assert [one.number for one in log.read(90, 3)] == [91, 92, 93]
    with pytest.raises(CorruptBaseError):
        log.read(28, 3)


def test_another_process_goes_on_where_this_one_stopped(log: AuditLog, tmp_path: Path) -> None:
    """The file is the truth, not the memory of who wrote last."""
    other = AuditLog(tmp_path / "audit.log", SECRET)
    assert other.append(9000, "session.closed", "operator", {}).number == 6
    assert log.append(9001, "session.closed", "operator", {}, "failed").number == 7
    assert log.verify().broken == 0


@given(where=st.integers(0, 10_000), flipped=st.integers(1, 255))
def test_a_changed_byte_is_seen(tmp_path_factory: pytest.TempPathFactory, where: int, flipped: int) -> None:
    """Whatever is changed in the file, the check says so; at worst the last line counts as one of a power cut."""
    file = tmp_path_factory.mktemp("log") / "audit.log"
    log = AuditLog(file, SECRET)
    for number in range(3):
        log.append(number, "user.disabled", "ada", {"login": "zoe"})
    written = bytearray(file.read_bytes())
    written[where % len(written)] ^= flipped
    file.write_bytes(written)
    assert log.verify().broken


@pytest.mark.parametrize("missing", range(5))
def test_a_line_left_out_is_seen_even_the_last(log: AuditLog, tmp_path: Path, missing: int) -> None:
    """An attacker with the file and without the key cannot make an event not have been."""
    file = tmp_path / "audit.log"
    lines = file.read_bytes().splitlines(keepends=True)
    del lines[missing]
    file.write_bytes(b"".join(lines))
    assert log.verify().broken == missing + 1


def test_a_log_of_another_key_is_not_ours(log: AuditLog, tmp_path: Path) -> None:
    """A whole log made up elsewhere is seen."""
    assert log.verify().broken == 0
    assert AuditLog(tmp_path / "audit.log", b"q" * 32).verify().broken == 1


def test_what_a_power_cut_left_of_a_line_is_cut_off(log: AuditLog, tmp_path: Path) -> None:
    """Nobody was told that it is there; the log goes on with the next number."""
    file = tmp_path / "audit.log"
    with file.open("ab") as opened:
        opened.write(b'{"seal":"00')
    assert [one.number for one in log.read()] == [1, 2, 3, 4, 5]
    assert log.append(6000, "user.disabled", "ada", {}).number == 6
    assert log.verify().broken == 0


def test_old_entries_are_forgotten_and_the_rest_still_vouched_for(log: AuditLog) -> None:
    """Personal data is not kept for ever; what stays is as trustworthy as before."""
    assert log.prune(before=3500) == 3
    assert [one.number for one in log.read()] == [4, 5]
    assert log.append(6000, "user.disabled", "ada", {}).number == 6
    assert (log.verify().entries, log.verify().broken) == (3, 0)
    assert log.prune(before=100_000) == 2
    assert [one.number for one in log.read()] == [6]
    assert log.append(7000, "user.disabled", "ada", {}).number == 7
    assert log.verify().broken == 0


@given(moments=st.lists(st.integers(0, 9), min_size=1, max_size=9), before=st.integers(0, 10))
def test_s07_forgetting_holds_whatever_the_clock_did(
    tmp_path_factory: pytest.TempPathFactory, moments: list[int], before: int
) -> None:
    """Set back or ahead: what stays is whole, and nothing is forgotten that says it is young."""
    log = AuditLog(tmp_path_factory.mktemp("log") / "audit.log", SECRET)
    for at in moments:
        log.append(at, "user.disabled", "ada", {})
    gone = log.prune(before)
    assert all(at < before for at in moments[:gone])
    assert gone == len(moments) - 1 or moments[gone] >= before
    assert [one.number for one in log.read()] == list(range(gone + 1, len(moments) + 1))
    log.append(0, "user.disabled", "ada", {})
    assert log.verify().broken == 0


def test_a_beginning_cannot_be_made_up(log: AuditLog, tmp_path: Path) -> None:
    """Cutting off the first lines by hand is seen, with or without the beginning of an earlier day."""
    log.prune(before=2500)
    file = tmp_path / "audit.log"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert log.verify().broken
    file.write_bytes(b"".join([*lines[1:]]))
    assert log.verify().broken == 1
    file.write_bytes(b"".join([*lines, lines[0]]))
    assert log.verify().broken


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """A new installation has nothing to tell."""
    log = AuditLog(tmp_path / "audit.log", SECRET)
    assert (log.read(), log.latest(), log.verify().entries, log.prune(10)) == ([], [], 0, 0)


def test_where_nothing_can_be_written_nothing_is_done(tmp_path: Path) -> None:
    """The caller is told before it acts."""
    log = AuditLog(tmp_path / "missing" / "audit.log", SECRET)
    with pytest.raises(StoreFullError):
        log.append(1, "user.disabled", "ada", {})
    with pytest.raises(StoreFullError):
        AuditLog(tmp_path / "audit.log", SECRET).append(1, "user.disabled", "ada", {"login": "x" * 20_000})
    assert AuditLog(tmp_path / "audit.log", SECRET).verify().entries == 0


def test_a_last_line_that_is_not_ours_stops_the_log(log: AuditLog, tmp_path: Path) -> None:
    """Going on after it would vouch for it."""
    with (tmp_path / "audit.log").open("ab") as opened:
        opened.write(b"nothing of ours\n")
    with pytest.raises(CorruptBaseError):
        log.append(6000, "user.disabled", "ada", {})
    assert log.verify().broken == 6


@pytest.mark.slow
def test_processes_that_write_at_once_leave_no_gap(tmp_path: Path) -> None:
    """The controller and a command may audit at the same moment."""
    program = (
        "import sys; from pathlib import Path; from hpserver.store.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]), b'p' * 32)\n"
        "for number in range(50): log.append(number, 'user.disabled', sys.argv[2], {})"
    )
    file = tmp_path / "audit.log"
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(file), name], env=os.environ | {"PYTHONPATH": "."})
        for name in ("ada", "bob", "zoe")
    ]
    assert [one.wait() for one in writers] == [0, 0, 0]
    log = AuditLog(file, SECRET)
    assert (log.verify().entries, log.verify().broken) == (150, 0)


def test_lines_cut_off_the_end_stay_missed_when_the_log_goes_on(log: AuditLog, tmp_path: Path) -> None:
    """Who cuts off the last events and makes another one has not hidden that there were some."""
    file = tmp_path / "audit.log"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:3]))
    assert log.append(9000, "session.closed", "ada", {}).number == 6
    assert log.verify().why == "an entry is missing"
    file.unlink()
    assert log.append(9001, "session.closed", "ada", {}).number == 7
    assert log.verify().broken


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this kernel does not say who waits for a lock")
def test_who_prunes_a_file_that_was_just_pruned_prunes_the_new_one(log: AuditLog, tmp_path: Path) -> None:
    """Two processes that prune at once lose nothing that is written in between: the lock is on the file that is."""
    file, other = tmp_path / "audit.log", AuditLog(tmp_path / "audit.log", SECRET)
    with file.open("rb") as before, ThreadPoolExecutor(1) as pool:
        fcntl.flock(before, fcntl.LOCK_EX)
        waiting = pool.submit(other.prune, 3000)
        while not (first := waited_for()):
            pass
        Path(shutil.copy(file, tmp_path / "copy")).replace(file)
        with file.open("rb") as now:
            fcntl.flock(now, fcntl.LOCK_EX)
            fcntl.flock(before, fcntl.LOCK_UN)
            while waited_for() in {"", first} and not waiting.done():
                pass
            assert not waiting.done()
        assert waiting.result() == 2
    assert log.verify().broken == 0


def waited_for() -> str:
    """Return which file this process waits to lock, as the kernel calls it; nothing while it waits for none."""
    lines = (line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines())
    return next((words[6] for words in lines if words[1] == "->" and words[5] == str(os.getpid())), "")
