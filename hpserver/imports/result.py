"""What an import gives: a grid, the changes of a new base, and what was not understood. Reads no file."""

from collections.abc import Iterator

import msgspec

from hpserver.base.changes import MAX_CHANGES, Change
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning

MAX_NOTES = 1_000
"""Notes listed one by one: further ones are counted by what they say, never dropped."""


class Note(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Something in the file that the base does not hold as written.

    `line` counts from 1, 0 when it is not known. `what` is a short stable phrase, `detail` quotes the file.
    """

    line: int
    what: str
    detail: str


class Report(msgspec.Struct, frozen=True):
    """How an import went.

    `source` names the kind of file (`hyperplanning`, `ade`, `ics`, `fet`, `generated`), `title` the timetable as
    the file calls it, or nothing. `counts` has one entry per kind of object created, and what the source counts
    in its own terms (`events`, `sessions`...). `notes` lists at most MAX_NOTES, `unlisted` counts the others by `what`.
    """

    source: str
    title: str
    counts: dict[str, int]
    notes: tuple[Note, ...] = ()
    unlisted: dict[str, int] = {}

    def noted(self) -> dict[str, int]:
        """Return how many notes there are of each `what`, listed or not."""
        found = dict(self.unlisted)
        for note in self.notes:
            found[note.what] = found.get(note.what, 0) + 1
        return found


class Imported(msgspec.Struct, frozen=True):
    """A timetable ready for a new base.

    `changes` are creations whose keys run from 1 in each kind, what is referred to before what refers: any cut in
    order is good, as long as the base is empty before the first.
    """

    grid: Grid
    changes: tuple[Change, ...]
    report: Report

    def batches(self) -> Iterator[tuple[Change, ...]]:
        """Yield the transactions to apply in order, of at most MAX_CHANGES changes each."""
        for start in range(0, len(self.changes), MAX_CHANGES):
            yield self.changes[start : start + MAX_CHANGES]


class Exported(msgspec.Struct, frozen=True):
    """A base as the files of another program, by name, and how much of it they do not say, by what it is."""

    files: dict[str, bytes]
    left_out: dict[str, int] = {}


def to_planning(imported: Imported) -> Planning:
    """Return a new planning with everything imported."""
    planning = Planning(imported.grid)
    for batch in imported.batches():
        planning.apply(batch)
    return planning
