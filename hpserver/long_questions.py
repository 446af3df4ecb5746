"""Questions that search a base for long: answered one at a time, users in turn, and others are served in between.

A search occupies the loop, and with it everybody in the planning. Who asks for many at once waits for them; all others
wait for one at most, and after each the loop is theirs for as long as it took. Knows no base.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from hpserver.errors import BusyError, CancelledRequestError
from hpserver.net.dialogue import Dialogue
from hpserver.planning.fair_queue import FairQueue
from hpserver.protocol import messages as m
from hpserver.protocol.refusal import refusal

SEARCHES: Final = frozenset[type[m.Message]]({m.GetDiagnosis, m.GetRepairs, m.GetFreeRooms, m.GetReport})
"""What may take tens of milliseconds, or more in a large base."""


def maybe_long(message: m.Message) -> m.Request | None:
    """The question, if it may take long: a search, or what an edit would cause."""
    if isinstance(message, m.Transact):
        return message if message.dry_run else None
    return message if type(message) in SEARCHES and isinstance(message, m.Request) else None


class LongQuestions:
    """Hands each question to `hear` when it is its turn, unless nobody waits for the answer any more."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hear: Callable[[Dialogue, m.Message], None]) -> None:
        self._loop, self._hear = loop, hear
        self._queue = FairQueue[tuple[Dialogue, m.Request]]()
        self._under_way = False

    def ask(self, user: int, dialogue: Dialogue, question: m.Request) -> None:
        """Have it answered in its turn; refused at once when too many of that user wait."""
        try:
            self._queue.put(user, (dialogue, question))
        except BusyError as error:
            dialogue.answer(refusal(question.id, error))
        else:
            if not self._under_way:
                self._under_way = True
                self._loop.call_soon(self._next)

    def _next(self) -> None:
        began = self._loop.time()
        dialogue, question = self._queue.take()
        try:
            if not dialogue.link.is_open:
                return
            if dialogue.connection.is_wanted(question.id):
                self._hear(dialogue, question)
            else:
                dialogue.answer(refusal(question.id, CancelledRequestError("It was cancelled, or came too late.")))
        finally:
            self._under_way = bool(self._queue)
            if self._under_way:
                self._loop.call_later(self._loop.time() - began, self._next)
