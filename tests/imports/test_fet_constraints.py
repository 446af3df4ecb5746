from typing import cast

import pytest

from hpserver.base.model import Availability, Constraint, RoomPool
from hpserver.base.planning import Planning
from hpserver.imports import fet_constraints
from hpserver.imports.fet import read_fet
from hpserver.imports.result import to_planning
from tests.imports.test_fet import activity, fet

TWO = activity(1) + activity(2, students="6B")


def constraint(name: str, inner: str, weight: str = "100", active: str = "true") -> str:
    """Return a constraint as FET writes it."""
    head = f"<Weight_Percentage>{weight}</Weight_Percentage>"
    return f"<Constraint{name}>{head}{inner}<Active>{active}</Active></Constraint{name}>"


def times(element: str, *when: tuple[str, str]) -> str:
    """Return times."""
    return "".join(f"<{element}><Day>{day}</Day><Hour>{hour}</Hour></{element}>" for day, hour in when)


def read(time: str = "", space: str = "") -> tuple[Planning, dict[str, int]]:
    """Return a base, and what was left out."""
    imported = read_fet(fet(TWO, time, space), 2026)
    planning = to_planning(imported)
    planning.validate()
    left = {name: count for name, count in imported.report.counts.items() if name.startswith("constraint C")}
    return planning, left


def rules(planning: Planning) -> list[tuple[str, bool, int, tuple[tuple[str, int], ...]]]:
    """Return the constraints of a base."""
    rows = [cast(Constraint, row) for row in planning.rows("constraint").values()]
    return [(row.rule, row.hard, row.weight, row.parameters) for row in rows]


@pytest.mark.parametrize(
    ("name", "inner", "field"),
    [
        ("TeacherNotAvailableTimes", "<Teacher>DURAND</Teacher>", "instructor"),
        ("StudentsSetNotAvailableTimes", "<Students>6e</Students>", "cohort"),
        ("StudentsSetNotAvailableTimes", "<Students>6B</Students>", "group"),
        ("RoomNotAvailableTimes", "<Room>B1</Room>", "room"),
    ],
)
def test_times_that_somebody_has_not_are_availabilities(name: str, inner: str, field: str) -> None:
    """Hours in a row are one; every week."""
    when = times("Not_Available_Time", ("Lu", "8:00"), ("Lu", "9:00"), ("Ma", "10:00"))
    planning, left = read(constraint(name, inner + when))
    rows = [cast(Availability, row) for row in planning.rows("availability").values()]
    assert [(row.level, row.place, row.steps, row.weeks) for row in rows] == [
        ("impossible", 0, 2, planning.grid.all_weeks),
        ("impossible", 5, 1, planning.grid.all_weeks),
    ]
    assert all(getattr(row, field) is not None for row in rows)
    assert left == {}


def test_breaks_hold_for_every_subject() -> None:
    """Nobody teaches anything then."""
    planning, left = read(constraint("BreakTimes", times("Break_Time", ("Lu", "9:00"))))
    (row,) = (cast(Availability, row) for row in planning.rows("availability").values())
    assert (row.subject, row.place, left) == (1, 1, {})


@pytest.mark.parametrize(
    ("name", "inner", "rule", "parameters"),
    [
        ("TeacherMaxHoursDaily", "<Teacher_Name>DURAND</Teacher_Name><Maximum_Hours_Daily>5</Maximum_Hours_Daily>",
         "daily_maximum", (("minutes", 300),)),
        ("TeachersMaxGapsPerDay", "<Max_Gaps>1</Max_Gaps>", "daily_gaps", (("minutes", 60),)),
        ("StudentsMaxGapsPerWeek", "<Max_Gaps>2</Max_Gaps>", "weekly_gaps", (("minutes", 120),)),
        ("TeacherMaxDaysPerWeek", "<Teacher_Name>DURAND</Teacher_Name><Max_Days_Per_Week>4</Max_Days_Per_Week>",
         "days_per_week", (("limit", 4),)),
        ("StudentsSetMaxHoursContinuously",
         "<Students>6A</Students><Maximum_Hours_Continuously>3</Maximum_Hours_Continuously>",
         "hours_in_a_row", (("minutes", 180),)),
        ("TeachersMinHoursDaily",
         "<Minimum_Hours_Daily>2</Minimum_Hours_Daily><Allow_Empty_Days>true</Allow_Empty_Days>",
         "daily_minimum", (("minutes", 120),)),
        ("MinDaysBetweenActivities", "<Activity_Id>1</Activity_Id><Activity_Id>2</Activity_Id><MinDays>2</MinDays>",
         "days_between", (("days", 2),)),
        ("ActivitiesSameStartingTime", "<Activity_Id>1</Activity_Id><Activity_Id>2</Activity_Id>", "same_start", ()),
        ("ActivitiesSameStartingDay", "<Activity_Id>1</Activity_Id><Activity_Id>2</Activity_Id>", "same_day", ()),
        ("ActivitiesNotOverlapping", "<Activity_Id>1</Activity_Id><Activity_Id>2</Activity_Id>", "not_overlapping", ()),
        ("TwoActivitiesGrouped",
         "<First_Activity_Id>1</First_Activity_Id><Second_Activity_Id>2</Second_Activity_Id>",
         "consecutive", (("either", 1),)),
        ("TwoActivitiesOrdered",
         "<First_Activity_Id>2</First_Activity_Id><Second_Activity_Id>1</Second_Activity_Id>", "sequence", ()),
    ],
)  # fmt: skip
def test_what_means_the_same_becomes_a_rule(
    name: str, inner: str, rule: str, parameters: tuple[tuple[str, int], ...]
) -> None:
    """Hard at 100 %, a wish of its weight below."""
    planning, left = read(constraint(name, inner))
    assert (rules(planning), left) == ([(rule, True, 1, parameters)], {})
    planning, left = read(constraint(name, inner, weight="94.6"))
    assert (rules(planning), left) == ([(rule, False, 95, parameters)], {})


