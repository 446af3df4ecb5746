"""The constraints of ITC-2019 and the rules of a base that they are. Knows no file."""

from collections.abc import Mapping
from typing import Final

import msgspec

from hpserver.base.model import Constraint


class Form(msgspec.Struct, frozen=True):
    """A rule, and the names of its parameters in the order of the constraint; `fixed` are those that it implies."""

    rule: str
    numbers: tuple[str, ...] = ()
    fixed: tuple[tuple[str, int], ...] = ()


FORMS: Final[Mapping[str, Form]] = {
    "SameStart": Form("same_hours", fixed=(("within", 0),)),
    "SameTime": Form("same_hours", fixed=(("within", 1),)),
    "DifferentTime": Form("different_hours"),
    "SameDays": Form("same_weekdays"),
    "DifferentDays": Form("different_weekdays"),
    "SameWeeks": Form("same_weeks"),
    "DifferentWeeks": Form("different_weeks"),
    "SameRoom": Form("same_rooms"),
    "DifferentRoom": Form("different_rooms"),
    "Overlap": Form("overlapping"),
    "NotOverlap": Form("not_overlapping"),
    "SameAttendees": Form("same_attendees"),
    "Precedence": Form("first_before"),
    "WorkDay": Form("day_span", ("minutes",)),
    "MinGap": Form("minimum_gap", ("minutes",)),
    "MaxDays": Form("weekdays_used", ("limit",)),
    "MaxDayLoad": Form("day_load", ("minutes",)),
    "MaxBreaks": Form("day_breaks", ("limit", "minutes")),
    "MaxBlock": Form("long_blocks", ("minutes", "gap")),
}
"""By the type of the constraint."""
_MINUTES: Final = frozenset({"minutes", "gap"})
"""Parameters that are slots there and minutes here."""


def parameters_of(form: Form, numbers: tuple[int, ...], step_minutes: int) -> tuple[tuple[str, int], ...]:
    """Return the parameters of the rule for the numbers of a constraint."""
    named = zip(form.numbers, numbers, strict=True)
    return form.fixed + tuple((name, value * (step_minutes if name in _MINUTES else 1)) for name, value in named)


def type_of(row: Constraint, step_minutes: int) -> tuple[str, tuple[int, ...]] | None:
    """Return the type and the numbers of a constraint of the base; None when the competition has none like it."""
    named = row.subjects, row.instructors, row.cohorts, row.groups, row.rooms, row.activities
    if any(named) or row.weeks is not None:
        return None
    given = dict(row.parameters)
    for kind, form in FORMS.items():
        whole = not any(given.get(name, 1) % step_minutes for name in form.numbers if name in _MINUTES)
        same = given.keys() == {*form.numbers, *dict(form.fixed)} and form.fixed == tuple(
            (name, given[name]) for name, _ in form.fixed
        )
        if form.rule == row.rule and same and whole:
            return kind, tuple(given[name] // (step_minutes if name in _MINUTES else 1) for name in form.numbers)
    return None
