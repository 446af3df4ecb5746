"""How often, and how late, a process is tried again."""

from hpserver.supervision.backoff import delay_before_restart, has_recovered


def test_three_restarts_then_none() -> None:
    """A process that cannot run is tried a little, then left to a person."""
    assert [delay_before_restart(count) for count in range(5)] == [0.5, 2.0, 8.0, None, None]


def test_a_minute_of_service_clears_the_slate() -> None:
    """A death a month is not the third one of a storm."""
    assert not has_recovered(60.0)
    assert has_recovered(60.1)
    assert not has_recovered(float("-inf"))
