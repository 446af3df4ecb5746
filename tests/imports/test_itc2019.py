import gzip
from pathlib import Path

import pytest

from hpserver.base.grid import check
from hpserver.base.model import RoomPool
from hpserver.errors import ImportRefusedError
from hpserver.imports.itc2019 import grid_of, read_itc2019
from hpserver.imports.itc2019_text import parse_problem
from hpserver.imports.result import to_planning
from tests.itc2019 import problem

TEXT = problem(3)


def test_a_problem_becomes_a_base() -> None:
    """Rooms, sites and ways, courses and who asks for them, classes and what is left to choose."""
    imported = read_itc2019(gzip.compress(TEXT.encode()), 2026)
    planning = to_planning(imported)
    planning.validate()
    expected = {"subject": 2, "cohort": 2, "student": 3, "room": 3, "site": 3, "travel_time": 2, "combined_group": 6}
    assert expected.items() <= planning.counts().items()
    assert len(planning.rows("membership")) == 4
    stated = parse_problem(TEXT.encode())
    codes = {row.code for row in map(planning.activity, planning.rows("activity"))}
    assert codes == {
        f"{key}/{number + 1}"
        for key, section in stated.sections.items()
        for number in range(min(section.times, key=lambda time: time.penalty).days.bit_count())
    }
    assert not [key for key in planning.rows("activity") if planning.activity(key).place is not None]
    assert imported.report.noted() == {}
    counts = planning.counts()
    assert counts["possible_time"] == sum(len(section.times) for section in stated.sections.values())
    assert counts["possible_room"] == sum(len(section.rooms) for section in stated.sections.values())
    assert (counts["series"], counts["criterion"], counts["constraint"]) == (6, 4, len(stated.distributions))
    pool = planning.activity(1).pool
    assert pool is not None
    assert isinstance(planning.get("room_pool", pool), RoomPool)


def test_a_time_without_choice_is_placed_and_locked() -> None:
    """The file leaves one time and one room: the class is there."""
    head, _, rest = TEXT.partition('<class id="4"')
    inside, _, tail = rest.partition("</class>")
    time = inside[inside.index("<time") : inside.index("/>", inside.index("<time")) + 2]
    text = f'{head}<class id="4" limit="3"><room id="2" penalty="0"/>{time}</class>{tail}'
    planning = to_planning(read_itc2019(text.encode(), 2026))
    rows = [row for row in map(planning.activity, planning.rows("activity")) if row.code.startswith("4/")]
    assert rows
    assert all(row.place is not None and row.locked and row.rooms == (2,) for row in rows)


def test_a_parent_comes_before_its_classes() -> None:
    """Wherever it stands in the file; one that is its own ancestor is told and left out."""
    text = TEXT.replace('<class id="1" limit="2"', '<class id="1" limit="2" parent="4"')
    planning = to_planning(read_itc2019(text.encode(), 2026))
    names = [getattr(row, "name", "") for row in planning.rows("series").values()]
    assert names == ["4", "1", "2", "3", "5", "6"]
    round_text = TEXT.replace('<class id="1" limit="2"', '<class id="1" limit="2" parent="2"')
    assert read_itc2019(round_text.encode(), 2026).report.noted() == {"parents that go round in a circle": 1}


def test_a_time_that_a_class_may_not_have_is_noted() -> None:
    """It is not placed where the problem has no such time."""
    solved = b'<solution><class id="1" days="111" start="23" weeks="11" room="1"/></solution>'
    imported = read_itc2019(TEXT.encode(), 2026, solved)
    assert "time that the class may not have, left unplaced" in imported.report.noted()


@pytest.mark.parametrize("slots", [1, 7, 24, 48, 96, 144, 288, 100])
def test_every_number_of_slots_has_a_grid(slots: int) -> None:
    """Slots of five minutes, of an hour, or of an odd length."""
    text = f'<problem nrDays="7" nrWeeks="62" slotsPerDay="{slots}"/>'
    grid = grid_of(parse_problem(text.encode()), 2026)
    check(grid)
    assert grid.steps_per_day == slots


def test_nothing_is_made_of_half_a_file() -> None:
    """Both files, or neither."""
    with pytest.raises(ImportRefusedError):
        read_itc2019(TEXT.encode()[:-100], 2026)
    with pytest.raises(ImportRefusedError):
        read_itc2019(TEXT.encode(), 2026, b"<solution>")
    with pytest.raises(ImportRefusedError):
        read_itc2019(gzip.compress(TEXT.encode())[:-9], 2026)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lums-sum17", "wbg-fal10"])
def test_the_problems_of_the_shared_data_are_read(name: str, shared_data: Path) -> None:
    """Two real universities, every class and room counted."""
    data = (shared_data / "itc2019" / f"{name}.xml.gz").read_bytes()
    planning = to_planning(read_itc2019(data, 2026))
    planning.validate()
    text = gzip.decompress(data).decode("utf-8-sig")
    counts = planning.counts()
    assert counts["combined_group"] == text.count("limit=")
    assert counts["room"] == text.count("capacity=")
    assert counts["student"] == text.count("<student ")
