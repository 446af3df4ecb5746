import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.grid import Grid
from hpserver.base.model import MAX_MEMO, MAX_NAME, MAX_REFS
from hpserver.imports.draft import Draft, one_line, some_lines
from hpserver.imports.result import MAX_NOTES, to_planning

GRID = Grid(dt.date(2026, 9, 7), 36, 0b11111, 10, 60, 4)


def test_one_name_is_one_object() -> None:
    """A room named in a hundred events is one room."""
    draft = Draft("ics")
    assert draft.named("room", "B 12") == draft.named("room", " B  12 ") == 1
    assert draft.named("room", "B 13") == 2


def test_groups_of_two_cohorts_may_have_one_name() -> None:
    """Every cohort has its own TD1."""
    draft = Draft("ics")
    first, second = draft.named("cohort", "L1"), draft.named("cohort", "L2")
    groups = {draft.named("group", "TD1", cohort=cohort) for cohort in (first, second)}
    assert len(groups) == 2


def test_exact_names_differ_by_a_space() -> None:
    """FET has schools with a year `1` and another one ` 1`."""
    draft = Draft("fet")
    assert [draft.named("cohort", name, exact=True) for name in ("1", " 1", "1")] == [1, 2, 1]


def test_a_loose_draft_keeps_the_name_with_its_spaces() -> None:
    """A space lost in a folded line makes no second room, and the full name is shown."""
    draft = Draft("hyperplanning")
    draft.loose = True
    assert draft.named("room", "S5= C 024") == draft.named("room", "S5 = C 024") == draft.named("room", "S5 =C 024")
    planning = to_planning(draft.finish(GRID))
    assert [row.name for row in planning.rows("room").values()] == ["S5 = C 024"]  # type: ignore[attr-defined] # a room


def test_texts_and_lists_too_long_are_cut_with_a_note() -> None:
    """Nothing is lost without a word, and the base accepts what is left."""
    draft = Draft("ics")
    rooms = tuple(draft.named("room", f"R{number}") for number in range(MAX_REFS + 1))
    draft.named("subject", "x" * (MAX_NAME + 1), 7)
    draft.activity(8, rooms=rooms, memo="m" * (MAX_MEMO + 1))
    imported = draft.finish(GRID)
    assert imported.report.noted() == {"name cut": 1, "too many rooms": 1, "memo cut": 1}
    assert len(to_planning(imported).activity(1).rooms) == MAX_REFS


def test_notes_beyond_the_limit_are_counted() -> None:
    """A hostile file cannot make the report grow for ever, nor hide how much was refused."""
    draft = Draft("ics")
    for number in range(MAX_NOTES + 5):
        draft.note(number, "odd", "x" * 1_000)
    report = draft.finish(GRID).report
    assert len(report.notes) == MAX_NOTES
    assert report.noted() == {"odd": MAX_NOTES + 5}
    assert max(len(note.detail) for note in report.notes) == 200


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_becomes_a_name_and_a_memo_that_a_base_accepts(text: str) -> None:
    """Control characters and lone surrogates stop at the door."""
    draft = Draft("ics")
    draft.named("subject", text)
    draft.activity(memo=text)
    assert to_planning(draft.finish(GRID)).counts()["activity"] == 1
    assert "\n" not in one_line(text)
    some_lines(text).encode()


def test_what_is_left_is_counted_without_a_note_for_each() -> None:
    """Thousands of the same are one line of the report."""
    draft = Draft("x")
    draft.left("times to choose from", 3)
    draft.left("times to choose from", 4)
    draft.left("nothing", 0)
    assert draft.finish(GRID).report.noted() == {"times to choose from": 7}
