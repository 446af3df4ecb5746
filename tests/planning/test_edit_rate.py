"""The edits of the last minute."""

from hpserver.planning.edit_rate import EditRate


def test_a_base_that_rests_has_none() -> None:
    """However far its revisions are."""
    rate = EditRate()
    assert [rate.look(now, 4_000) for now in (5.0, 6.0, 500.0)] == [0, 0, 0]


def test_the_edits_of_a_minute_are_counted_and_forgotten() -> None:
    """One a second for two minutes: sixty, once a minute has passed; none a minute after the last."""
    rate = EditRate()
    told = [rate.look(second / 4, second // 4) for second in range(480)]
    assert told[200] == 50
    assert set(told[244:]) == {60}
    assert rate.look(180.0, 119) == 0


def test_little_is_kept_however_often_it_is_looked() -> None:
    """Sixty instants and one."""
    rate = EditRate()
    for tick in range(10_000):
        rate.look(tick / 50, tick)
    assert len(rate._seen) <= 61
