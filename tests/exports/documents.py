"""Documents for tests: of a made-up school, with or without its history, and random bases."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from hpserver.base.changes import create, to_json, update
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.exports.format import Content, Document, Revision
from hpserver.exports.reading import read
from hpserver.exports.writing import lines, revision_line
from tests.histories import GRID, founding, histories
from tests.properties.test_base_history import maybe_applied
from tests.schools import a_school

AT = 1_795_375_629.0


def written(planning: Planning, **more: Any) -> bytes:
    """Return the document of a base."""
    content = Content("Année", more.pop("revision", 3), more.pop("epoch", 2), AT, planning, **more)
    return b"".join(lines(content))


def reread(raw: bytes) -> Document:
    """Return what a document says."""
    return read([raw])


def a_history(edits: int = 4) -> Content:
    """Return a school that was edited a few times, with all that was done."""
    origin = a_school(20)
    now = decode_snapshot(encode_snapshot(origin))
    revisions = []
    for number in range(1, edits + 1):
        change = update("activity", number, memo=f"é {number}") if number % 2 else create("room", -1, name="Neuve")
        revisions.append(_told(number, to_json(now.apply([change]))))
    return Content("Année", edits, 3, AT, now, origin, 0, tuple(revisions))


def _told(number: int, changes: bytes) -> Revision:
    body = {"session": 1, "author": "ada/1", "why": "", "merged": False, "wish": "", "keys": {}}
    raw = msgspec.json.encode({**body, "changes": msgspec.Raw(changes)})
    return revision_line(number, 1 + number // 3, number.to_bytes(16), 1000 * number, "ada", 1, raw)


@st.composite
def bases(draw: st.DrawFn) -> Planning:
    """Draw a small base with any history behind it."""
    planning = Planning(GRID)
    planning.apply(founding())
    for transaction in draw(histories):
        maybe_applied(planning, transaction)
    return planning
