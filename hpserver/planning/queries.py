"""Questions to a base and their answers. Knows no session and changes nothing."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from hpserver.base.planning import Planning
from hpserver.errors import AnswerTooBigError
from hpserver.protocol import messages as m

MAX_ANSWER: Final = 900 << 10
"""Bytes of an answer's payload: with its envelope it still fits a frame."""

encode: Final[Callable[[object], bytes]] = msgspec.msgpack.Encoder().encode


def answer(planning: Planning, revision: int, request: m.Request) -> m.Answer:
    """The answer, true at `revision`. Raises UnknownObjectError or InvalidChangeError as the base does."""
    return _ANSWERS[type(request)](planning, revision, request)


def _timetable(planning: Planning, revision: int, request: m.GetTimetable) -> m.Answer:
    return m.Timetable(request.id, revision, _raw(planning.timetable(request.kind, request.key, request.week)))


def _objects(planning: Planning, revision: int, request: m.GetObjects) -> m.Answer:
    rows = planning.rows(request.kind)
    return m.Objects(request.id, revision, _raw([(key, rows[key]) for key in request.keys if key in rows]))


def _free_places(planning: Planning, revision: int, request: m.GetFreePlaces) -> m.Answer:
    return m.FreePlaces(request.id, revision, _raw(planning.free_places(request.activity)))


def _raw(value: object) -> msgspec.Raw:
    payload = encode(value)
    if len(payload) > MAX_ANSWER:
        raise AnswerTooBigError(f"the answer takes {len(payload)} bytes, at most {MAX_ANSWER} fit: ask for less")
    return msgspec.Raw(payload)


_ANSWERS: Final[dict[type[m.Request], Callable[[Planning, int, Any], m.Answer]]] = {
    m.GetTimetable: _timetable,
    m.GetObjects: _objects,
    m.GetFreePlaces: _free_places,
}
