"""Which planning had a base last: those who administer it may load it there again. Knows no status."""

from collections.abc import Sequence

from hpserver.directory.api import Directory
from hpserver.directory.model import Planning
from hpserver.hosting.branches import Origin


def had(planning: Planning) -> frozenset[str]:
    """Return the bases that were loaded last in a planning."""
    return frozenset(filter(None, planning.had.split("\n")))


async def take(directory: Directory, planning: Planning, others: Sequence[Planning], base: str) -> Planning:
    """Load a base into a planning, which has it from now on; none of the others does."""
    for other in others:
        if other.key != planning.key and base in had(other):
            await directory.change(Planning, other.key, had=_written(had(other) - {base}))
    return await directory.change(Planning, planning.key, base=base, had=_written(had(planning) | {base}))


async def follow(directory: Directory, plannings: Sequence[Planning], base: str, now: str) -> None:
    """Let plannings know a base by another name, or "" for one that is gone."""
    for planning in plannings:
        if base in had(planning) or planning.base == base:
            kept = _written((had(planning) - {base}) | ({now} if now and base in had(planning) else set()))
            await directory.change(
                Planning, planning.key, had=kept, base=now if planning.base == base else planning.base
            )


def beginning(branches: dict[str, Origin], base: str) -> str:
    """Return the base that a branch, or a branch of one, comes from; the base itself when it is none."""
    seen = {base}
    while base in branches and (base := branches[base].base) not in seen:
        seen.add(base)
    return base


def _written(names: frozenset[str] | set[str]) -> str:
    return "\n".join(sorted(names))
