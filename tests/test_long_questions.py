"""Questions that take long, over lines without a network; with real ones see processes/test_live_searches.py."""

import asyncio
from collections.abc import Sequence
from typing import cast

import msgspec

from hpserver.long_questions import LongQuestions, maybe_long
from hpserver.net.dialogue import Dialogue
from hpserver.planning.fair_queue import MOST_WAITING
from hpserver.protocol import messages as m
from tests.net.ends import until
from tests.net.test_dialogue import Line, inside
from tests.protocol.samples import CLIENT


class Planning:
    """Hears questions, and answers each with a report."""

    def __init__(self) -> None:
        self.heard: list[tuple[Dialogue, int]] = []
        self.questions = LongQuestions(asyncio.get_running_loop(), self._hear)

    def _hear(self, dialogue: Dialogue, message: m.Message) -> None:
        assert isinstance(message, m.GetReport)
        self.heard.append((dialogue, message.id))
        dialogue.answer(m.Report(message.id, 1, msgspec.Raw(b"\x90")))

    def ask(self, user: int, line: Line, questions: Sequence[m.GetReport]) -> None:
        """Have questions of a user answered in their turn."""
        for question in questions:
            self.questions.ask(user, line.dialogue, question)


async def arrived(line: Line, *numbers: int) -> list[m.GetReport]:
    """Say questions with these ids, and wait until the server has them."""
    before = len(line.heard_)
    line.write(*(m.GetReport(number, 0, 10) for number in numbers))
    await until(lambda: len(line.heard_) == before + len(numbers))
    return cast(list[m.GetReport], line.heard_[before:])


async def test_p04_others_are_served_between_two_of_them() -> None:
    """Whoever has something to do on the loop does it before the next question begins."""
    planning, line = Planning(), await inside()
    planning.ask(1, line, await arrived(line, *range(1, 21)))
    seen: list[int] = []
    while len(planning.heard) < 20:
        seen.append(len(planning.heard))
        await asyncio.sleep(0)
    assert sorted(set(seen)) == list(range(20))
    assert [number for _, number in planning.heard] == list(range(1, 21))


async def test_p04_one_question_of_another_user_waits_for_one() -> None:
    """Sixty questions of one user do not stand before the first of another."""
    planning, one, other = Planning(), await inside(), await inside()
    many, single = await arrived(one, *range(1, 61)), await arrived(other, 7)
    planning.ask(1, one, many)
    planning.ask(2, other, single)
    await until(lambda: len(planning.heard) == 61)
    assert planning.heard[:3] == [(one.dialogue, 1), (other.dialogue, 7), (one.dialogue, 2)]


async def test_what_nobody_waits_for_is_not_searched() -> None:
    """A cancelled question is answered so; one whose client is gone not at all."""
    planning, line, gone = Planning(), await inside(), await inside()
    planning.ask(1, gone, await arrived(gone, 1))
    gone.dialogue.close()
    cancelled = await arrived(line, 1)
    line.write(m.Cancel(1))
    await until(lambda: len(line.heard_) == 2)
    planning.ask(1, line, cancelled)
    await until(lambda: len(line.said()) == 3)
    told = line.said()[-1]
    assert isinstance(told, m.Failed)
    assert told.name == "CancelledRequestError"
    assert planning.heard == []
    planning.ask(1, line, await arrived(line, 2))
    await until(lambda: planning.heard == [(line.dialogue, 2)])


async def test_p04_too_many_of_one_user_are_refused_with_a_time() -> None:
    """From several connections, one user may ask more than may wait."""
    planning, one, two = Planning(), await inside(), await inside()
    many, more = await arrived(one, *range(1, MOST_WAITING)), await arrived(two, 1, 2)
    planning.ask(1, one, many)
    planning.ask(1, two, more)
    await until(lambda: len(two.said()) == 4)
    refused, answered = two.said()[2:]
    assert isinstance(refused, m.Failed)
    assert (refused.id, refused.name, refused.details) == (2, "BusyError", {"seconds": 1})
    assert (answered.__class__, len(planning.heard)) == (m.Report, MOST_WAITING)


def test_only_questions_wait() -> None:
    """What changes something keeps its order; a short question is answered at once."""
    edit = next(one for one in CLIENT if isinstance(one, m.Transact))
    tried, done = (msgspec.structs.replace(edit, dry_run=dry) for dry in (True, False))
    assert (maybe_long(tried), maybe_long(done)) == (tried, None)
    long = {type(one) for one in CLIENT if maybe_long(one) is not None}
    assert long - {m.Transact} == {m.GetDiagnosis, m.GetRepairs, m.GetFreeRooms, m.GetReport}
