"""Why an edit was not done, with all there is to show of it. Knows no connection."""

import msgspec

from hpserver.base.agreement import fill
from hpserver.base.clashes import Clash
from hpserver.base.rules.api import Breach
from hpserver.errors import ClashError, ConflictError
from hpserver.protocol.messages import FieldConflict


class Judgement(msgspec.Struct, frozen=True):
    """What a dry run told: clashes, newly broken rules, and by how much the cost of the soft ones would grow."""

    clashes: tuple[Clash, ...]
    breaches: tuple[Breach, ...]
    cost: int


class ClashesError(ClashError):
    """The edit would clash: `clashes` say with whom, where and when; or it breaks hard rules: see `breaches`."""

    def __init__(self, clashes: tuple[Clash, ...], breaches: tuple[Breach, ...] = ()) -> None:
        told = {"clashes": len(clashes)} | ({"breaches": len(breaches)} if breaches else {})
        text = "{clashes} clash(es), {breaches} broken rule(s)" if breaches else "{clashes} clash(es)"
        super().__init__(fill(text, "en", **told), **told)
        self.clashes = clashes
        self.breaches = breaches


class ConflictsError(ConflictError):
    """Others changed the same fields meanwhile; `conflicts` have both values."""

    def __init__(self, conflicts: tuple[FieldConflict, ...]) -> None:
        fields = ", ".join(f"{one.kind} {one.key} {one.field}".strip() for one in conflicts)
        super().__init__(f"changed by others meanwhile: {fields}", conflicts=len(conflicts))
        self.conflicts = conflicts
