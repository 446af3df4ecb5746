"""A base -> the lines of its document. Two equal bases give equal object lines, byte for byte."""

import datetime as dt
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec

from hpserver.base.model import values_of
from hpserver.base.planning import Planning
from hpserver.exports.format import FORMAT, VERSION, Beginning, Content, Header, Object, Origin, Revision, Trailer

_encode: Final = msgspec.json.Encoder().encode


def lines(content: Content) -> Iterator[bytes]:
    """Yield every line of a document in order, each with its line feed."""
    everything, objects = sha256(), sha256()
    counts = {"objects": 0, "origins": 0, "revisions": 0}
    for sort, line in _sorted_lines(content):
        everything.update(line)
        if sort in counts:
            counts[sort] += 1
        if sort == "objects":
            objects.update(line)
        yield line
    trailer = Trailer(**counts, content=objects.hexdigest(), sha256=everything.hexdigest())
    yield _encode(trailer) + b"\n"


def revision_line(
    revision: int, epoch: int, operation: bytes, at: int, user: str, form: int, body: bytes
) -> Revision:  # fmt: skip
    """Return a transaction as a document holds it; the JSON of `body` is told on one line."""
    raw = msgspec.Raw(body.replace(b"\n", b" ").replace(b"\r", b" "))
    return Revision(revision, epoch, operation.hex(), at, user, form, raw)


def _sorted_lines(content: Content) -> Iterator[tuple[str, bytes]]:
    yield "", _encode(_header(content)) + b"\n"
    for line in _objects(content.planning, Object):
        yield "objects", line
    if content.origin is None:
        return
    for line in _objects(content.origin, Origin):
        yield "origins", line
    for revision in content.revisions:
        yield "revisions", _encode(revision) + b"\n"


def _header(content: Content) -> Header:
    planning, origin = content.planning, content.origin
    at = dt.datetime.fromtimestamp(int(content.created_at), dt.UTC)
    return Header(
        format=FORMAT,
        version=VERSION,
        base=content.base,
        revision=content.revision,
        epoch=content.epoch,
        created_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        grid=planning.grid,
        counts={kind: count for kind, count in planning.counts().items() if count},
        next_keys=_next_keys(planning),
        origin=None if origin is None else Beginning(content.origin_revision, origin.grid, _next_keys(origin)),
    )


def _next_keys(planning: Planning) -> dict[str, int]:
    return {kind: key for kind, key in planning.next_keys.items() if key > 1}


def _objects(planning: Planning, line: type[Object | Origin]) -> Iterator[bytes]:
    """Yield the objects of every kind, those that are referred to before those that refer; by key within a kind."""
    for kind in planning.counts():
        for key, row in sorted(planning.rows(kind).items()):
            yield _encode(line(kind, key, msgspec.Raw(_encode(values_of(row))))) + b"\n"
