"""What a table would do to a base, told before it is done: by column, by row, what is wrong. Knows no file."""

from collections import Counter
from typing import Literal, TypeAlias

import msgspec

from hpserver.base.changes import Change
from hpserver.errors import ImportRefusedError
from hpserver.imports.draft import MAX_DETAIL, one_line
from hpserver.imports.result import MAX_NOTES, Note, Report

Action: TypeAlias = Literal["create", "update", "same", "skip"]


class Column(msgspec.Struct, frozen=True):
    """A column of the table (from 1) and the field it fills, nothing when it is left out."""

    number: int
    title: str
    field: str


class Remark(msgspec.Struct, frozen=True):
    """Something to know about a cell, or a row when `column` is 0. One that is `wrong` keeps its row out."""

    line: int
    column: int
    what: str
    detail: str = ""
    wrong: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What becomes of a row."""

    line: int
    action: Action
    label: str
    why: str = ""


class SheetPlan(msgspec.Struct, frozen=True):
    """A table understood: nothing is done yet. `changes` leave the rows out that are `wrong`.

    `made` and `updated` count objects by kind, those made because a row names them included.
    """

    source: str
    kind: str
    columns: tuple[Column, ...]
    outcomes: tuple[Outcome, ...]
    remarks: tuple[Remark, ...]
    changes: tuple[Change, ...]
    made: dict[str, int]
    updated: dict[str, int]
    unlisted: int = 0

    def counts(self) -> dict[Action, int]:
        """Return how many rows there are of each outcome."""
        found: Counter[Action] = Counter(outcome.action for outcome in self.outcomes)
        return dict(found)

    def wrong(self) -> tuple[Remark, ...]:
        """Return what keeps rows out."""
        return tuple(remark for remark in self.remarks if remark.wrong)

    def require_whole(self) -> None:
        """Raise ImportRefusedError, with line and column, unless every row can be taken."""
        wrong = self.wrong()
        if wrong:
            first = wrong[0]
            rows = len({remark.line for remark in wrong})
            text = f"line {first.line}, column {first.column}: {first.what}: {first.detail!r}; wrong rows: {rows}"
            raise ImportRefusedError(text, line=first.line, column=first.column)

    def report(self) -> Report:
        """Return the plan as the report of an import."""
        notes = tuple(Note(one.line, one.what, one.detail) for one in self.remarks)
        counts = {"rows": len(self.outcomes)} | self.made
        return Report(
            self.source, "", counts, notes[:MAX_NOTES], {"further remarks": self.unlisted} if self.unlisted else {}
        )


class Remarks:
    """Collects remarks, at most MAX_NOTES of those that are not wrong; the others are counted."""

    def __init__(self) -> None:
        self.list: list[Remark] = []
        self.unlisted = 0
        self._wrong: set[int] = set()

    def note(self, line: int, column: int, what: str, detail: object = "") -> None:
        """Keep something to know."""
        if len(self.list) >= MAX_NOTES:
            self.unlisted += 1
        else:
            self.list.append(Remark(line, column, what, _short(detail)))

    def wrong(self, line: int, column: int, what: str, detail: object = "") -> None:
        """Keep something that keeps a row out."""
        self._wrong.add(line)
        self.list.append(Remark(line, column, what, _short(detail), wrong=True))

    def is_wrong(self, line: int) -> bool:
        """Say whether something keeps a row out."""
        return line in self._wrong


def _short(detail: object) -> str:
    return one_line(str(detail))[:MAX_DETAIL]
