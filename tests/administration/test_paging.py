"""Pages."""

import msgspec

from hpserver.administration.paging import MAX_PAGE_BYTES, changed, page
from hpserver.protocol.catalogue import administration as w


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A row of some size."""

    text: str


def test_a_page_ends_at_its_limit_or_its_size() -> None:
    """The row that is too long for any page travels alone: nothing is ever skipped."""
    small = [Row("x")] * 5
    assert page(small, 2) == ((small[0], small[1]), True)
    assert page(small, 5) == (tuple(small), False)
    assert page([], 5) == ((), False)
    long = Row("x" * MAX_PAGE_BYTES)
    assert page([long, long], 5) == ((long,), True)
    assert page([small[0], long], 5) == ((small[0],), True)


def test_what_a_wish_does_not_say_is_not_changed() -> None:
    """An empty text is said, nil is not."""
    assert changed(w.ChangeUser("ada", phone="", title="Dr"), ["phone", "title", "mobile"]) == {
        "phone": "",
        "title": "Dr",
    }
