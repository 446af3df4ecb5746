from pathlib import Path

import pytest

from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.imports.fet import read_fet
from hpserver.imports.fet_export import FILE, write_fet
from hpserver.imports.result import to_planning
from tests.imports.test_fet import ROOM, activity, fet, start
from tests.imports.test_fet_constraints import constraint, times
from tests.schools import a_school

KINDS = (
    "subject",
    "instructor",
    "cohort",
    "group",
    "room",
    "site",
    "activity",
    "availability",
    "constraint",
    "room_pool",
)


def again(planning: Planning) -> Planning:
    """Return what the importer makes of an exported base."""
    return to_planning(read_fet(write_fet(planning, "École").files[FILE], 2026))


def test_what_is_held_comes_back() -> None:
    """Who, what, where, the constraints: row by row the same but for codes, which are FET's numbers."""
    both = "<Activity_Id>1</Activity_Id><Activity_Id>2</Activity_Id>"
    asked = [
        start(),
        constraint(
            "TeacherNotAvailableTimes", "<Teacher>DURAND</Teacher>" + times("Not_Available_Time", ("Lu", "8:00"))
        ),
        constraint("StudentsSetMaxHoursDaily", "<Students>6A</Students><Maximum_Hours_Daily>2</Maximum_Hours_Daily>"),
        constraint("MinDaysBetweenActivities", both + "<MinDays>1</MinDays>", "95"),
        constraint(
            "TwoActivitiesGrouped", "<First_Activity_Id>1</First_Activity_Id><Second_Activity_Id>2</Second_Activity_Id>"
        ),
        constraint("BreakTimes", times("Break_Time", ("Ma", "8:00"))),
    ]
    one_room = constraint(
        "ActivitiesOccupyMaxDifferentRooms", both + "<Max_Number_of_Different_Rooms>1</Max_Number_of_Different_Rooms>"
    )
    planning = to_planning(
        read_fet(fet(activity(1) + activity(2, students="6B"), "".join(asked), ROOM + one_room), 2026)
    )
    assert planning.counts()["constraint"] == 4
    assert write_fet(planning, "x").left_out == {}
    found = again(planning)
    for kind in KINDS:
        assert sorted(map(repr, found.rows(kind).values())) == sorted(map(repr, planning.rows(kind).values())), kind


def test_a_base_of_several_weeks_gives_its_fullest_week() -> None:
    """What is left out is counted; who clashes with whom stays the same."""
    planning = a_school(60)
    exported = write_fet(planning, "École")
    found = to_planning(read_fet(exported.files[FILE], 2026))
    assert found.counts()["activity"] + exported.left_out["activity of other weeks"] == 60
    assert exported.left_out["meeting"] == planning.counts()["meeting"]
    assert found.counts()["group"] == planning.counts()["group"]
    for key in planning.rows("group"):
        assert len(found.students.rivals(("group", key))) == len(planning.students.rivals(("group", key)))


def test_names_that_fet_cannot_tell_apart_get_their_number() -> None:
    """Two rooms of one name stay two."""
    planning = a_school(5)
    planning.apply([create("room", 90, name="Même"), create("room", 91, name="Même")])
    assert len(again(planning).rows("room")) == len(planning.rows("room"))


@pytest.mark.slow
def test_the_schools_of_the_shared_data_come_back(shared_data: Path) -> None:
    """Two real schools, out and in again: every object and activity."""
    for path in sorted((shared_data / "fet").glob("*.fet.gz")):
        planning = to_planning(read_fet(path.read_bytes(), 2026))
        found = again(planning)
        for kind in ("subject", "instructor", "cohort", "group", "room", "activity"):
            assert found.counts()[kind] == planning.counts()[kind], (path, kind)
