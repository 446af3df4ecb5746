"""When a base in service is packed, in virtual time."""

from hypothesis import given
from hypothesis import strategies as st

from hpserver.planning.upkeep import EVERY_SECONDS, QUIET_SECONDS, Upkeep


def test_a_base_is_left_alone_until_nobody_edits() -> None:
    """The start of a server counts as an edit, and so does every revision."""
    upkeep = Upkeep()
    assert not upkeep.may_work(3, 3, 100)
    assert not upkeep.may_work(3, 3, 100 + QUIET_SECONDS - 0.1)
    assert upkeep.may_work(3, 3, 100 + QUIET_SECONDS)
    assert not upkeep.may_work(4, 4, 100 + QUIET_SECONDS)
    assert upkeep.may_work(4, 4, 100 + 2 * QUIET_SECONDS)


def test_nothing_is_packed_while_a_commit_is_under_way() -> None:
    """However long the disk takes."""
    upkeep = Upkeep()
    assert not any(upkeep.may_work(5, 4, now) for now in range(1000))
    assert upkeep.may_work(5, 5, 1000)


def test_one_part_at_a_time_until_the_day_is_done() -> None:
    """An edit between two parts is waited for; then a day goes by."""
    upkeep = Upkeep()
    upkeep.may_work(1, 1, 0)
    upkeep.began()
    assert not upkeep.may_work(1, 1, 10)
    assert upkeep.ended(512, 11) == 0
    assert not upkeep.may_work(2, 2, 12)
    assert upkeep.may_work(2, 2, 17)
    upkeep.began()
    assert upkeep.ended(30, 18) == 0
    upkeep.began()
    assert upkeep.ended(0, 19) == 542
    assert not upkeep.may_work(2, 2, 18 + EVERY_SECONDS)
    assert upkeep.may_work(2, 2, 19 + EVERY_SECONDS)
    upkeep.began()
    assert upkeep.ended(0, 19 + EVERY_SECONDS) == 0


@given(st.lists(st.tuples(st.floats(0, 9_000), st.booleans(), st.integers(0, 2)), max_size=200))
def test_a_day_ends_once_at_most_in_a_day_and_no_part_follows_an_edit(
    steps: list[tuple[float, bool, int]],
) -> None:
    """Whatever people do, and however many parts there are."""
    upkeep, now, head, edited_at = Upkeep(), 0.0, 0, 0.0
    ends = list[float]()
    for pause, edits, parts in steps:
        now += pause
        if edits:
            head, edited_at = head + 1, now
        if upkeep.may_work(head, head, now):
            assert now - edited_at >= QUIET_SECONDS
            assert not ends or now - ends[-1] >= EVERY_SECONDS
            upkeep.began()
            upkeep.ended(parts, now)
            if not parts:
                ends.append(now)
