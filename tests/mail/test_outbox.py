from pathlib import Path

import msgspec
import pytest

from hpserver.errors import BusyError
from hpserver.mail.letters import Letter
from hpserver.mail.outbox import LASTS, MAX_WAITING, MAX_WAITING_TO_ONE, Outbox, Tally, Waiting


def a_letter(number: int, to: str = "zoe@ecole.example") -> Letter:
    """One of many."""
    return Letter(to, "test", f"{number}", "text")


def test_a_letter_is_there_for_who_opens_the_folder_next(tmp_path: Path) -> None:
    """It survives the process that put it in; nobody else may read it."""
    Outbox(tmp_path / "box").put(a_letter(1), now=1.0)
    [one] = Outbox(tmp_path / "box").waiting()
    [file] = (tmp_path / "box").iterdir()
    assert (one.letter, file.stat().st_mode & 0o777) == (a_letter(1), 0o600)


def test_what_is_half_written_is_no_letter(tmp_path: Path) -> None:
    """A crash in the middle harms no other letter."""
    outbox = Outbox(tmp_path)
    outbox.put(a_letter(1), now=1.0)
    (tmp_path / "x.half").write_bytes(b"{")
    (tmp_path / "y.letter").write_bytes(b"{")
    assert len(outbox.waiting()) == 1


def test_nobody_is_sent_letters_without_end(tmp_path: Path) -> None:
    """So many wait to one address; the same letter waits once; others still get theirs."""
    outbox = Outbox(tmp_path)
    for number in range(MAX_WAITING_TO_ONE):
        assert outbox.put(a_letter(number), now=1.0) == outbox.put(a_letter(number), now=2.0)
    with pytest.raises(BusyError):
        outbox.put(a_letter(99), now=3.0)
    outbox.put(a_letter(99, "ada@ecole.example"), now=3.0)


def test_a_try_that_failed_waits_longer_each_time(tmp_path: Path) -> None:
    """A relay that is away is not hammered."""
    outbox = Outbox(tmp_path)
    outbox.put(a_letter(1), now=0.0)
    outbox.later(outbox.waiting()[0], now=0.0)
    outbox.later(outbox.waiting()[0], now=0.0)
    [one] = outbox.waiting()
    assert (one.due, one.tries) == (60.0, 2)
    outbox.remove(one)
    outbox.remove(one)
    assert outbox.waiting() == []


def test_an_outbox_holds_a_thousand_letters_and_no_more(tmp_path: Path) -> None:
    """A relay that is away for days fills no disk; one that leaves makes room for another."""
    outbox = Outbox(tmp_path)
    for number in range(MAX_WAITING):
        one = Waiting(f"{number:032x}", a_letter(number, f"u{number}@ecole.example"), 0.0, LASTS)
        (tmp_path / f"{one.key}.letter").write_bytes(msgspec.json.encode(one))
    with pytest.raises(BusyError):
        outbox.put(a_letter(1, "late@ecole.example"), now=1.0)
    outbox.remove(outbox.waiting()[0])
    outbox.put(a_letter(1, "late@ecole.example"), now=1.0)
    assert outbox.tally().waiting == MAX_WAITING


def test_an_operator_is_told_what_waits_and_since_when(tmp_path: Path) -> None:
    """An empty one, and one whose relay is away."""
    outbox = Outbox(tmp_path)
    assert outbox.tally() == Tally()
    outbox.put(a_letter(1), now=5.0)
    outbox.put(a_letter(2), now=7.0)
    for one in outbox.waiting():
        outbox.later(one, now=10.0)
    assert outbox.tally() == Tally(2, 2, oldest=5.0, next_try=40.0)
