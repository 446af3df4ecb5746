"""Questions to a base and their answers. Knows no session and changes nothing."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from hpserver.base.planning import Planning
from hpserver.errors import AnswerTooBigError
from hpserver.planning.searches import SEARCHES
from hpserver.protocol import messages as m

MAX_ANSWER: Final = 900 << 10
"""Bytes of an answer's payload: with its envelope it still fits a frame."""

KEPT_TIMETABLES: Final = 4096
"""Timetables kept encoded: more than a school looks at between two edits."""

KEPT_BYTES: Final = 4 << 10
"""Bytes of a timetable that is kept, ten times a usual one: 16 MB in all at most."""

encode: Final[Callable[[object], bytes]] = msgspec.msgpack.Encoder().encode


class Answers:
    """The answers about one base. A timetable, and a report, is made once per revision, for everybody who asks for it.

    A revision that is taken back must be followed by `forget`: another will bear its number.
    """

    __slots__ = ("_planning", "_report", "_revision", "_timetables")

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._revision = 0
        self._timetables: dict[tuple[str, int, int], msgspec.Raw] = {}
        self._report: tuple[int, msgspec.Raw] | None = None

    def maybe_kept(self, revision: int, request: m.Message) -> m.Timetable | None:
        """The answer if it was given before and is true at `revision`, which is the base's now."""
        if type(request) is not m.GetTimetable or revision != self._revision:
            return None
        kept = self._timetables.get((request.kind, request.key, request.week))
        return None if kept is None else m.Timetable(request.id, revision, kept)

    def answer(self, revision: int, request: m.Request) -> m.Answer:
        """The answer, true at `revision`, which is the base's now. Raises as `answer` does."""
        if not isinstance(request, m.GetTimetable | m.GetReport):
            return answer(self._planning, revision, request)
        if revision != self._revision:
            self.forget()
            self._revision = revision
        if isinstance(request, m.GetReport):
            return self._reported(revision, request)
        return self.maybe_kept(revision, request) or self._timetable(revision, request)

    def forget(self) -> None:
        """Keep nothing."""
        self._report = None
        if self._timetables:
            self._timetables.clear()

    def _reported(self, revision: int, request: m.GetReport) -> m.Answer:
        """A report looks at the whole base, up to half a second of it: it is not made twice for one revision."""
        kept = self._report
        if kept is None or kept[0] != request.limit:
            found = answer(self._planning, revision, request)
            assert isinstance(found, m.Report)
            kept = self._report = request.limit, found.report
        return m.Report(request.id, revision, kept[1])

    def _timetable(self, revision: int, request: m.GetTimetable) -> m.Timetable:
        found = _timetable(self._planning, revision, request)
        if len(bytes(found.items)) <= KEPT_BYTES:
            if len(self._timetables) == KEPT_TIMETABLES:
                self.forget()
            self._timetables[request.kind, request.key, request.week] = found.items
        return found


def answer(planning: Planning, revision: int, request: m.Request) -> m.Answer:
    """The answer, true at `revision`. Raises UnknownObjectError or InvalidChangeError as the base does."""
    return ANSWERS[type(request)](planning, revision, request)


def _timetable(planning: Planning, revision: int, request: m.GetTimetable) -> m.Timetable:
    return m.Timetable(request.id, revision, _raw(planning.timetable(request.kind, request.key, request.week)))


def _objects(planning: Planning, revision: int, request: m.GetObjects) -> m.Answer:
    rows = planning.rows(request.kind)
    return m.Objects(request.id, revision, _raw([(key, rows[key]) for key in request.keys if key in rows]))


def _free_places(planning: Planning, revision: int, request: m.GetFreePlaces) -> m.Answer:
    return m.FreePlaces(request.id, revision, _raw(planning.free_places(request.activity)))


def _search(planning: Planning, revision: int, request: m.Request) -> m.Answer:
    return SEARCHES[type(request)](planning, revision, request, _raw)


def _raw(value: object) -> msgspec.Raw:
    payload = encode(value)
    if len(payload) > MAX_ANSWER:
        raise AnswerTooBigError(f"the answer takes {len(payload)} bytes, at most {MAX_ANSWER} fit: ask for less")
    return msgspec.Raw(payload)


ANSWERS: Final[dict[type[m.Request], Callable[[Planning, int, Any], m.Answer]]] = {
    m.GetTimetable: _timetable,
    m.GetObjects: _objects,
    m.GetFreePlaces: _free_places,
    **dict.fromkeys(SEARCHES, _search),
}
"""How each question is answered; the engine asks for no other list."""
