import pytest

from hpserver.base.changes import create, update
from hpserver.imports.result import to_planning
from hpserver.imports.untis import read_untis
from hpserver.imports.untis_dif import records
from hpserver.imports.untis_export import write_untis
from tests.untis import folder


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-8-sig")])
def test_what_is_written_reads_back_as_the_same_base(separator: str, encoding: str) -> None:
    """Every object and lesson, strands and dates included."""
    imported = read_untis(folder(), 2026)
    exported = write_untis(to_planning(imported), separator=separator, encoding=encoding)
    again = read_untis(exported.files, 2026)
    assert to_planning(again) == to_planning(imported)
    assert exported.left_out == {}


def test_any_base_can_be_written() -> None:
    """Activities without a number get one; what Untis has no place for is counted."""
    planning = to_planning(read_untis(folder(), 2026))
    planning.apply(
        [
            create("activity", -1, subject=1, duration=2, weeks=0b101, place=3, cohorts=[1, 2], rooms=[1, 2]),
            create("site", -2, name="Nord"),
            update("cohort", 2, code="1A"),
        ]
    )
    exported = write_untis(planning)
    lines = [record.fields[:7] for record in records("x", exported.files["GPU001.TXT"]) if record.at(0) == "302"]
    assert len(lines) == 8
    assert {fields[1] for fields in lines} == {"1A", "1A#2"}
    assert exported.left_out == {"site": 1, "weeks with a gap": 1}
