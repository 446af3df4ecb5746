"""Branches of a base: forked while people go on editing, compared, brought up to date, taken over. Knows files.

A branch is a base of its own, with its own journal: it can be loaded into a planning, edited and imported into. Beside
its file lies where it comes from; what it was when it was forked is its own first snapshot.
"""

import contextlib
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from hpserver.base.changes import Change
from hpserver.base.edits.diff import Difference, differences
from hpserver.base.edits.rebase import Rebased, rebase
from hpserver.base.edits.regrid import preview, regridded
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.snapshot import encode_snapshot
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    ClashError,
    ConflictError,
    CorruptBaseError,
    InvalidGridError,
    NotFoundError,
)
from hpserver.hosting.bases import (
    ORIGIN_SUFFIX,
    SUFFIX,
    bases_in,
    create_base,
    forget_origin,
    new_line,
    origin_path,
    path_in,
)
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.exporting import write_whole
from hpserver.hosting.past import PAGE, Peeked, as_of, peek_base
from hpserver.planning.journal import open_body
from hpserver.protocol import messages as m
from hpserver.store.rebuild import Rebuilt, rebuild

MOST_NAMED = 5
"""Objects named in a refusal, at most."""


class Origin(msgspec.Struct, frozen=True):
    """Where a branch was forked: the base, its revision then, and who owned it."""

    base: str
    revision: int
    epoch: int
    operation: str = ""
    """Of the upload that made it, in hexadecimal; of a fork, nothing."""
    conflicts: int = 0
    """Fields that the branch and its base had both changed when it was last brought up to date, for who asks again."""


class Work(msgspec.Struct, frozen=True):
    """A branch to be looked at: as it was forked, as it is, and its base as it is."""

    origin: Planning
    branch: Planning
    current: Planning
    revision: int
    """Of the base, as it is."""

    def differences(self) -> tuple[Difference, ...]:
        """What was done on the branch."""
        return tuple(differences(self.origin, self.branch))

    def rebased(
        self, *, only: Collection[Ident] | None = None, insist: Collection[Ident] = (), placeholders: bool = False
    ) -> Rebased:  # fmt: skip
        """What brings it onto the base; see `hpserver.base.edits.rebase`."""
        return rebase(self.origin, self.branch, self.current, only=only, insist=insist, placeholders=placeholders)


async def fork(folder: Path, base: str, branch: str) -> int:
    """Make a branch of a base, in service or not; the revision it was forked at. Raises AlreadyExistsError."""
    path = path_in(folder, branch)
    async with peek_base(path_in(folder, base)) as peeked:
        if path.exists():
            raise AlreadyExistsError(f"there is a base {branch!r} already", base=branch)
        snapshot = encode_snapshot(peeked.planning)
        _make(path, Origin(base, peeked.revision, peeked.epoch), Rebuilt(branch, snapshot, (), snapshot, new_line()))
        return peeked.revision


async def fork_with(
    folder: Path, base: str, branch: str, changes_of: Callable[[Planning], Sequence[Change]], *, operation: str
) -> Work:  # fmt: skip
    """Make a branch on which changes are done already, clashes and all; what is raised leaves nothing there.

    Asked again for the same `operation` it finds what it made. Raises AlreadyExistsError for another base of that name.
    """
    path = path_in(folder, branch)
    if path.exists():
        if origin_path(path).exists() and origin_of(folder, branch).operation == operation:
            return await look(folder, branch)
        raise AlreadyExistsError(f"there is a base {branch!r} already", base=branch)
    async with peek_base(path_in(folder, base)) as peeked:
        fresh = await _forked(branch, peeked.planning, changes_of(peeked.planning))
        _make(path, Origin(base, peeked.revision, peeked.epoch, operation), fresh)
    return await look(folder, branch)


def branches_of(folder: Path, base: str | None = None) -> dict[str, Origin]:
    """The branches of a base, or all of them, by name."""
    forked = [name for name in bases_in(folder) if origin_path(path_in(folder, name)).exists()]
    found = {name: origin_of(folder, name) for name in forked}
    return {name: origin for name, origin in found.items() if base in {None, origin.base}}


def origin_of(folder: Path, branch: str) -> Origin:
    """Where a branch comes from. Raises NotFoundError when it is none, CorruptBaseError."""
    path = origin_path(path_in(folder, branch))
    try:
        return msgspec.json.decode(path.read_bytes(), type=Origin)
    except FileNotFoundError:
        raise NotFoundError(f"{branch!r} is no branch of another base", base=branch) from None
    except msgspec.MsgspecError as error:
        raise CorruptBaseError(f"{path.name} does not say where the branch comes from: {error}") from error


async def look(folder: Path, branch: str, *, taken: bool = False) -> Work:
    """Read a branch and its base, in service or not, as the grid of the base says places and weeks.

    Raises NotFoundError, CorruptBaseError; InvalidGridError for work that the base's grid has no place for;
    ConflictError when the base took the branch over and the branch does not know, unless it was `taken`.
    """
    origin = origin_of(folder, branch)
    async with peek_base(path_in(folder, branch)) as fork_:
        then, now = await as_of(fork_.store, 0), fork_.planning
    async with peek_base(path_in(folder, origin.base)) as base:
        if not taken:
            await _check_not_taken(base, origin, branch)
        if now.grid != base.planning.grid:
            lost = set(preview(now, base.planning.grid).losses).difference(preview(then, base.planning.grid).losses)
            if lost:
                text = f"{origin.base} has another grid now, without the place or weeks of"
                objects = ", ".join(sorted({f"{one.kind} {one.key}" for one in lost})[:MOST_NAMED])
                raise InvalidGridError(f"{text} {objects} in {branch}: move them there first", parameter="grid")
            then, now = regridded(then, base.planning.grid), regridded(now, base.planning.grid)
        return Work(then, now, base.planning, base.revision)


