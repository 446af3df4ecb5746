"""A peer's silence, counted in full."""

from hpserver.protocol.silence import Idle, Silence


def test_two_pings_then_the_end() -> None:
    """30 seconds each, however often one asks."""
    silence = Silence(0.0)
    told = [silence.verdict(float(second)) for second in range(0, 100, 5)]
    assert [told.count(Idle.PINGED), told.index(Idle.PINGED), told.index(Idle.DEAD)] == [2, 6, 18]


def test_a_word_starts_the_count_anew() -> None:
    """Any bytes will do, not only Pong."""
    silence = Silence(0.0)
    assert silence.verdict(65.0) is Idle.PINGED
    silence.heard(66.0)
    assert silence.pings == 0
    assert silence.verdict(95.0) is Idle.FINE
