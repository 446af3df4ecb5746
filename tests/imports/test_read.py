import gzip

import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports.read import read_file

ICS = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20230904T080000\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n"
FET = (
    b"<?xml version='1.0'?><fet><Days_List><Day><Name>Lundi</Name></Day></Days_List>"
    b"<Hours_List><Hour><Name>8:00</Name></Hour></Hours_List></fet>"
)


@pytest.mark.parametrize(
    ("name", "data", "source"),
    [
        ("a.ics", ICS, "ics"),
        ("a.ICS", ICS, "ics"),
        ("export", ICS, "ics"),
        ("a.fet", FET, "fet"),
        ("a.fet.gz", gzip.compress(FET), "fet"),
        ("a.fet", gzip.compress(FET), "fet"),
        ("", b"\xef\xbb\xbf" + FET, "fet"),
    ],
)
def test_a_file_is_known_by_its_name_or_its_first_bytes(name: str, data: bytes, source: str) -> None:
    """A file saved under another name is still read."""
    assert read_file(name, data, 2026).report.source == source


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"hello", b"\0" * 100, b"<html></html>"])
def test_anything_else_is_refused(data: bytes) -> None:
    """A spreadsheet or a page saved from a browser gives a clear answer."""
    with pytest.raises(ImportRefusedError):
        read_file("a.xls", data, 2026)
