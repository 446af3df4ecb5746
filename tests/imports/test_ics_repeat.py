import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.imports.ics_repeat import MAX_OCCURRENCES, maybe_occurrences

MONDAY = dt.datetime(2026, 9, 7, 8, 0)  # noqa: DTZ001 - an hour on the wall


def test_a_weekly_event_comes_on_its_days() -> None:
    """Two days a week, three times in all."""
    rule: dict[str, list[object]] = {"FREQ": ["WEEKLY"], "COUNT": [3], "BYDAY": ["WE", "MO"]}
    found = maybe_occurrences(MONDAY, rule)
    assert found == (MONDAY, MONDAY + dt.timedelta(days=2), MONDAY + dt.timedelta(days=7))


def test_a_repetition_stops_at_its_last_day_included() -> None:
    """UNTIL is the last start, not the first one left out."""
    rule: dict[str, list[object]] = {"FREQ": ["WEEKLY"], "INTERVAL": [2], "UNTIL": [MONDAY + dt.timedelta(weeks=4)]}
    assert maybe_occurrences(MONDAY, rule) == tuple(MONDAY + dt.timedelta(weeks=week) for week in (0, 2, 4))


def test_a_repetition_without_end_stops() -> None:
    """No file makes the import run for ever."""
    found = maybe_occurrences(MONDAY, {"FREQ": ["DAILY"]})
    assert found is not None
    assert len(found) == MAX_OCCURRENCES


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"FREQ": ["SECONDLY"]},
        {"FREQ": ["MONTHLY"]},
        {"FREQ": ["WEEKLY"], "INTERVAL": [0]},
        {"FREQ": ["WEEKLY"], "BYDAY": ["1MO"]},
        {"FREQ": ["WEEKLY"], "BYSETPOS": [1]},
        {"FREQ": ["DAILY"], "INTERVAL": ["x"]},
        {"FREQ": ["DAILY"], "UNTIL": ["x"]},
    ],
)
def test_other_rules_are_not_understood(rule: dict[str, list[object]]) -> None:
    """Better no repetition, and a note, than a wrong one."""
    assert maybe_occurrences(MONDAY, rule) is None


@given(st.sampled_from(["DAILY", "WEEKLY"]), st.integers(-5, 10**9), st.integers(-5, 10**9))
def test_any_numbers_end(frequency: str, interval: int, count: int) -> None:
    """Huge and negative numbers neither hang nor crash."""
    found = maybe_occurrences(MONDAY, {"FREQ": [frequency], "INTERVAL": [interval], "COUNT": [count]})
    assert found is None or len(found) <= MAX_OCCURRENCES
