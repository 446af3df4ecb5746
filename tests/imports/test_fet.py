import gzip
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hpserver.base.model import Activity
from hpserver.errors import ImportRefusedError
from hpserver.imports.fet import read_fet
from hpserver.imports.result import Imported, to_planning

LISTS = {
    "subject": "Subjects_List/Subject",
    "instructor": "Teachers_List/Teacher",
    "room": "Rooms_List/Room",
    "cohort": "Students_List/Year",
    "activity": "Activities_List/Activity",
}


def fet(activities: str = "", time: str = "", space: str = "") -> bytes:
    """Return a small school."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fet version="6.8.5"><Institution_Name>Lycée</Institution_Name>
<Days_List><Day><Name>Lu</Name></Day><Day><Name>Ma</Name></Day></Days_List>
<Hours_List><Hour><Name>8:00</Name></Hour><Hour><Name>9:00</Name></Hour><Hour><Name>10:00</Name></Hour></Hours_List>
<Subjects_List><Subject><Name>Maths</Name></Subject></Subjects_List>
<Teachers_List><Teacher><Name>DURAND</Name></Teacher></Teachers_List>
<Students_List><Year><Name>6e</Name><Group><Name>6A</Name></Group><Group><Name>6B</Name></Group></Year></Students_List>
<Activities_List>{activities}</Activities_List>
<Rooms_List><Room><Name>B1</Name><Building>Nord</Building><Capacity>30</Capacity></Room></Rooms_List>
<Time_Constraints_List>{time}</Time_Constraints_List><Space_Constraints_List>{space}</Space_Constraints_List>
</fet>""".encode()


def activity(number: int = 1, group: int = 0, duration: int = 2, more: str = "", students: str = "6A") -> str:
    """Return an activity as FET writes it."""
    return (
        f"<Activity><Teacher>DURAND</Teacher><Subject>Maths</Subject><Students>{students}</Students>"
        f"<Activity_Tag>TD</Activity_Tag><Duration>{duration}</Duration><Id>{number}</Id>"
        f"<Activity_Group_Id>{group}</Activity_Group_Id>{more}</Activity>"
    )


def start(number: int = 1, hour: str = "9:00", weight: str = "100", locked: str = "true") -> str:
    """Return the constraint that fixes an activity on Tuesday."""
    return (
        f"<ConstraintActivityPreferredStartingTime><Weight_Percentage>{weight}</Weight_Percentage>"
        f"<Activity_Id>{number}</Activity_Id><Preferred_Day>Ma</Preferred_Day><Preferred_Hour>{hour}</Preferred_Hour>"
        f"<Permanently_Locked>{locked}</Permanently_Locked></ConstraintActivityPreferredStartingTime>"
    )


ROOM = (
    "<ConstraintActivityPreferredRoom><Weight_Percentage>100</Weight_Percentage><Activity_Id>1</Activity_Id>"
    "<Room>B1</Room></ConstraintActivityPreferredRoom>"
)


def first(imported: Imported) -> Activity:
    """Return the first activity."""
    return to_planning(imported).activity(1)


def counts_in(data: bytes) -> dict[str, int]:
    """Return how many objects a file lists, read without any of the code under test."""
    root = ET.fromstring(data)  # noqa: S314 - a file of the package, or of the project's own data
    return {kind: len(root.findall(path)) for kind, path in LISTS.items()}


def test_an_activity_keeps_all_it_says() -> None:
    """Who, what, with whom, how long, under which number."""
    row = first(read_fet(fet(activity(12, 10, more="<Comments>craies</Comments>")), 2026))
    assert (row.subject, row.instructors, row.cohorts, row.groups) == (1, (1,), (), (1,))
    assert (row.instructional_type, row.duration, row.memo, row.code) == (1, 2, "craies", "10/12")
    assert (row.place, row.weeks.bit_count()) == (None, 36)


def test_fixed_times_and_rooms_place_an_activity() -> None:
    """A timetable made with FET comes in as it is, locks included."""
    imported = read_fet(fet(activity(), start(), ROOM), 2026)
    row = first(imported)
    assert (row.place, row.locked, row.rooms) == (4, True, (1,))
    assert not first(read_fet(fet(activity(), start(locked="false")), 2026)).locked
    assert imported.report.notes == ()


def test_wishes_and_other_constraints_are_counted() -> None:
    """What the base has no place for stands in the report."""
    other = "<ConstraintTeacherMaxGapsPerWeek><Max_Gaps>1</Max_Gaps></ConstraintTeacherMaxGapsPerWeek>"
    imported = read_fet(fet(activity(), start(weight="95") + other * 2), 2026)
    assert first(imported).place is None
    assert imported.report.counts["constraint ConstraintTeacherMaxGapsPerWeek"] == 2
    assert imported.report.counts["constraint ConstraintActivityPreferredStartingTime"] == 1


@pytest.mark.parametrize(
    ("activities", "time", "what"),
    [
        (activity(), start(hour="10:00"), "starting time too late for the duration, left unplaced"),
        (activity(), start(hour="23:00"), "day or hour unknown"),
        (activity(), start() + start(hour="8:00"), "a second starting time, the first is kept"),
        (activity(duration=9), "", "duration out of range"),
        (activity(more="<Active>false</Active>"), "", "inactive activity, kept without weeks"),
        (activity(students="7A"), "", "students unknown"),
        (activity(more="<Teacher>PETIT</Teacher>"), "", "Activity names something unknown"),
    ],
)
def test_what_does_not_fit_is_noted(activities: str, time: str, what: str) -> None:
    """The activity comes in all the same; the report says what is missing."""
    imported = read_fet(fet(activities, time), 2026)
    assert to_planning(imported).counts()["activity"] == 1
    assert what in imported.report.noted()


@pytest.mark.parametrize("data", [b"<html/>", b"<fet/>", b"", b"not xml", fet()[:-20], gzip.compress(fet())[:-9]])
def test_what_is_no_fet_file_is_refused(data: bytes) -> None:
    """Nothing is imported from half a file."""
    with pytest.raises(ImportRefusedError):
        read_fet(data, 2026)


@pytest.mark.slow
def test_the_schools_of_the_shared_data_have_the_figures_of_their_files(shared_data: Path) -> None:
    """Two real schools, every object counted."""
    for path in sorted((shared_data / "fet").glob("*.fet.gz")):
        data = path.read_bytes()
        imported = read_fet(data, 2026)
        planning = to_planning(imported)
        planning.validate()
        expected = counts_in(gzip.decompress(data))
        assert expected.items() <= planning.counts().items()
