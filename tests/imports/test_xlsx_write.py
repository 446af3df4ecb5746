import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from hpserver.imports.xlsx import read_xlsx
from hpserver.imports.xlsx_write import MAX_SHEET_NAME, write_xlsx

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12).map(str.strip)


@given(st.lists(st.lists(TEXT, min_size=1, max_size=30), min_size=1, max_size=4))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    """Any text, in any column, as text; whole numbers too."""
    found = read_xlsx(write_xlsx(rows)).rows
    wanted = [row for row in rows if any(row)]
    assert [list(row.cells) for row in found] == [
        row[: max(i for i, cell in enumerate(row, 1) if cell)] for row in wanted
    ]


def test_the_same_table_gives_the_same_bytes() -> None:
    """A file that did not change is not another one."""
    assert write_xlsx([("a",)]) == write_xlsx([("a",)])


def test_the_name_of_a_sheet_is_one_that_spreadsheets_accept() -> None:
    """No sign that they refuse, no more than 31 characters."""
    with zipfile.ZipFile(io.BytesIO(write_xlsx([("a",)], "[TD/option]: " + "x" * 50))) as book:
        text = book.read("xl/workbook.xml").decode()
    name = text.partition('name="')[2].partition('"')[0]
    assert len(name) <= MAX_SHEET_NAME
    assert not set(name) & set("[]:*?/\\")