@pytest.mark.parametrize(
    ("name", "inner", "weight", "active"),
    [
        ("TeachersMaxGapsPerDay", "<Max_Gaps>1</Max_Gaps>", "100", "false"),
        ("TeachersMaxGapsPerDay", "<Max_Gaps>1</Max_Gaps>", "0", "true"),
        ("TeachersMaxGapsPerDay", "<Max_Gaps>x</Max_Gaps>", "100", "true"),
        ("TeacherMaxGapsPerDay", "<Teacher_Name>X</Teacher_Name><Max_Gaps>1</Max_Gaps>", "100", "true"),
        ("TeachersMaxDaysPerWeek", "<Max_Days_Per_Week>99</Max_Days_Per_Week>", "100", "true"),
        ("TeachersMinHoursDaily",
         "<Minimum_Hours_Daily>2</Minimum_Hours_Daily><Allow_Empty_Days>false</Allow_Empty_Days>", "100", "true"),
        ("MinDaysBetweenActivities", "<Activity_Id>1</Activity_Id><Activity_Id>9</Activity_Id><MinDays>1</MinDays>",
         "100", "true"),
        ("TeacherMinRestingHours", "<Teacher_Name>DURAND</Teacher_Name>", "100", "true"),
    ],
)  # fmt: skip
def test_what_does_not_mean_the_same_is_counted(name: str, inner: str, weight: str, active: str) -> None:
    """By its name, never dropped silently, never taken for something near."""
    planning, left = read(constraint(name, inner, weight, active))
    assert (rules(planning), left) == ([], {f"constraint Constraint{name}": 1})


def test_a_gap_where_nobody_is_free_is_none_in_fet() -> None:
    """So a limit of gaps is not taken for who has such a hole."""
    hole = constraint(
        "TeacherNotAvailableTimes", "<Teacher>DURAND</Teacher>" + times("Not_Available_Time", ("Lu", "9:00"))
    )
    planning, left = read(constraint("TeachersMaxGapsPerDay", "<Max_Gaps>1</Max_Gaps>") + hole)
    assert (rules(planning), left) == ([], {"constraint ConstraintTeachersMaxGapsPerDay": 1})


def test_rooms_that_are_preferred_are_a_pool() -> None:
    """Until one is chosen; what several constraints say holds together."""
    inner = "<Subject>Maths</Subject><Preferred_Room>B1</Preferred_Room>"
    planning, left = read(space=constraint("SubjectPreferredRooms", inner))
    assert left == {}
    assert planning.activity(1).pool == planning.activity(2).pool == 1
    assert cast(RoomPool, planning.get("room_pool", 1)).rooms == (1,)
    _, left = read(space=constraint("SubjectPreferredRooms", inner, weight="90"))
    assert left == {"constraint ConstraintSubjectPreferredRooms": 1}


def test_a_file_cannot_make_rows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit, constraints are counted."""
    monkeypatch.setattr(fet_constraints, "MAX_ROWS", 1)
    same = constraint("ActivitiesSameStartingTime", "<Activity_Id>1</Activity_Id><Activity_Id>2</Activity_Id>")
    planning, left = read(same * 3)
    assert (len(rules(planning)), left) == (1, {"constraint ConstraintActivitiesSameStartingTime": 2})
