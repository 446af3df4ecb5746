from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.checks import Checks
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.references import References, Tables
from hpserver.base.registry import KINDS
from hpserver.errors import HPError, InvalidChangeError, StillReferencedError, UnknownObjectError
from tests.histories import GRID, founding

SATURDAY = 5 * GRID.steps_per_day


@pytest.mark.parametrize(
    ("error", "details", "changes"),
    [
        (InvalidChangeError, ("activity", 1, "place"), [update("activity", 1, place=5)]),
        (InvalidChangeError, ("activity", 1, "place"), [update("activity", 1, place=SATURDAY)]),
        (InvalidChangeError, ("activity", 1, "place"), [update("activity", 1, place=7 * GRID.steps_per_day)]),
        (InvalidChangeError, ("activity", 1, "duration"), [update("activity", 1, duration=7)]),
        (InvalidChangeError, ("activity", 1, "weeks"), [update("activity", 1, weeks=0b10000)]),
        (InvalidChangeError, ("activity", 1, "rooms"), [update("activity", 1, rooms=[2, 2])]),
        (InvalidChangeError, ("meeting", meeting_key(3, 0), "place"), [update("activity", 3, duration=5)]),
        (InvalidChangeError, ("meeting", meeting_key(2, 3), "key"), [create("meeting", meeting_key(2, 3))]),
        (InvalidChangeError, ("meeting", meeting_key(2, 63), "key"), [create("meeting", meeting_key(2, 63))]),
        (UnknownObjectError, ("activity", 9, "key"), [create("meeting", meeting_key(9, 0))]),
        (UnknownObjectError, ("room", 9, "rooms"), [update("activity", 1, rooms=[1, 9])]),
        (StillReferencedError, ("room", 1, "rooms"), [delete("room", 1)]),
        (StillReferencedError, ("cohort", 1, "cohort"), [delete("cohort", 1)]),
        (StillReferencedError, ("room", 2, "rooms"), [delete("room", 2), update("activity", 1, rooms=[2])]),
        (StillReferencedError, ("subject", 1, "subject"), [delete("subject", 1), update("activity", 1, subject=1)]),
    ],
)
def test_a_rule_says_which_object_and_field_break_it(
    error: type[HPError], details: tuple[str, int, str], changes: list[Change]
) -> None:
    """Whoever is refused can be shown where; nothing of the transaction stays."""
    planning = Planning(GRID)
    planning.apply(founding())
    before = planning.derived(), planning.counts()
    with pytest.raises(error) as refusal:
        planning.apply(changes)
    assert tuple(refusal.value.details[name] for name in ("kind", "key", "field")) == details
    assert (planning.derived(), planning.counts()) == before
    planning.validate()


def test_an_object_goes_with_the_last_that_names_it() -> None:
    """In any order within one transaction."""
    planning = Planning(GRID)
    planning.apply([create("room", 1, name="A"), create("activity", 1, rooms=[1]), create("activity", 2, rooms=[1])])
    planning.apply([delete("room", 1), update("activity", 1, rooms=[]), delete("activity", 2)])
    assert planning.counts()["room"] == 0
    planning.validate()


def founded() -> Tables:
    """Return the rows of a small base, with some of every sort of field."""
    planning = Planning(GRID)
    planning.apply(founding())
    return {name: dict(planning.rows(name)) for name in KINDS}


FOUNDED = founded()
VALUES = (None, 0, 1, 2, 5, 9, 70, 1 << 61, (), (1,), (1, 1), (1, 2), (2, 9), "", "2025-02-30", "x")
"""Some of which no row may have, for one field or another."""


@given(st.data())
def test_all_rows_at_once_are_refused_as_each_alone_would_be(data: st.DataObject) -> None:
    """Reading a base looks at each different value once, and lets nothing through by that."""
    tables = {name: dict(rows) for name, rows in FOUNDED.items()}
    name = data.draw(st.sampled_from([name for name, rows in tables.items() if rows]))
    key = data.draw(st.sampled_from(list(tables[name])))
    field = data.draw(st.sampled_from(KINDS[name].fields()))
    fitting = [value for value in VALUES if fits(value, field.type)]
    if fitting:
        tables[name][key] = msgspec.structs.replace(
            tables[name][key], **{field.name: data.draw(st.sampled_from(fitting))}
        )
    checks = Checks(GRID, tables, References())
    assert refusal_of(checks.check_all) == refusal_of(checks.check_each)


def fits(value: object, wanted: Any) -> bool:
    """Say whether a field can hold a value."""
    try:
        return bool(msgspec.convert(value, wanted) == value)
    except msgspec.ValidationError:
        return False


def refusal_of(check: Callable[[str], None]) -> tuple[type[HPError], object] | None:
    """Return what a check of all kinds refuses, and about what."""
    try:
        for name in KINDS:
            check(name)
    except HPError as error:
        return type(error), error.details
    return None
