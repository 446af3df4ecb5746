"""A base on disk on the bench: what `hp base edit` and its neighbours work on. A client's machine does without."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click
import msgspec

from hpserver.base.changes import Change
from hpserver.base.clashes import Clash
from hpserver.base.planning import Planning
from hpserver.base.rules import Breach
from hpserver.cli.house.installation import base_file
from hpserver.cli.work.activities import ACTIVITIES
from hpserver.cli.work.bench import Bench
from hpserver.cli.work.diagnose import DIAGNOSES
from hpserver.cli.work.edits import EDITS
from hpserver.cli.work.follow_up import GRADES, GROUPS
from hpserver.cli.work.objects import OBJECTS
from hpserver.client import ClashesError, Judgement
from hpserver.hosting.editing import edit_offline
from hpserver.hosting.past import peek_base
from hpserver.planning.judging import verdict
from hpserver.protocol import messages as m

_clashes: Final[msgspec.msgpack.Decoder[tuple[Clash, ...]]] = msgspec.msgpack.Decoder(tuple[Clash, ...])
_breaches: Final[msgspec.msgpack.Decoder[tuple[Breach, ...]]] = msgspec.msgpack.Decoder(tuple[Breach, ...])


class Stopped(Bench):
    """A base on disk: read whoever has it, changed when nobody has."""

    def __init__(self, path: Path, planning: Planning) -> None:
        self._path, self._planning = path, planning

    @property
    def planning(self) -> Planning:
        """See `Bench`."""
        return self._planning

    async def edit(self, changes: Sequence[Change], *, force: bool, why: str) -> m.Committed:
        """See `Bench`. Raises BaseInUseError."""
        answer = await edit_offline(self._path, changes, why=why, force=force)
        if isinstance(answer, m.Clashed):
            raise ClashesError(_clashes.decode(answer.clashes), _breaches.decode(answer.breaches))
        assert isinstance(answer, m.Committed)
        return answer

    async def judge(self, changes: Sequence[Change]) -> Judgement:
        """See `Bench`."""
        applied = self._planning.apply(changes)
        try:
            clashes = self._planning.new_clashes(applied)
            found = verdict(self._planning, applied, soft=True)
        finally:
            self._planning.revert(applied)
        return Judgement(clashes, found.breaches, found.cost)


@asynccontextmanager
async def stopped(account: str, name: str) -> AsyncIterator[Bench]:
    """Put a base of an account on the bench. Raises NotFoundError."""
    path = await base_file(account, name)
    async with peek_base(path) as peeked:
        planning = peeked.planning
    yield Stopped(path, planning)


@click.group("edit")
def edit() -> None:
    """Change a base that is not in service, as `hp client` changes one that is."""


for order in (*OBJECTS, *EDITS, GRADES):
    edit.add_command(order.offline(stopped))
for group, words, orders in GROUPS:
    edit.add_command(click.Group(group, help=words, commands=[order.offline(stopped) for order in orders]))

COMMANDS = (edit, *(order.offline(stopped) for order in (ACTIVITIES, *DIAGNOSES)))
"""For `hp base`."""
