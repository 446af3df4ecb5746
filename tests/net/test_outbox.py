"""The queue of one link."""

from hypothesis import given
from hypothesis import strategies as st

from hpserver.net.outbox import BATCH_BYTES, Outbox, Verdict
from hpserver.protocol.limits import OUTPUT_BEFORE_LOGIN, OUTPUT_HARD, OUTPUT_SOFT, OUTPUT_SOFT_SECONDS


def logged_in() -> Outbox:
    """Return the queue of a peer that logged in."""
    outbox = Outbox()
    outbox.raise_limits()
    return outbox


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=8), st.data())
def test_bytes_leave_in_order_whatever_the_system_takes(pieces: list[bytes], data: st.DataObject) -> None:
    """Joining, partial sends and late puts never lose, repeat or reorder a byte."""
    outbox, sent, waiting = Outbox(), bytearray(), list(pieces)
    while waiting or outbox.size:
        if waiting and (not outbox.size or data.draw(st.booleans())):
            outbox.put(waiting.pop(0))
            continue
        head = bytes(outbox.head())
        count = data.draw(st.integers(1, len(head)))
        assert outbox.head() == head, "the head changed between two tries"
        outbox.drop(count)
        sent += head[:count]
        assert outbox.size + len(sent) + sum(map(len, waiting)) == sum(map(len, pieces))
    assert bytes(sent) == b"".join(pieces)


def test_a_refused_write_is_tried_again_with_the_same_bytes() -> None:
    """TLS wants the same bytes after a refusal, even when more was queued meanwhile."""
    outbox = Outbox()
    outbox.put(b"one")
    assert outbox.head() == b"one"
    outbox.put(b"two")
    assert outbox.head() == b"one"


def test_small_writes_are_joined_up_to_a_batch() -> None:
    """A thousand small answers are a few sends, and a big one is not copied."""
    outbox = Outbox()
    for _ in range(1000):
        outbox.put(b"x" * 100)
    assert BATCH_BYTES - 100 < len(outbox.head()) <= BATCH_BYTES
    big = b"y" * (2 * BATCH_BYTES)
    outbox = Outbox()
    outbox.put(big)
    outbox.put(b"z")
    assert outbox.head() is big


def test_p05_a_peer_over_the_soft_limit_is_behind_then_over() -> None:
    """Over 2 MiB is behind at once and over after ten seconds without a pause; below, the count starts again."""
    outbox = logged_in()
    outbox.put(bytes(OUTPUT_SOFT))
    assert outbox.judge(0.0) is Verdict.OK
    outbox.put(b"x")
    assert outbox.judge(1.0) is Verdict.BEHIND
    assert outbox.judge(1.0 + OUTPUT_SOFT_SECONDS - 0.1) is Verdict.BEHIND
    assert 0.09 < outbox.seconds_left(1.0 + OUTPUT_SOFT_SECONDS - 0.1) < 0.11
    assert outbox.seconds_left(1.0 + OUTPUT_SOFT_SECONDS) > 0
    outbox.drop(1)
    assert outbox.judge(12.0) is Verdict.OK
    outbox.put(b"x")
    assert outbox.judge(13.0) is Verdict.BEHIND
    assert outbox.judge(13.0 + OUTPUT_SOFT_SECONDS) is Verdict.OVER


def test_p05_a_peer_over_the_hard_limit_is_over_at_once() -> None:
    """Nobody makes the server hold more than 8 MiB for them."""
    outbox = logged_in()
    outbox.put(bytes(OUTPUT_HARD))
    assert outbox.judge(0.0) is Verdict.BEHIND
    outbox.put(b"x")
    assert outbox.judge(0.0) is Verdict.OVER


def test_p06_before_login_almost_nothing_may_wait() -> None:
    """Who has not logged in cannot make the server remember answers."""
    outbox = Outbox()
    outbox.put(bytes(OUTPUT_BEFORE_LOGIN))
    assert outbox.judge(0.0) is Verdict.OK
    outbox.put(b"x")
    assert outbox.judge(0.0) is Verdict.OVER


def test_an_empty_queue_holds_no_container() -> None:
    """Ten thousand idle links pay for no queue, before or after they had one."""
    outbox = Outbox()
    assert outbox._parts is None
    outbox.put(b"x")
    outbox.drop(len(outbox.head()))
    assert outbox._parts is None
    assert outbox.size == 0
    outbox.put(b"x")
    outbox.clear()
    assert outbox.head() == b""
