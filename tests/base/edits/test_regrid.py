"""Another grid under a base in use: exact or refused, and every loss is told first."""

import datetime as dt
from dataclasses import dataclass
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create
from hpserver.base.edits.regrid import Fit, Loss, preview, regridded, reshaped
from hpserver.base.grid import Grid
from hpserver.base.model import Activity, meeting_key
from hpserver.base.planning import Planning
from hpserver.errors import InvalidGridError
from tests.schools import a_grid, a_school

OLD = Grid(dt.date(2025, 9, 1), 10, 0b11111, 10, 60, 2, 480)


def other(**fields: object) -> Grid:
    """Return the grid with other parameters."""
    return msgspec.structs.replace(OLD, **fields)


def planning() -> Planning:
    """Return a base with something of each unit."""
    base = Planning(OLD)
    base.apply([
        create("instructor", 1, name="Durand"),
        create("student", 1, name="Petit"),
        create("activity", 1, duration=3, weeks=0b1111100000, place=20 + 1, instructors=[1]),
        create("activity", 2, duration=2, weeks=0b1, place=80 + 18),
        create("meeting", meeting_key(1, 9), place=40),
        create("availability", 1, level="impossible", instructor=1, place=0, steps=20, weeks=0b11),
        create("absence", 1, student=1, week=9, place=2, steps=2),
    ])  # fmt: skip
    return base


@dataclass
class Case:
    """A grid, and what it costs the base above."""

    new: Grid
    losses: tuple[Loss, ...]


CASES = {
    "the same": Case(OLD, ()),
    "more weeks": Case(other(weeks=12), ()),
    "weeks before": Case(other(first_monday=dt.date(2025, 8, 18), weeks=12), ()),
    "finer steps": Case(other(division=4), ()),
    "a longer day": Case(other(day_start=420, sequences=12), ()),
    "a day more": Case(other(days=0b111111), ()),
    "no friday": Case(other(days=0b1111), (Loss("activity", 2, "place"),)),
    "fewer weeks": Case(
        other(weeks=9), (Loss("activity", 1, "weeks", 1 << 9), Loss("absence", 1, "object", 1 << 9))
    ),
    "coarser steps": Case(
        other(division=1),
        (Loss("activity", 1, "duration"), Loss("activity", 1, "place")),
    ),
    "a shorter day": Case(
        other(sequences=9),
        (Loss("activity", 2, "place"), Loss("availability", 1, "duration")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_loss_is_told_and_what_is_told_suffices(case: Case) -> None:
    """Whoever reads the preview knows the price; once paid, the new grid fits."""
    base = planning()
    assert preview(base, case.new).losses == case.losses
    there = regridded(base, case.new)
    there.validate()
    assert there.grid == case.new
    assert base == planning()


@pytest.mark.parametrize("name", ["no friday", "fewer weeks", "coarser steps", "a shorter day"])
def test_what_would_be_lost_is_refused(name: str) -> None:
    """A change of grid alone never loses anything."""
    base = planning()
    with pytest.raises(InvalidGridError):
        planning_fits(base, CASES[name].new)


def planning_fits(base: Planning, new: Grid) -> None:
    """Raise InvalidGridError unless everything is there in the new grid, at the place where it is."""
    fit = Fit(base.grid, new)
    reshaped(base.grid, new, {kind: base.rows(kind) for kind in base.counts()})
    for row in base.rows("activity").values():
        place = cast(Activity, row).place
        if place is not None and not fit.fits(place, cast(Activity, row).duration):
            raise InvalidGridError("it does not fit", parameter="place")


def test_hours_and_dates_stay_what_they_were() -> None:
    """Only the way of writing them changes."""
    base, new = planning(), other(first_monday=dt.date(2025, 8, 18), weeks=12, division=6, day_start=360, sequences=12)
    tables = reshaped(OLD, new, {kind: base.rows(kind) for kind in base.counts()})
    row = cast(Activity, tables["activity"][1])
    assert (row.place, row.duration, row.weeks) == (72 + 12 + 3, 9, 0b111110000000)
    assert set(tables["meeting"]) == {meeting_key(1, 11)}


GRIDS = st.builds(
    lambda division, start, sequences, weeks, before: other(
        division=division, day_start=start * 60, sequences=sequences, weeks=weeks,
        first_monday=OLD.first_monday - dt.timedelta(weeks=before),
    ),
    st.sampled_from([1, 2, 3, 4, 6, 12]), st.integers(5, 9), st.integers(6, 14), st.integers(5, 20), st.integers(-2, 4),
)  # fmt: skip


@given(GRIDS, st.integers(0, 1000))
def test_there_and_back_is_where_one_was(new: Grid, seed: int) -> None:
    """A change of grid can be taken back."""
    base = a_school(12, seed, a_grid(10))
    regridded(base, new).validate()
    base.apply(preview(base, new).changes)
    tables = {kind: dict(base.rows(kind)) for kind in base.counts()}
    there = reshaped(base.grid, new, tables)
    back = reshaped(new, base.grid, tables | there)
    assert back == {kind: tables[kind] for kind in back}
