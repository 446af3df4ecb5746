"""Of which history an epoch is."""

import pytest

from hpserver.base.epochs import LINE, LINES, has_seen, line_drawn, line_of
from hpserver.protocol.codec import MAX_ID


def test_every_line_has_its_epochs_and_none_is_too_large_for_the_wire() -> None:
    """The first and the last line begin above the bases from before there were lines, and end within the wire."""
    first, last = line_drawn(0), line_drawn(LINES - 2)
    assert (first, line_of(first), line_of(first + LINE - 1), line_of(first - 1)) == (LINE, LINE, LINE, 0)
    assert line_of(last + LINE - 1) == last
    assert last + LINE - 1 == MAX_ID


@pytest.mark.parametrize(
    ("epoch", "written", "seen"),
    [(5, 5, True), (6, 5, True), (4, 5, False), (LINE + 5, 5, False), (5, LINE + 5, False), (LINE + 5, LINE + 5, True)],
)
def test_what_is_of_another_line_was_never_seen(epoch: int, written: int, *, seen: bool) -> None:
    """However new the epoch of a replica is: it is one of another base."""
    assert has_seen(epoch, written) is seen
