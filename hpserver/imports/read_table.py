"""Which reader reads a table: by its first bytes, whatever its name."""

from typing import Final

from hpserver.errors import ImportRefusedError
from hpserver.imports.table import Table
from hpserver.imports.table_text import read_text
from hpserver.imports.xlsx import is_xlsx, read_xlsx

_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"


def read_table(name: str, data: bytes) -> Table:
    """Read a workbook (.xlsx), a CSV file or pasted cells. Raises ImportRefusedError, with line and column."""
    if is_xlsx(data):
        return read_xlsx(data)
    if data.startswith(_OLD_WORKBOOK):
        raise ImportRefusedError(
            f"{name[:64]!r} is a workbook of before 2007: save it as .xlsx or CSV", line=0, column=0
        )
    return read_text(data)
