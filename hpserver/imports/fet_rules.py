"""Which constraints of FET mean the same as rules of a base, and with which words they say so. Reads no file.

A name left out of these tables is not the same as any rule: it is counted, never taken for something near.
"""

import re
from typing import Final, Literal, TypeAlias

import msgspec

Per: TypeAlias = Literal["day", "week", "pair"]
"""Over what it counts: FET's days may be half days, and its week a cycle of weeks."""
Care: TypeAlias = Literal["", "gaps", "least"]
"""What else must hold for it to be the same: no hole where nobody is free; whole lines of students."""


class Limit(msgspec.Struct, frozen=True):
    """A number that teachers or students may not exceed, or must reach; `hours` when FET counts time."""

    rule: str
    parameter: str
    element: str
    per: Per
    hours: bool = True
    care: Care = ""


class Between(msgspec.Struct, frozen=True):
    """Something between activities, named by `elements` in the order that matters."""

    rule: str
    elements: tuple[str, ...]
    parameters: tuple[tuple[str, int], ...] = ()
    number: tuple[str, str] = ("", "")
    """Parameter and element of a number."""


_LIMITS: Final = {
    "MaxHoursDaily": Limit("daily_maximum", "minutes", "Maximum_Hours_Daily", "day"),
    "MinHoursDaily": Limit("daily_minimum", "minutes", "Minimum_Hours_Daily", "day", care="least"),
    "MaxHoursContinuously": Limit("hours_in_a_row", "minutes", "Maximum_Hours_Continuously", "day"),
    "MaxGapsPerDay": Limit("daily_gaps", "minutes", "Max_Gaps", "day", care="gaps"),
    "MaxGapsPerWeek": Limit("weekly_gaps", "minutes", "Max_Gaps", "week", care="gaps"),
    "MaxDaysPerWeek": Limit("days_per_week", "limit", "Max_Days_Per_Week", "week", hours=False),
    "MaxBuildingChangesPerDay": Limit("site_changes", "limit", "Max_Building_Changes_Per_Day", "day", hours=False),
}
LIMITS: Final = {f"Constraint{who}{name}": limit for who in ("Teacher", "Teachers", "Students", "StudentsSet")
                 for name, limit in _LIMITS.items()}  # fmt: skip
"""Limits by the name of the constraint; those of `Teachers` and `Students` are for all of them."""
FOR_ALL: Final = re.compile("Constraint(Teachers|Students(?!Set))[A-Z]")
"""How the names of constraints for all of them begin."""

_IDS: Final = ("Activity_Id",)
_TWO: Final = ("First_Activity_Id", "Second_Activity_Id")
BETWEEN: Final = {
    "ConstraintMinDaysBetweenActivities": Between("days_between", _IDS, number=("days", "MinDays")),
    "ConstraintActivitiesSameStartingTime": Between("same_start", _IDS),
    "ConstraintActivitiesSameStartingDay": Between("same_day", _IDS),
    "ConstraintActivitiesNotOverlapping": Between("not_overlapping", _IDS),
    "ConstraintTwoActivitiesConsecutive": Between("consecutive", _TWO),
    "ConstraintTwoActivitiesGrouped": Between("consecutive", _TWO, (("either", 1),)),
    "ConstraintTwoActivitiesOrdered": Between("sequence", _TWO),
}
"""Rules between activities by the name of the constraint."""

UNAVAILABLE: Final = {
    "ConstraintTeacherNotAvailableTimes": ("instructor", "Teacher"),
    "ConstraintStudentsSetNotAvailableTimes": ("students", "Students"),
    "ConstraintRoomNotAvailableTimes": ("room", "Room"),
}
"""Whom a constraint makes unavailable, and the element that names it."""
BREAKS: Final = "ConstraintBreakTimes"

ROOMS: Final = {
    "ConstraintActivityPreferredRooms": ("Activity_Id",),
    "ConstraintSubjectPreferredRoom": ("Subject",),
    "ConstraintSubjectPreferredRooms": ("Subject",),
    "ConstraintActivityTagPreferredRoom": ("Activity_Tag",),
    "ConstraintActivityTagPreferredRooms": ("Activity_Tag",),
    "ConstraintSubjectActivityTagPreferredRoom": ("Subject", "Activity_Tag"),
    "ConstraintSubjectActivityTagPreferredRooms": ("Subject", "Activity_Tag"),
}
"""Elements that say which activities take one of the rooms that the constraint names."""
