"""Which backups are kept: many of today, one of each day, one of each week."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from hpserver.hosting.thinning import Policy, kept

NOW = dt.datetime(2026, 11, 22, 21, 30, tzinfo=dt.UTC)
HOURLY = [NOW - dt.timedelta(hours=hours) for hours in range(24 * 100)]


def test_older_times_have_fewer_backups() -> None:
    """A hundred days of hourly backups become a few dozen, and each day and week keeps its last one."""
    found = sorted(kept(HOURLY, Policy(recent=6, daily=3, weekly=4)), reverse=True)
    assert found[:6] == HOURLY[:6]
    assert [one.strftime("%d %H:%M") for one in found[6:]] == [
        "21 23:30",
        "20 23:30",
        "15 23:30",
        "08 23:30",
        "01 23:30",
    ]


@given(st.lists(st.sampled_from(HOURLY), max_size=40), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_thinning_keeps_the_newest_and_is_done_once(
    moments: list[dt.datetime], recent: int, daily: int, weekly: int
) -> None:
    """There is always a backup when there was one, and thinning again removes nothing more."""
    policy = Policy(recent, daily, weekly)
    found = kept(moments, policy)
    assert found <= set(moments)
    assert not moments or max(moments) in found
    assert len(found) <= max(recent, 1) + daily + weekly
    assert kept(found, policy) == found
