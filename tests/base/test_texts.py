"""Texts come into a base in one way; what is there already is never touched."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create, update
from hpserver.base.model import Room, Site
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.base.texts import entered, repaired
from hpserver.errors import InvalidChangeError
from tests.histories import GRID

TEXTS = st.text(
    st.one_of(
        st.sampled_from("aé\u0301 \t\n\r\x00\x7f\x85\u00a0\u200b\u200e\u2028\u202e\u2066\u2069\ufeff\u0958\U0001f600ﬁ"),
        st.characters(codec="utf-8"),
    ),
    max_size=40,
)
NFD = unicodedata.normalize("NFD", "Amélie")


@given(TEXTS, st.booleans())
def test_a_text_that_is_taken_is_in_one_spelling_and_hides_nothing(text: str, lines: bool) -> None:
    """What was taken once is taken again as it is, in NFC, and has no character that does something."""
    try:
        kept = entered(text, lines=lines)
    except InvalidChangeError:
        return
    assert entered(kept, lines=lines) == kept == unicodedata.normalize("NFC", kept)
    hidden = {
        one for one in kept if unicodedata.category(one) in {"Cc", "Zl", "Zp", "Cs"} or one in "\u202e\u2066\u2069"
    }
    assert hidden <= ({"\n", "\t"} if lines else set())
    assert lines or kept == kept.strip()


@given(st.text(max_size=40), st.booleans())
def test_what_a_file_says_can_always_be_taken(text: str, lines: bool) -> None:
    """A file is read with what it has: what cannot be kept becomes a blank, the rest stays."""
    kept = repaired(text, lines=lines)
    assert entered(kept, lines=lines) == kept


@pytest.mark.parametrize("text", ["A\nB", "A\tB", "A\x00", "\u202eABC", "A\u2066B", "A\u2028B", "A\x85B"])
def test_a_name_of_several_lines_or_that_turns_is_refused(text: str) -> None:
    """It would be read as something else in a list; the refusal says which field and character."""
    with pytest.raises(InvalidChangeError, match="cannot hold the character U") as refused:
        Planning(GRID).apply([create("room", 1, name=text)])
    assert refused.value.details["field"] == "name"


def test_a_memo_has_lines_and_nothing_that_turns() -> None:
    """Ends of lines of all systems are one; other controls are refused there too."""
    planning = Planning(GRID)
    planning.apply([create("site", 1, name="North", address="one\r\ntwo\tthree\rfour\n")])
    row = planning.get("site", 1)
    assert isinstance(row, Site)
    assert row.address == "one\ntwo\tthree\nfour\n"
    with pytest.raises(InvalidChangeError):
        planning.apply([update("site", 1, address="\u202e")])


def test_two_spellings_of_a_name_are_one() -> None:
    """NFD, blanks at the ends and an invisible mark make no other name, and the fact says what was kept."""
    planning = Planning(GRID)
    applied = planning.apply([create("room", 1, name=f" \ufeff{NFD}\u200b  ")])
    row = planning.get("room", 1)
    assert isinstance(row, Room)
    assert row.name == "Amélie"
    copy = Planning(GRID)
    copy.replay(applied.changes)
    assert copy == planning


def test_a_name_of_blanks_only_is_no_name() -> None:
    """It is judged as it would be kept, whatever its length was."""
    with pytest.raises(InvalidChangeError):
        Planning(GRID).apply([create("room", 1, name="  \u200b ")])
    with pytest.raises(InvalidChangeError):  # each of these letters is two in NFC
        Planning(GRID).apply([create("room", 1, name="\u0958" * 150)])


def test_what_a_base_holds_already_stays_and_can_come_back() -> None:
    """An old base opens, its facts are replayed as they were, and an undo brings an old value back."""
    old = f"A\n\u202e{NFD} "
    planning = Planning(GRID)
    planning.replay([create("room", 1, name=old)])
    again = decode_snapshot(encode_snapshot(planning))
    assert again == planning
    again.apply([update("room", 1, capacity=5)])
    row = again.get("room", 1)
    assert isinstance(row, Room)
    assert row.name == old
    again.apply([update("room", 1, name="New")])
    again.apply([update("room", 1, name=old)], entered=False)
    row = again.get("room", 1)
    assert isinstance(row, Room)
    assert row.name == old


def test_only_long_texts_have_lines() -> None:
    """Memos, addresses, templates: a name or a code never has."""
    fields = {(kind.name, field.name) for kind in KINDS.values() for field in kind.fields() if field.lines}
    assert ("site", "address") in fields
    assert not {name for _, name in fields} & {"name", "first_name", "code", "number", "color"}
