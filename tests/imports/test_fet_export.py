from pathlib import Path

import pytest

from hpserver.base.changes import create
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.errors import ExportRefusedError
from hpserver.imports.fet import read_fet
from hpserver.imports.fet_export import FILE, write_fet
from hpserver.imports.result import to_planning
from tests.imports.test_fet import ROOM, activity, fet, start
from tests.imports.test_fet_constraints import constraint, times
from tests.schools import a_school


def differing(found: Planning, expected: Planning) -> list[str]:
    """Return the kinds of which not all objects are the same under the same keys, and the grid when it differs."""
    kinds = [kind for kind in KINDS if dict(found.rows(kind)) != dict(expected.rows(kind))]
    return kinds + ["grid"] * (found.grid != expected.grid)


def again(planning: Planning) -> Planning:
    """Return what the importer makes of an exported base."""
    return to_planning(read_fet(write_fet(planning, "École").files[FILE], 2026))


def test_what_is_held_comes_back() -> None:
    """Who, what, where, the constraints: row by row the same."""
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
    assert differing(found, planning) == []


def test_a_base_of_several_weeks_gives_its_fullest_week() -> None:
    """What is left out is counted; who clashes with whom stays the same."""
    planning = a_school(60)
    exported = write_fet(planning, "École")
    found = to_planning(read_fet(exported.files[FILE], 2026))
    assert found.counts()["activity"] + exported.left_out["activity of other weeks"] == 60
    week = int(exported.files[FILE].decode().partition("<Comments>")[2].partition("<")[0]) - 1
    here = sum(meeting_key(key, week) in planning.rows("meeting") for key in planning.rows("activity"))
    assert exported.left_out["meeting"] == planning.counts()["meeting"] - here
    assert found.counts()["group"] == planning.counts()["group"]
    for key in planning.rows("group"):
        assert len(found.students.rivals(("group", key))) == len(planning.students.rivals(("group", key)))


def test_a_week_that_is_asked_for_is_written_as_it_is() -> None:
    """What a meeting changes in that week is in the file, what is cancelled is not; the base has no week 99."""
    planning = to_planning(read_fet(fet(activity(1) + activity(2, students="6B"), start() + start(2), ROOM), 2026))
    planning.apply(
        [create("meeting", meeting_key(1, 4), place=1), create("meeting", meeting_key(2, 4), cancelled=True)]
    )
    found = to_planning(read_fet(write_fet(planning, "x", 4).files[FILE], 2026))
    assert [(row.code, row.place) for row in map(found.activity, found.rows("activity"))] == [("1", 1)]
    assert write_fet(planning, "x", 4).left_out == {"activity of other weeks": 1}
    assert write_fet(planning, "x", 3).left_out == {"meeting": 2}
    with pytest.raises(ExportRefusedError, match="week 99"):
        write_fet(planning, "x", 98)


def test_numbers_of_activities_are_those_of_their_codes() -> None:
    """Parts of one keep what they are parts of; codes that FET cannot have give way to keys."""
    planning = to_planning(read_fet(fet(activity(7, 7) + activity(9, 7) + activity(3)), 2026))
    assert b"<Total_Duration>4</Total_Duration><Id>9</Id><Activity_Group_Id>7<" in write_fet(planning, "x").files[FILE]
    assert differing(again(planning), planning) == []
    planning.apply([create("activity", 4, duration=1, weeks=planning.grid.all_weeks, code="TD/1")])
    assert [row.code for row in map(again(planning).activity, (1, 2, 3, 4))] == ["7/1", "7/2", "3", "4"]


def test_a_cycle_of_weeks_is_written_as_its_days() -> None:
    """Two weeks that take turns: every activity, availability and room comes back, in its weeks."""
    days = "".join(f"<Day><Name>J{number}</Name></Day>" for number in range(10))
    all_four = activity(1) + activity(2, students="6B", more="<Active>false</Active>") + activity(3) + activity(4)
    text = fet(all_four).decode()
    asked = constraint(
        "TeacherNotAvailableTimes", "<Teacher>DURAND</Teacher>" + times("Not_Available_Time", ("J7", "8:00"))
    )
    text = text.replace("<Day><Name>Lu</Name></Day><Day><Name>Ma</Name></Day>", days)
    text = text.replace("<Time_Constraints_List>", "<Time_Constraints_List>" + asked)
    planning = to_planning(read_fet(text.encode(), 2026))
    assert len({row.weeks for row in map(planning.activity, planning.rows("activity"))}) == 3
    exported = write_fet(planning, "x")
    assert exported.left_out == {}
    assert differing(to_planning(read_fet(exported.files[FILE], 2026)), planning) == []


def test_rooms_taken_together_are_a_virtual_room() -> None:
    """FET has no other word for an activity in two rooms; read again, it is in both and there is no third."""
    planning = to_planning(read_fet(fet(activity(1)), 2026))
    planning.apply(
        [
            create("room", 2, name="B2"),
            create("activity", 2, duration=1, weeks=planning.grid.all_weeks, rooms=(2, 1), code="2"),
        ]
    )
    assert write_fet(planning, "x").left_out == {}
    assert differing(again(planning), planning) == []


def test_objects_of_one_name_stay_apart() -> None:
    """Two rooms of one name stay two, and are called as before."""
    planning = a_school(5)
    planning.apply([create("room", 90, name="Même"), create("room", 91, name="Même")])
    names = [getattr(row, "name", "") for row in planning.rows("room").values()]
    assert [getattr(row, "name", "") for row in again(planning).rows("room").values()] == names


@pytest.mark.slow
def test_the_schools_of_the_shared_data_come_back(shared_data: Path) -> None:
    """Two real schools, out and in again: every object, every field."""
    for path in sorted((shared_data / "fet").glob("*.fet.gz")):
        planning = to_planning(read_fet(path.read_bytes(), 2026))
        exported = write_fet(planning, "x")
        assert exported.left_out == {}
        assert differing(to_planning(read_fet(exported.files[FILE], 2026)), planning) == [], path
