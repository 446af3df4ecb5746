"""What a planning server does with the branches of the base it serves. Knows files; decides nothing about rights.

Two bases are read and compared: that is done by a thread with a loop of its own, while the server goes on serving.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from hpserver.base.changes import Change, Delete
from hpserver.base.edits.rebase import Rebased
from hpserver.base.model import activity_and_week, meeting_key
from hpserver.base.references import Ident
from hpserver.base.registry import kind_of
from hpserver.errors import ConflictError, NotFoundError
from hpserver.hosting import branches
from hpserver.hosting.bases import path_in
from hpserver.hosting.past import Peeked, as_of, peek_base
from hpserver.planning.journal import Body, Fact, open_body
from hpserver.protocol import messages as m

PART_BYTES: Final = 400 << 10
"""Bytes of the differences, and of the conflicts, that are told: both fit one answer."""

_encode: Final = msgspec.msgpack.Encoder(enc_hook=str).encode

T = TypeVar("T")


class Takeovers:
    """The branches of the base in the file `path`, for the server that has it.

    One thing is done with them at a time: who asks again after a broken line waits for what was asked first.
    """

    def __init__(self, path: Path) -> None:
        self._folder, self._base = path.parent, path.stem
        self._turn = asyncio.Lock()

    async def bring(self, request: m.AcceptBranch) -> tuple[int, tuple[Change, ...]]:
        """See `onto_base`."""
        return await self._aside(lambda: onto_base(self._folder, self._base, request))

    async def answer(self, request: m.Request) -> m.Answer:
        """See `answered`."""
        return await self._aside(lambda: answered(self._folder, self._base, request))

    async def _aside(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._turn:
            return await asyncio.to_thread(lambda: asyncio.run(work()))


async def onto_base(folder: Path, base: str, request: m.AcceptBranch) -> tuple[int, tuple[Change, ...]]:
    """Return what brings a branch onto its base, and the revision it was compared with. Raises as `branches.look`."""
    _check_of(folder, base, request.branch)
    await branches.check_free(folder, request.branch)
    work = await branches.look(folder, request.branch)
    return work.revision, _rebased(work, request.only, request.insist).changes


async def answered(folder: Path, base: str, request: m.Request) -> m.Answer:
    """Answer what is asked about branches of a base. Raises NotFoundError, ConflictError, BaseInUseError."""
    if isinstance(request, m.ListBranches):
        found = branches.branches_of(folder, base)
        return m.Branches(request.id, tuple(m.BranchRow(name, one.revision) for name, one in found.items()))
    assert isinstance(request, m.CompareBranch | m.UpdateBranch | m.DropBranch)
    _check_of(folder, base, request.branch)
    if isinstance(request, m.CompareBranch):
        work = await branches.look(folder, request.branch)
        found_, conflicts = work.differences(), work.rebased().conflicts
        parts = _first(found_), _first(conflicts)
        return m.BranchCompared(request.id, work.revision, len(found_), parts[0], len(conflicts), parts[1])
    if isinstance(request, m.DropBranch):
        await branches.drop(folder, request.branch)
        return m.BranchDropped(request.id)
    left, conflicts_ = await settle(folder, request.branch, request.revision, request.only, request.insist)
    return m.BranchUpdated(request.id, left, conflicts_)


async def settle(
    folder: Path, branch: str, revision: int, only: Collection[Ident], insist: Collection[Ident]
) -> tuple[int, int]:
    """Let a branch know what its base took over at a revision; objects left, and fields that both had changed.

    All is read from the journal: whoever was interrupted asks again. Raises ConflictError: another thing was done then.
    """
    await branches.check_free(folder, branch)
    origin = branches.origin_of(folder, branch)
    if origin.revision >= revision:
        return len((await branches.look(folder, branch)).differences()), origin.conflicts
    work = await branches.look(folder, branch, taken=True)
    async with peek_base(path_in(folder, origin.base)) as base:
        bodies = await _taken(base, branch, origin.revision, revision)
        before = await as_of(base.store, revision - len(bodies))
    real = {int(placeholder): key for body, _ in bodies for placeholder, key in body.keys.items()}
    done = _rebased(msgspec.structs.replace(work, current=before), only, insist, placeholders=bool(real))
    wrote = {(one.kind, one.key): frozenset(one.after or ()) for _, facts in bodies for one in facts}
    told = {ident: _real(ident[0], key, real) for ident, key in done.keys.items()}
    keys = {ident: key for ident, key in told.items() if (ident[0], key) in wrote}
    wished = {(one.kind, one.key): one for one in done.changes}
    chosen = tuple(one for one in done.chosen if one in keys or _was_done(wished.get(one), wrote))
    settled = msgspec.structs.replace(done, chosen=chosen, keys=keys)
    left = await branches.bring_up_to_date(folder, branch, work, settled)
    return len(left), len(done.conflicts)


async def _taken(base: Peeked, branch: str, origin: int, revision: int) -> list[tuple[Body, tuple[Fact, ...]]]:
    """Return the transactions, the newest first, that took a branch over: as many as it needed on a stopped base."""
    found = list[tuple[Body, tuple[Fact, ...]]]()
    while (at := revision - len(found)) > origin and (rows := await base.store.tail(at - 1, 1)):
        body, facts = open_body(rows[0].body, at)
        if body.why != branches.reason_of(branch) or body.undoes:
            break
        found.append((body, facts))
    if found:
        return found
    if revision > base.revision:
        raise NotFoundError(f"there is no revision {revision}", revision=revision)
    raise ConflictError(f"revision {revision} took nothing of {branch} over", revision=revision)


def _was_done(wished: Change | None, wrote: dict[Ident, frozenset[str]]) -> bool:
    """Whether what was to be done for an object is in the transaction: others may have written it in between."""
    if wished is None:
        return True
    fields = () if isinstance(wished, Delete) else kind_of(wished.kind).decode(wished.fields)
    return wrote.get((wished.kind, wished.key), frozenset()).issuperset(fields)


def _real(kind: str, key: int, real: Mapping[int, int]) -> int:
    if kind != "meeting":
        return real.get(key, key)
    activity, week = activity_and_week(key)
    return meeting_key(real.get(activity, activity), week)


def _rebased(
    work: branches.Work, only: Collection[Ident], insist: Collection[Ident], *, placeholders: bool = True
) -> Rebased:
    for kind, _ in (*only, *insist):
        kind_of(kind)
    return work.rebased(only=list(map(tuple, only)) or None, insist=list(map(tuple, insist)), placeholders=placeholders)  # type: ignore[arg-type]  # pairs


def _check_of(folder: Path, base: str, branch: str) -> None:
    origin = branches.origin_of(folder, branch)
    if origin.base != base:
        raise ConflictError(f"{branch} is a branch of {origin.base}, not of {base}")


def _first(rows: Collection[msgspec.Struct]) -> msgspec.Raw:
    """Encode the first rows, as many as fit."""
    kept, size = list[msgspec.Raw](), 0
    for row in rows:
        raw = _encode(row)
        size += len(raw)
        if size > PART_BYTES:
            break
        kept.append(msgspec.Raw(raw))
    return msgspec.Raw(_encode(kept))
