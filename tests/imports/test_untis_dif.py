from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import untis_dif
from hpserver.imports.untis_dif import Record, known_files, records, written


@pytest.mark.parametrize(
    "data",
    [
        '1,"1A","Müller","De ""x""",,1\r\n\r\n2,"","","","",2\r\n'.encode(),
        '1;"1A";"Müller";"De ""x""";;1\n2;;;;;2'.encode("cp1252"),
        '\ufeff1\t1A\tMüller\t"De ""x"""\t\t1\n2\t\t\t\t\t2\n'.encode(),
    ],
)
def test_every_separator_and_encoding_is_read(data: bytes) -> None:
    """Untis lets people choose all three: the file says which."""
    assert records("GPU001.TXT", data) == [
        Record(1, ("1", "1A", "Müller", 'De "x"', "", "1")),
        Record(3 if b"\r\n\r\n" in data else 2, ("2", "", "", "", "", "2")),
    ]


def test_a_quoted_text_may_run_over_lines() -> None:
    """Lines are still counted as an editor does."""
    first, second = records("x", b'1,"a\nb"\n2,c\n')
    assert (first.fields, second.line, second.at(1), second.at(9)) == (("1", "a\nb"), 3, "c", "")


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'1,"a\n', 1, 4),
        (b'1,2\n1,"a"b\n', 2, 6),
        (b"1\n\x81\xff", 2, 1),
        (b"1\n\x00", 2, 1),
        (b"1" + b"," * 200, 1, 102),
    ],
)
def test_what_is_no_such_file_is_refused_where_it_breaks(data: bytes, line: int, column: int) -> None:
    """Whoever exported it finds the place."""
    with pytest.raises(ImportRefusedError) as caught:
        records("GPU001.TXT", data)
    assert (caught.value.details["line"], caught.value.details["column"]) == (line, column)


def test_files_of_a_folder_are_known_by_their_number() -> None:
    """In any case, in a folder of the zip or not; others are left aside."""
    assert known_files({"x/gpu002.txt": b"a", "GPU003.TXT": b"b", "readme.md": b"c"}) == {2: b"a", 3: b"b"}
    with pytest.raises(ImportRefusedError, match="twice"):
        known_files({"a/GPU002.TXT": b"", "b/GPU002.TXT": b""})
    with pytest.raises(ImportRefusedError, match="no export"):
        known_files({"readme.md": b""})


def test_t_many_records_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file made to fill the memory stops early."""
    monkeypatch.setattr(untis_dif, "MAX_RECORDS", 10)
    with pytest.raises(ImportRefusedError):
        records("x", b"1\n" * 20)


_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)


@given(st.lists(st.lists(_TEXT, min_size=2, max_size=5), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_is_written_reads_back(rows: list[list[str]], separator: str) -> None:
    """Quotes, separators and accents inside texts survive."""
    found = records("x", written([["head", "line"], *rows], separator).encode())
    clean = [tuple(" ".join(value.split()) for value in row) for row in rows]
    assert [record.fields for record in found[1:]] == [row for row in clean if any(row)]


@given(st.binary(max_size=80))
def test_t_any_bytes_are_read_or_refused(junk: bytes) -> None:
    """Nothing but the documented error."""
    with suppress(ImportRefusedError):
        records("x", junk)
