"""A base that nobody serves, changed from the command line: as an edit of a client would be. Knows the store."""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from hpserver.base.changes import Change, encode_changes
from hpserver.base.rebase import in_transactions
from hpserver.hosting.bases import open_base
from hpserver.hosting.keeping import Keeping
from hpserver.hosting.past import Program, an_operation
from hpserver.planning.accepting import Accepting
from hpserver.planning.limits import MAX_CHANGES_BYTES
from hpserver.planning.stimuli import NotPersisted
from hpserver.protocol import messages as m
from hpserver.store.sqlite import SqliteStore


async def edit_offline(
    path: Path, changes: Sequence[Change], *, why: str = "", force: bool = False
) -> m.Message | None:
    """Make the changes in a base, all of them durably or none, however many transactions they take.

    Returns None when there is nothing to do, Committed (of the last transaction), or what speaks against them:
    Clashed. Raises BaseInUseError, and whatever refuses them.
    """
    store = SqliteStore(path)
    try:
        opened = await open_base(store)
        keeping, accepting = Keeping(store, opened.epoch), Accepting(opened.planning, opened.history, opened.epoch)
        answer: m.Message | None = None
        for transaction in in_transactions(changes, MAX_CHANGES_BYTES):
            head = opened.history.head
            raw = msgspec.Raw(encode_changes(transaction))
            request = m.Transact(1, 0, an_operation(), head, raw, force, why=why)
            answer = accepting.transact(Program(), request, head, time.time_ns() // 1_000_000)
            if not isinstance(answer, m.Committed):
                return answer
        if accepting.waiting:
            kept = await keeping.write(tuple(accepting.waiting))
            if isinstance(kept, NotPersisted):
                raise kept.error
        return answer
    finally:
        await store.close()
