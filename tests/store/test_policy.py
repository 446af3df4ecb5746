"""What is kept how, by age."""

from hpserver.store.policy import DAY_MS, kept_snapshots, packable

NOW = 1_700_000_000_000


def test_a_year_of_snapshots_becomes_a_few_dozen() -> None:
    """Seven days, eight weeks, then months: a base never grows by its snapshots."""
    daily = [(0, 0)] + [(number, NOW - (365 - number) * DAY_MS) for number in range(1, 366)]
    kept = kept_snapshots(daily, NOW)
    assert {0, 364, 365} <= kept
    assert 20 <= len(kept) <= 35


def test_only_old_rows_beyond_the_newest_are_packed() -> None:
    """Age alone packs nothing that a start reads."""
    assert packable(100, 100) == 0
    assert packable(10_000, 10_000) == 6_000
    assert packable(10_000, 50) == 50
