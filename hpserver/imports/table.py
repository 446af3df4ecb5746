"""Tables as texts in rows and columns: what spreadsheets, CSV files and pasted cells have in common. Knows no base."""

import msgspec

from hpserver.errors import ImportRefusedError

MAX_BYTES = 16 * 1024 * 1024
"""Size of a file: 20 000 students with their groups take 4 MiB as text."""
MAX_ROWS = 50_000
"""Rows of a table: the largest universities have fewer students, and fewer courses."""
MAX_COLUMNS = 256
"""Columns of a table: a kind has at most 20 fields; exports of other programs stay under 100."""
MAX_CELL = 4_000
"""Characters of a cell: twice a memo."""


class TableRow(msgspec.Struct, frozen=True, gc=False):
    """The cells of one row, without spaces around them. `line` counts from 1, in the file."""

    line: int
    cells: tuple[str, ...]

    def at(self, column: int) -> str:
        """Return a cell by its column (from 0), nothing when the row is shorter."""
        return self.cells[column] if column < len(self.cells) else ""


class Table(msgspec.Struct, frozen=True):
    """Rows with at least one cell that is not empty. `form` says what it was read from: `csv`, `tsv`, `xlsx`."""

    form: str
    rows: tuple[TableRow, ...]

    def titles(self) -> tuple[str, ...]:
        """Return the first row, which has the titles. Raises ImportRefusedError when there is none."""
        if not self.rows:
            raise refused("the table is empty", 1, 1)
        return self.rows[0].cells


def refused(why: str, line: int, column: int) -> ImportRefusedError:
    """Return the refusal of a whole file for what stands at a line and column (from 1)."""
    return ImportRefusedError(f"line {line}, column {column}: {why}", line=line, column=column)
