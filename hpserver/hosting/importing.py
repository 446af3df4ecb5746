"""Tables brought onto a base that nobody serves: planned, then written as one, or not at all. Knows the store.

What is written stands in the journal like any edit, so it can be taken back.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from hpserver.base.changes import Change, in_transactions
from hpserver.base.planning import Planning
from hpserver.errors import ClashError
from hpserver.hosting.editing import taken
from hpserver.imports.pending import resolved
from hpserver.planning.limits import MAX_CHANGES_BYTES
from hpserver.protocol import messages as m


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
    async with taken(path) as base:
        changes = resolved(plan(base.planning), base.planning.next_keys)
        for transaction in in_transactions(changes, MAX_CHANGES_BYTES // 2):
            answer = base.transact(transaction, why=why, force=force)
            if isinstance(answer, m.Clashed):
                clashes = len(msgspec.msgpack.decode(answer.clashes)) + len(msgspec.msgpack.decode(answer.breaches))
                text = f"{clashes} clashes or broken rules: nothing was written; --force accepts them"
                raise ClashError(text, clashes=clashes)
        return Written(base.head, await base.keep())
