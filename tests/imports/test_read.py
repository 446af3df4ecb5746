import gzip

import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports.bundle import zipped
from hpserver.imports.read import read_file
from hpserver.imports.result import to_planning
from tests.itc2019 import problem, solution
from tests.udine import ECTT, plain
from tests.untis import folder

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
        ("comp01.ctt", plain(ECTT).encode(), "itc2007"),
        ("comp01", ECTT.encode(), "itc2007"),
        ("a.xml", problem().encode(), "itc2019"),
        ("a.xml.gz", gzip.compress(problem().encode()), "itc2019"),
        ("a", problem().encode(), "itc2019"),
        ("a.zip", zipped(folder()), "untis"),
        ("a.zip", zipped({"problem.ctt": plain(ECTT).encode()}), "itc2007"),
        ("", zipped({"x/problem.xml": problem(1).encode(), "solution": solution(problem(1), 1).encode()}), "itc2019"),
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


def test_a_problem_comes_with_its_solution_in_one_zip() -> None:
    """What is read behind walls is one file."""
    bundle = zipped({"problem.ctt": plain(ECTT).encode(), "solution": b"Algebra rA 0 3\n"})
    assert to_planning(read_file("x", bundle, 2026)).activity(1).place == 3
