"""Why an edit was not done, with all there is to show of it. Knows no connection."""

from hpserver.base.clashes import Clash
from hpserver.errors import ClashError, ConflictError
from hpserver.protocol.messages import FieldConflict


class ClashesError(ClashError):
    """The edit would clash; `clashes` say with whom, where and in which weeks."""

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        super().__init__(f"{len(clashes)} clashes", clashes=len(clashes))
        self.clashes = clashes


class ConflictsError(ConflictError):
    """Others changed the same fields meanwhile; `conflicts` have both values."""

    def __init__(self, conflicts: tuple[FieldConflict, ...]) -> None:
        fields = ", ".join(f"{one.kind} {one.key} {one.field}".strip() for one in conflicts)
        super().__init__(f"changed by others meanwhile: {fields}", conflicts=len(conflicts))
        self.conflicts = conflicts
