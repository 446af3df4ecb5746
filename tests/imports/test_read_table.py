import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports.read_table import read_table
from hpserver.imports.xlsx_write import write_xlsx


def test_the_bytes_say_what_a_table_is() -> None:
    """A workbook saved as .csv is still a workbook."""
    assert read_table("a.csv", write_xlsx([("Nom",)])).form == "xlsx"
    assert read_table("a.xlsx", b"Nom,Code\n").form == "csv"
    assert read_table("-", b"Nom\tCode\n").form == "tsv"


def test_a_workbook_of_before_2007_is_refused_with_what_to_do() -> None:
    """It is another format."""
    with pytest.raises(ImportRefusedError, match=r"save it as \.xlsx"):
        read_table("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
