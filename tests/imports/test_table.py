import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports.table import Table, TableRow, refused


def test_a_row_that_is_shorter_has_empty_cells() -> None:
    """Spreadsheets leave out what is empty at the end."""
    row = TableRow(3, ("a", "b"))
    assert (row.at(0), row.at(1), row.at(2)) == ("a", "b", "")


def test_an_empty_table_has_no_titles() -> None:
    """It is refused, where it is."""
    with pytest.raises(ImportRefusedError) as caught:
        Table("csv", ()).titles()
    assert (caught.value.details["line"], caught.value.details["column"]) == (1, 1)


def test_a_refusal_says_line_and_column() -> None:
    """In its text and in its details."""
    error = refused("why", 3, 5)
    assert error.text == "line 3, column 5: why"
    assert error.details == {"line": 3, "column": 5}
