import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import table_text
from hpserver.imports.table import MAX_CELL, MAX_COLUMNS
from hpserver.imports.table_text import read_text, write_csv


def cells(data: bytes) -> list[tuple[str, ...]]:
    """Return the cells of a text."""
    return [row.cells for row in read_text(data).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_ends_of_lines_are_found(separator: str, encoding: str, end: str) -> None:
    """Whatever program saved it, it is the same table."""
    text = separator.join(("Nom", "Prénom")) + end + separator.join(("Müller", "Zoë")) + end
    assert cells(text.encode(encoding)) == [("Nom", "Prénom"), ("Müller", "Zoë")]


def test_quoted_cells_hold_separators_quotes_and_lines() -> None:
    """A list in one cell stays one cell; lines are counted as in the file."""
    table = read_text(b'a,b\n"1, ""2""\n3",x\n\n4,y\n')
    assert [(row.line, row.cells) for row in table.rows] == [
        (1, ("a", "b")),
        (2, ('1, "2"\n3', "x")),
        (5, ("4", "y")),
    ]


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'a,b\nc,"d\n', 2, 3),
        (b'a,b\n"c"d,e\n', 2, 5),
        (b"a\x00b", 1, 2),
        (b"a,b\nc\x01", 2, 2),
        (b"\xff\xfea", 1, 3),
        (b"a\n" + b"," * MAX_COLUMNS, 2, 257),
        (b"a\n" + b"x" * (MAX_CELL + 1), 2, MAX_CELL + 2),
        (b"a\n\x81\xe9", 2, 1),
    ],
)
def test_what_is_no_table_is_refused_where_it_is(data: bytes, line: int, column: int) -> None:
    """Line and column lead to the place in an editor."""
    with pytest.raises(ImportRefusedError) as caught:
        read_text(data)
    assert (caught.value.details["line"], caught.value.details["column"]) == (line, column)


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes and rows are bounded."""
    monkeypatch.setattr(table_text, "MAX_BYTES", 10)
    with pytest.raises(ImportRefusedError):
        read_text(b"x" * 11)
    monkeypatch.setattr(table_text, "MAX_ROWS", 2)
    with pytest.raises(ImportRefusedError) as caught:
        read_text(b"a\nb\nc\n")
    assert caught.value.details["line"] == 4


def test_a_cell_is_no_formula() -> None:
    """What begins like a formula is text in a spreadsheet, and comes back as it was; a number stays one."""
    data = write_csv([("=1+1", "-3", "@x", "'tis", "+33 1")])
    assert data.decode("utf-8-sig") == "'=1+1,-3,'@x,''tis,'+33 1\r\n"
    assert cells(data) == [("=1+1", "-3", "@x", "'tis", "+33 1")]


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc"])
TEXT = st.text(LETTERS, max_size=8).map(str.strip)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_what_is_written_is_read_back(rows: list[list[str]], separator: str) -> None:
    """Any text survives, in any separator, under titles that show which one it is."""
    titles = ["a", "b", "c", "d", "e"]
    wanted = [tuple(row) for row in [titles, *rows] if any(row)]
    assert cells(write_csv([titles, *rows], separator)) == wanted
