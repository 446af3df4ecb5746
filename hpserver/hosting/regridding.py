"""Another grid under a base on disk: what it would cost, and the change, with the former base kept. Knows files."""

from pathlib import Path

import msgspec

from hpserver.base.edits.regrid import Preview, preview, regridded
from hpserver.base.grid import Grid
from hpserver.base.snapshot import encode_snapshot
from hpserver.directory import names
from hpserver.errors import BaseInUseError, InvalidGridError
from hpserver.hosting.bases import new_line, open_base, path_in
from hpserver.hosting.branches import branches_of, origin_of
from hpserver.hosting.past import peek_base
from hpserver.store.rebuild import Rebuilt, rebuild
from hpserver.store.sqlite import SqliteStore

MOST_KEPT = 999
"""Former bases of one name that are kept: beyond, something goes in circles."""


class Regridded(msgspec.Struct, frozen=True):
    """What the change cost, and the name of the base as it was before, with its history."""

    preview: Preview
    kept: str


async def look(folder: Path, name: str, grid: Grid) -> Preview:
    """Say what another grid would cost a base, in service or not. Raises InvalidGridError, NotFoundError."""
    async with peek_base(path_in(folder, name)) as base:
        return preview(base.planning, grid)


async def regrid(folder: Path, name: str, grid: Grid, *, lose: bool = False) -> Regridded:
    """Bring a base that nobody serves onto another grid; all of it or nothing.

    A history counts places and weeks of its own grid, so the new base begins another one, with its own epochs: clients
    take it anew. The former base stays beside it; its branches follow when they are brought up to date. A branch alone
    would forget what it was forked from. Raises InvalidGridError, for losses too unless `lose`, and BaseInUseError.
    """
    path = path_in(folder, name)
    if name in branches_of(folder):
        base = origin_of(folder, name).base
        text = f"{name} is a branch: change the grid of {base}, then bring the branch up to date, or drop it"
        raise InvalidGridError(text, parameter="grid")
    store = SqliteStore(path)
    try:
        opened = await open_base(store)
        found = preview(opened.planning, grid)
        if found.losses and not lose:
            text = f"{len(found.losses)} losses: look at them, and ask again if they are meant"
            raise InvalidGridError(text, parameter="grid", losses=len(found.losses))
        snapshot = encode_snapshot(regridded(opened.planning, grid))
    finally:
        await store.close()
    if path.with_name(path.name + "-wal").exists():  # somebody was quicker than we: it is theirs
        raise BaseInUseError(f"another process serves {name}")
    kept = _free_name(folder, name)
    anew = Rebuilt(name, snapshot, (), snapshot, new_line())
    rebuild(path, anew, replace=True, keep=path_in(folder, kept))
    return Regridded(found, kept)


def _free_name(folder: Path, name: str) -> str:
    """Return a name for the base as it was."""
    for number in range(1, MOST_KEPT):
        ending = f" (avant {number})"
        kept = names.base(name[: names.MAX_BASE - len(ending)].strip() + ending)
        if not path_in(folder, kept).exists():
            return kept
    raise BaseInUseError(f"{name} was brought onto another grid {MOST_KEPT} times: drop the former ones")