async def check_free(folder: Path, branch: str) -> None:
    """Raises BaseInUseError while somebody has the branch: what is taken over could not leave it."""
    origin_of(folder, branch)
    try:
        await edit_offline(path_in(folder, branch), ())
    except BaseInUseError as error:
        raise BaseInUseError(f"the branch {branch!r} is in service itself") from error


def reason_of(branch: str) -> str:
    """Return the reason that the history of a base gives for what it took over from a branch."""
    return f"branch {branch}"


async def take_over(folder: Path, branch: str, done: Rebased, *, force: bool = False) -> m.Committed | None:
    """Do on the base, which nobody serves, what `Work.rebased` says; None when there is nothing to do.

    Raises ClashError when somebody would be in two places at once, BaseInUseError for either, and whatever refuses it.
    """
    await check_free(folder, branch)
    base = origin_of(folder, branch).base
    answer = await edit_offline(path_in(folder, base), done.changes, why=reason_of(branch), force=force)
    if isinstance(answer, m.Clashed):
        raise ClashError(f"taking {branch!r} over would put somebody in two places at once: force it, or change it")
    assert answer is None or isinstance(answer, m.Committed)
    return answer


async def bring_up_to_date(
    folder: Path, branch: str, work: Work, done: Rebased | None = None
) -> tuple[Difference, ...]:
    """Fork the branch anew from its base as it is now, with what is left of its work; what that is.

    `done` is what the base took over. Of what others changed too, the branch's side stays, to be seen as a difference.
    All of it is done or nothing. Raises BaseInUseError while somebody has the branch, and what the base refuses.
    """
    origin, path = origin_of(folder, branch), path_in(folder, branch)
    open_ = {(one.kind, one.key) for one in done.conflicts} if done is not None else set()
    taken = {ident for ident in done.chosen if ident not in open_} if done is not None else set()
    known = {ident: key for ident, key in done.keys.items() if ident in taken} if done is not None else {}
    rest = [one.ident for one in work.differences() if one.ident not in taken]
    async with peek_base(path_in(folder, origin.base)) as base:
        left = rebase(work.origin, work.branch, base.planning, only=rest, insist=rest, known=known)
        fresh = await _forked(branch, base.planning, left.changes)
        rebuild(path, fresh, replace=True)
        conflicts = len(done.conflicts) if done is not None else 0
        _write_origin(path, Origin(origin.base, base.revision, base.epoch, conflicts=conflicts))
    return (await look(folder, branch)).differences()


async def drop(folder: Path, branch: str) -> None:
    """Forget a branch that nobody serves. Raises NotFoundError, BaseInUseError."""
    origin_of(folder, branch)
    await check_free(folder, branch)
    path = path_in(folder, branch)
    for suffix in (ORIGIN_SUFFIX, "", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


async def _check_not_taken(base: Peeked, origin: Origin, branch: str) -> None:
    """Objects would be made twice if a branch were taken over again that was not brought up to date after it."""
    taken, undone, reached = set[int](), set[int](), origin.revision
    while rows := await base.store.tail(reached, PAGE):
        for row in rows:
            body, _ = open_body(row.body, row.revision)
            if body.undoes in taken:
                taken.remove(body.undoes)
                undone.add(row.revision)
            elif body.redoes in undone or (body.why == reason_of(branch) and not body.undoes):
                taken.add(row.revision)
        reached = rows[-1].revision
    if taken:
        revisions, last = ", ".join(map(str, sorted(taken, reverse=True))), max(taken)
        raise ConflictError(
            f"{origin.base} took {branch!r} over at revision {revisions}, and was interrupted before the branch knew: "
            f"let it know (`branch refresh --revision {last}`), or take that back (`undo --revision`)",
            revision=last,
        )


async def _forked(name: str, current: Planning, changes: Sequence[Change]) -> Rebuilt:
    """What a base is made from that starts as `current` and goes on with the changes; no client resumes in it."""
    with tempfile.TemporaryDirectory(prefix="hp-branch-") as scratch:
        path = Path(scratch) / f"branch{SUFFIX}"
        await create_base(path, name, current)
        await edit_offline(path, changes, why=reason_of(name), force=True)
        async with peek_base(path) as made:
            rows = await made.store.tail(0, made.revision)
            newest = encode_snapshot(made.planning)
    return Rebuilt(name, encode_snapshot(current), rows, newest, made.epoch)


def _make(path: Path, origin: Origin, fresh: Rebuilt) -> None:
    """Put a branch in its place: where it comes from is said first, so that it never is a base that is no branch."""
    try:
        _write_origin(path, origin)
        rebuild(path, fresh)
    except BaseException:
        with contextlib.suppress(OSError):  # of the first thing that went wrong is told
            forget_origin(path)
        raise


def _write_origin(path: Path, origin: Origin) -> None:
    write_whole(origin_path(path), [msgspec.json.encode(origin)])
