"""What a program says by itself, and what only a person asks for; with real links see test_live_sessions.py."""

from hpserver.attending import BY_ITSELF, Attending
from hpserver.protocol import messages as m


def test_pings_and_following_do_not_count_as_somebody_there() -> None:
    """An idle session ends however often its program says that it lives, or comes back."""
    here = Attending("planning01", {})
    here.came(1, (7, "durand", "Modification"), 0.0, 50_000.0)
    for kind in BY_ITSELF:
        here.heard(1, kind, 3000.0)
    assert here.end_those_over(3600.0) == [1]
    here.heard(1, m.GetTimetable, 3601.0)
    assert here.end_those_over(3602.0) == []
    here.look_later(1, 3602.0)
    assert (here.end_those_over(3603.0), here.end_those_over(3608.0)) == ([], [1])
    here.left(1)
    assert not here.holds(1, 7)
