"""A copy of a base that was proved to be one: written while the base is served, read back behind walls, rebuilt."""

from pathlib import Path

from hpserver.errors import CorruptBaseError
from hpserver.exports.result import Opened
from hpserver.hosting.exporting import Exported, check_history, export
from hpserver.hosting.sandbox import open_untrusted


async def proved_copy(base: Path, out: Path) -> Exported:
    """Write the document of a base and prove it; one that cannot be proved is not left. Raises as `export` and `prove`.

    It is all written, then proved: who looks meanwhile sees a file that may not be good.
    """
    told = await export(base, out)
    try:
        await prove(out, told)
    except BaseException:
        _forget(out)
        raise
    return told


async def prove(copy: Path, told: Exported) -> Opened:
    """Rebuild a base from a copy with its whole history, and return it. Raises CorruptBaseError: it is another one."""
    opened = await open_untrusted("document", copy)
    counts = {kind: count for kind, count in check_history(opened).counts().items() if count}
    if (counts, opened.revision, len(opened.revisions)) != (told.counts, told.revision, told.rows):
        raise CorruptBaseError("the copy does not hold what the base holds")
    return opened


def _forget(copy: Path) -> None:
    copy.unlink(missing_ok=True)
