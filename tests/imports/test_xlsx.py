import contextlib
import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import xlsx
from hpserver.imports.xlsx import is_xlsx, read_xlsx
from hpserver.imports.xlsx_write import write_xlsx

WORKBOOKS = Path(__file__).parent / "workbooks"
"""Saved by other programs: openpyxl 3.1.5 and XlsxWriter 3.3."""
SHEET = "xl/worksheets/sheet1.xml"
GOOD = write_xlsx([("Nom", "Nombre"), ("Zoë", "12")])


def changed(path: str, old: bytes, new: bytes, data: bytes = GOOD) -> bytes:
    """Return a workbook with one of its files changed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, re.sub(re.escape(old), lambda _: new, content) if name == path else content)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["openpyxl.xlsx", "xlsxwriter.xlsx"])
def test_workbooks_of_other_programs_are_read(name: str) -> None:
    """Shared, inline and rich texts, dates and hours by their style, numbers, booleans, empty cells."""
    rows = read_xlsx((WORKBOOKS / name).read_bytes()).rows
    assert rows[0].cells == ("Nom", "Prénom", "Né(e) le", "Heure", "Nombre", "Oui")
    assert rows[1].cells == ("MARTIN", "Zoë", "2001-02-28", "08:30", "12", "1")
    assert rows[2].cells == ("O'BRIEN & Fils", "", "", "", "0.5", "0")


def test_the_first_bytes_tell_a_workbook() -> None:
    """Whatever its name."""
    assert is_xlsx(GOOD)
    assert not is_xlsx(b"Nom,")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        GOOD[:-30],
        changed(SHEET, b"</worksheet>", b""),
        changed("xl/workbook.xml", b"<sheets>", b"<!DOCTYPE a>"),
        changed(SHEET, b"<sheetData>", b"<a>" * 100),
        changed("xl/_rels/workbook.xml.rels", b"sheet1", b"sheet9"),
    ],
)
def test_a_damaged_workbook_is_refused(data: bytes) -> None:
    """With an error of the house, whatever is wrong in it."""
    with pytest.raises(ImportRefusedError):
        read_xlsx(data)


@pytest.mark.parametrize(
    ("cell", "line", "column"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', 1048576, 16384),
        (b'<row r="3"><c r="B3" t="s"><v>7</v></c></row>', 3, 2),
        (b'<row r="3"><c r="B3"><v>x</v></c></row>', 3, 2),
        (b'<row r="3"><c r="B3"><v>1e999</v></c></row>', 3, 2),
        (b'<row r="3"><c r="B3"><v>nan</v></c></row>', 3, 2),
        (b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"x" * 5000 + b"</t></is></c></row>", 3, 1),
    ],
)
def test_a_wrong_cell_is_refused_where_it_is(cell: bytes, line: int, column: int) -> None:
    """One cell far away makes no table of thousands of millions of cells."""
    with pytest.raises(ImportRefusedError) as caught:
        read_xlsx(changed(SHEET, b"</sheetData>", cell + b"</sheetData>"))
    assert (caught.value.details["line"], caught.value.details["column"]) == (line, column)


def test_a_small_file_cannot_become_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unpacked is counted, over all files of the archive, not what the archive says of itself."""
    bomb = changed(SHEET, b"<sheetData>", b"<sheetData>" + b"<row/>" * 30_000)
    assert len(bomb) < 10_000
    assert len(read_xlsx(bomb).rows) == 2
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 100_000)
    with pytest.raises(ImportRefusedError, match="once unpacked"):
        read_xlsx(bomb)


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_MEMBERS", 3), ("MAX_ROWS", 1), ("MAX_BYTES", 100), ("MAX_DEPTH", 2)]
)
def test_every_limit_holds(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """Beyond it, the file is refused."""
    monkeypatch.setattr(xlsx, limit, value)
    with pytest.raises(ImportRefusedError):
        read_xlsx(GOOD)


def test_shared_texts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number and their length."""
    monkeypatch.setattr(xlsx, "MAX_TEXTS", 2)
    with pytest.raises(ImportRefusedError):
        read_xlsx((WORKBOOKS / "xlsxwriter.xlsx").read_bytes())


@given(st.binary(max_size=40), st.integers(0, len(GOOD)))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    """Nothing but an error of the house comes out of a damaged archive."""
    with contextlib.suppress(ImportRefusedError):
        read_xlsx(GOOD[:at] + noise + GOOD[at + len(noise) :])


def test_a_day_after_the_last_one_is_refused() -> None:
    """A part of a second before midnight is rounded up."""
    styled = changed("xl/styles.xml", b'<cellXfs count="2"><xf numFmtId="0"', b'<cellXfs count="2"><xf numFmtId="14"')
    cell = b'<row r="3"><c r="A3" s="0"><v>2958465.9999999</v></c></row>'
    with pytest.raises(ImportRefusedError):
        read_xlsx(changed(SHEET, b"</sheetData>", cell + b"</sheetData>", styled))
