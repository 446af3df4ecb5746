import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports.untis_dif import Record
from hpserver.imports.untis_lessons import Block, Line, lessons, strands


def asked(number: int, weekly: str, *who: str) -> Record:
    """Return a record of GPU002."""
    return Record(1, (str(number), weekly, "", "", *who))


def placed(number: int, class_: str, teacher: str, subject: str, room: str, day: int, period: int) -> Record:
    """Return a record of GPU001."""
    return Record(1, (str(number), class_, teacher, subject, room, str(day), str(period)))


def test_periods_in_a_row_are_one_block() -> None:
    """A double lesson is one activity; what is not placed is one block per period."""
    rows = [placed(7, "1A", "MU", "D", "R1", 2, period) for period in (4, 3, 6)]
    found = lessons([asked(7, "5", "1A", "MU", "D", "")], rows)[7]
    line = Line("1A", "MU", "D", ("R1",))
    assert list(found.blocks()) == [
        Block(1, 3, 2, (line,)),
        Block(1, 6, 1, (line,)),
        *[Block(None, 0, 1, (Line("1A", "MU", "D", ()),))] * 2,
    ]
    assert found.surplus() == 0


def test_a_change_of_room_parts_a_block() -> None:
    """Two periods in two rooms are two activities."""
    rows = [placed(7, "1A", "MU", "D", "R1", 1, 1), placed(7, "1A", "MU", "D", "R2", 1, 2)]
    assert [block.length for block in lessons(None, rows)[7].blocks()] == [1, 1]
    assert lessons([asked(7, "1", "1A", "MU", "D", "")], rows)[7].surplus() == 1


def test_lines_that_share_a_teacher_or_a_room_are_taught_together() -> None:
    """Two classes with one teacher are one strand; two teachers in two rooms are two."""
    lines = [Line("1A", "MU", "Sp", ("T1",)), Line("1B", "MU", "Sp", ("T1",)), Line("1B", "KO", "Sp", ("T2",))]
    assert [(strand.classes, strand.teachers) for strand in strands(lines)] == [
        (("1A", "1B"), ("MU",)),
        (("1B",), ("KO",)),
    ]
    team = [Line("1A", "MU", "D", ("R1", "R2")), Line("1A", "KO", "D", ("R2",)), Line("1A", "KO", "E", ("R2",))]
    assert [strand.teachers for strand in strands(team)] == [("MU", "KO"), ("KO",)]
    assert len(strands([Line("1A", "", "D", ()), Line("1B", "", "D", ())])) == 1


@pytest.mark.parametrize("weekly", ["", "0", "2", "2.50", "1,5"])
def test_parts_of_a_period_count_as_one(weekly: str) -> None:
    """Untis shares periods between weeks: a half one takes its place all the same."""
    expected = {"": 0, "0": 0, "2": 2, "2.50": 3, "1,5": 2}[weekly]
    assert lessons([asked(1, weekly, "1A", "", "", "")], [])[1].weekly == expected


@pytest.mark.parametrize(
    "record", [placed(1, "", "", "", "", 8, 1), placed(1, "", "", "", "", 1, 100), Record(3, ("x", "1")), Record(3, ())]
)
def test_numbers_out_of_range_are_refused(record: Record) -> None:
    """A day, a period or a lesson that is none says that the file is another one."""
    with pytest.raises(ImportRefusedError, match="GPU001, line"):
        lessons(None, [record])


def test_periods_a_week_are_bounded() -> None:
    """A lesson of a million periods is a typing error."""
    for weekly in ("101", "x", "99999999"):
        with pytest.raises(ImportRefusedError, match="GPU002"):
            lessons([asked(1, weekly, "", "", "", "")], [])
