"""A table as an XLSX file: one sheet of texts and whole numbers, its titles bold and kept in sight. Knows no kind."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""Date of the files in the archive: the same table always gives the same bytes."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")
MAX_SHEET_NAME: Final = 31
"""Characters of the name of a sheet, a limit of the format."""

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_FILES: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>',
}  # fmt: skip


def write_xlsx(rows: Iterable[Sequence[str]], sheet: str = "Table") -> bytes:
    """Return rows, titles first, as a workbook. Whole numbers become numbers, everything else is text."""
    name = re.sub(r"[][:*?/\\']", " ", sheet)[:MAX_SHEET_NAME].strip() or "Table"
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(name)} sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**_FILES, "xl/workbook.xml": book}.items():
            archive.writestr(zipfile.ZipInfo(path, _WHEN), _HEAD + content, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml", _WHEN), _sheet(rows), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _sheet(rows: Iterable[Sequence[str]]) -> str:
    lines = (
        f'<row r="{line}">{"".join(_cell(line, at, cell) for at, cell in enumerate(row, 1) if cell)}</row>'
        for line, row in enumerate(rows, 1)
    )
    view = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    views = f'<sheetViews><sheetView workbookViewId="0">{view}</sheetView></sheetViews>'
    return f'{_HEAD}<worksheet xmlns="{_MAIN}">{views}<sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(line: int, column: int, text: str) -> str:
    at = f'r="{_letters(column)}{line}"' + (' s="1"' if line == 1 else "")
    if line > 1 and _NUMBER.fullmatch(text):
        return f"<c {at}><v>{text}</v></c>"
    clean = escape(_CONTROL.sub(" ", text))
    return f'<c {at} t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
