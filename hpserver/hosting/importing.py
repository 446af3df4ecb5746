"""Tables brought onto a base that nobody serves: planned, then written as one, or not at all. Knows the store.

What is written stands in the journal like any edit, so it can be taken back.
"""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from hpserver.base.changes import Change, encode_changes
from hpserver.base.planning import Planning
from hpserver.errors import ClashError
from hpserver.hosting.bases import open_base
from hpserver.hosting.keeping import Keeping
from hpserver.hosting.past import Program, an_operation
from hpserver.imports.pending import batches, resolved
from hpserver.planning.accepting import Accepting
from hpserver.planning.limits import MAX_CHANGES_BYTES
from hpserver.planning.stimuli import NotPersisted
from hpserver.protocol import messages as m
from hpserver.store.sqlite import SqliteStore


class Written(msgspec.Struct, frozen=True):
    """The base after it: its revision, and in how many transactions it was done (0: there was nothing to do)."""

    revision: int
    transactions: int


async def change_base(
    path: Path, plan: Callable[[Planning], tuple[Change, ...]], *, why: str = "", force: bool = False
) -> Written:
    """Do what `plan` wants of the base, in one commit: several transactions when there are too many changes for one.

    `plan` reads the base and changes nothing; what it raises leaves the base as it was. Raises ClashError when
    somebody would be in two places at once, or a hard rule broken, unless with `force`; NotFoundError, BaseInUseError.
    """
    store = SqliteStore(path)
    try:
        opened = await open_base(store)
        accepting = Accepting(opened.planning, opened.history, opened.epoch)
        changes = resolved(plan(opened.planning), opened.planning.next_keys)
        for batch in batches(changes, MAX_CHANGES_BYTES // 2):
            _accept(accepting, batch, why, force=force)
        if accepting.waiting:
            kept = await Keeping(store, opened.epoch).write(tuple(accepting.waiting))
            if isinstance(kept, NotPersisted):
                raise kept.error
        return Written(opened.history.head, len(accepting.waiting))
    finally:
        await store.close()


def _accept(accepting: Accepting, batch: tuple[Change, ...], why: str, *, force: bool) -> None:
    head = accepting.history.head
    raw = msgspec.Raw(encode_changes(batch))
    request = m.Transact(0, 0, operation=an_operation(), seen=head, changes=raw, force=force, why=why)
    answer = accepting.transact(Program(), request, head, time.time_ns() // 1_000_000)
    if isinstance(answer, m.Clashed):
        clashes = len(msgspec.msgpack.decode(answer.clashes)) + len(msgspec.msgpack.decode(answer.breaches))
        raise ClashError(
            f"{clashes} clashes or broken rules: nothing was written; --force accepts them", clashes=clashes
        )
