"""CPU time of the base and its questions without any network. Prints microseconds; judges nothing.

Run with `python -m bench.alone`.
"""

import time
from collections.abc import Callable

from bench import school
from hpserver.base.changes import decode_changes
from hpserver.planning.queries import Answers
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_client
from hpserver.protocol.frames import HEADER_BYTES

PASSES = 7
COUNT = 64


def best(work: Callable[[], object], times: int) -> float:
    """Return the microseconds of one of `times` in the best pass."""
    spent = []
    for _ in range(PASSES):
        began = time.thread_time()
        work()
        spent.append((time.thread_time() - began) / times * 1e6)
    return min(spent)


def main() -> None:
    """Print the table."""
    planning = school.base()
    answers = Answers(planning)
    questions = [decode_from_client(one.request[HEADER_BYTES:]) for one in school.questions(planning, COUNT)]
    edits = [decode_from_client(one.request[HEADER_BYTES:]) for one in school.edits(planning, COUNT)]

    def ask() -> None:
        for question in questions:
            assert isinstance(question, m.GetTimetable)
            answers.answer(1, question)

    def ask_anew() -> None:
        for question in questions:
            assert isinstance(question, m.GetTimetable)
            answers.forget()
            answers.answer(1, question)

    def edit() -> None:
        for wish in edits:
            assert isinstance(wish, m.Transact)
            applied = planning.apply(decode_changes(bytes(wish.changes)))
            planning.new_clashes(applied)
            planning.revert(applied)

    print(f"a timetable of {school.ANSWER_ITEMS}, asked before    {best(ask, COUNT):7.2f} us")
    print(f"a timetable of {school.ANSWER_ITEMS}, for the first time {best(ask_anew, COUNT):5.2f} us")
    print(f"a move: tried, judged, taken back {best(edit, COUNT):7.2f} us")


if __name__ == "__main__":
    main()
