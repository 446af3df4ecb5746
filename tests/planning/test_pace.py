from hpserver.planning.pace import CROWD, MAX_PATIENCE, MEMORY, Pace


def a_pace(writers: int, took: float = 0.002) -> Pace:
    """A planning whose last commit, over at 1.0, had that many writers."""
    pace = Pace()
    for session in range(writers):
        pace.wrote(session)
    pace.started(1.0 - took)
    pace.ended(1.0)
    return pace


def test_who_writes_alone_never_waits() -> None:
    """One writer, or a few, begin at once: waiting for the others would only cost time."""
    for writers in range(CROWD):
        assert a_pace(writers).patience(1.001) == 0.0
    assert Pace().patience(0.0) == 0.0


def test_a_crowd_waits_as_long_as_a_commit_takes() -> None:
    """Up to the limit, however slow the disk."""
    assert abs(a_pace(CROWD).patience(1.001) - 0.002) < 1e-9
    assert a_pace(CROWD, took=1.0).patience(1.001) == MAX_PATIENCE


def test_when_all_have_come_nobody_waits() -> None:
    """The last of those who wrote with the two commits before ends the wait."""
    pace = a_pace(CROWD)
    for session in range(CROWD):
        assert pace.patience(1.001) > 0
        pace.wrote(session)
    assert pace.patience(1.001) == 0.0


def test_a_crowd_that_has_gone_is_forgotten() -> None:
    """Some commits' time later, the next writer goes alone."""
    assert a_pace(CROWD).patience(1.0 + MEMORY * 0.002 + 0.001) == 0.0


def test_two_halves_of_a_crowd_find_together() -> None:
    """Those of the commit before the last are waited for too: a straggler joins the others again."""
    pace = a_pace(CROWD)
    pace.wrote(99)
    pace.started(1.001)
    pace.ended(1.003)
    pace.wrote(99)
    assert pace.patience(1.004) > 0
