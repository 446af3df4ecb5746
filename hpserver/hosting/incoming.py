"""A file of another program, read behind walls, as changes of a base that is there. Knows every reader, no format.

One path for all: bytes, a confined process, a typed base or table, a list of changes. Nothing is changed here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from hpserver.base.changes import Change
from hpserver.base.planning import Planning
from hpserver.exports.format import SUFFIX
from hpserver.hosting.sandbox import open_table, open_untrusted
from hpserver.imports.onto import onto
from hpserver.imports.pending import resolved
from hpserver.imports.result import Report
from hpserver.imports.sheet import plan_table
from hpserver.imports.sheet_plan import SheetPlan
from hpserver.imports.students_csv import is_students, plan_students
from hpserver.imports.table import Table
from hpserver.protocol.messages import Reading

Understood: TypeAlias = Callable[[Planning], tuple[tuple[Change, ...], Report]]
"""What a file changes in a base, and what of it is not taken over; the base is only read."""


async def understood(source: Path | bytes, how: Reading) -> Understood:
    """Read a file and say what it does to any base. Raises ImportRefusedError, then and when it is asked.

    A table (`how.kind` says what its rows are) is taken whole, or with `how.partial` but for its wrong rows.
    """
    if how.kind:
        table = await open_table(source, how.file)
        return lambda base: _of_plan(planned(table, base, how), base, partial=how.partial)
    document = how.file.lower().endswith(SUFFIX)
    opened = await open_untrusted("document" if document else "other", source, name=how.file, year=how.year)
    read = opened.planning()
    return lambda base: (resolved(onto(read, base), base.next_keys), opened.report)


def planned(table: Table, base: Planning, how: Reading) -> SheetPlan:
    """Return what a table does to a base. Raises ImportRefusedError for one that has no such rows."""
    if how.kind == "student" and not how.columns and is_students(table):
        return plan_students(table, base)
    return plan_table(table, base, how.kind, how.columns, similar=how.similar, identical=how.identical)


def _of_plan(plan: SheetPlan, base: Planning, *, partial: bool) -> tuple[tuple[Change, ...], Report]:
    if not partial:
        plan.require_whole()
    return resolved(plan.changes, base.next_keys), plan.report()
