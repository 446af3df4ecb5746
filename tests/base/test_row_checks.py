import pytest

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.planning import Planning
from hpserver.base.row_checks import CLASSIFYING, EXTENSIBLE, is_date
from hpserver.errors import InvalidChangeError, UnknownObjectError
from tests.histories import GRID, founding


def settled() -> Planning:
    """Return a base with categories, custom fields and what is classified and extended by them."""
    planning = Planning(GRID)
    planning.apply(
        [
            *founding(),
            create("category", 1, name="Building", kinds=["room"]),
            create("category", 2, name="Anything"),
            create("category_value", 1, category=1, name="North"),
            create("category_value", 2, category=2, name="New"),
            update("room", 1, categories=[1, 2]),
            update("subject", 1, categories=[2]),
            create("custom_field", 1, name="Keys", kind="room", type="number"),
            create("custom_value", 1, custom_field=1, room=1, value="12.5"),
            create("custom_field", 2, name="Since", kind="instructor", type="date"),
            create("site", 1, name="Centre"),
            create("site", 2, name="Nord"),
            create("travel_time", 1, start=1, finish=2, minutes=15),
            create("gradebook", 1, name="Maths"),
            create("assessment", 1, gradebook=1, name="Exam"),
            create("grade", 1, assessment=1, student=1, points=1500),
        ]
    )
    planning.validate()
    return planning


REFUSED: list[tuple[Change, str]] = [
    (create("category", -1, name="C", kinds=["wall"]), "kinds"),
    (update("category", 1, kinds=["subject"]), "categories"),
    (update("category_value", 2, category=1), "categories"),
    (update("subject", 1, categories=[1]), "categories"),
    (create("custom_field", -1, name="F", kind="site"), "kind"),
    (create("custom_field", -1, name="F"), "kind"),
    (create("custom_value", -1, custom_field=1, subject=1), "custom_field"),
    (update("custom_field", 1, kind="instructor"), "custom_field"),
    (update("custom_field", 1, type="date"), "value"),
    (update("custom_value", 1, value="many"), "value"),
    (update("custom_value", 1, value="1e9"), "value"),
    (create("custom_value", -1, custom_field=2, instructor=1, value="2025-02-30"), "value"),
    (create("document_template", -1, name="Letter", kind="wall"), "kind"),
    (update("travel_time", 1, finish=1), "finish"),
    (update("group", 1, apart=[1]), "apart"),
    (update("group", 1, cohort=2, apart=[2]), "apart"),
    (create("constraint", -1, rule="no such rule"), "rule"),
    (create("constraint", -1, rule="daily_gaps", parameters=[["colour", 1]]), "parameters"),
    (create("course_survey", -1, name="S", opens_on="2026-06-02", closes_on="2026-06-01"), "closes_on"),
    (update("grade", 1, instead="absent"), "instead"),
    # in units of the grid
    (create("availability", -1, level="impossible", place=4, steps=3, instructor=1), "place"),
    (create("availability", -1, level="impossible", place=2 * GRID.steps_per_day, instructor=1), "place"),
    (create("availability", -1, level="impossible", place=0, steps=7, instructor=1), "steps"),
    (create("availability", -1, level="impossible", place=0, weeks=0b10000, instructor=1), "weeks"),
    (update("membership", 1, weeks=0b10000), "weeks"),
    (update("activity", 1, forced=0b10000), "forced"),
    (create("absence", -1, student=1, week=4, place=0), "week"),
    (create("absence", -1, student=1, week=0, place=5, steps=2), "place"),
    (create("lateness", -1, student=1, activity=1, week=4), "week"),
    (create("roll_call", -1, activity=1, week=61), "week"),
    (create("exemption", -1, student=1, weeks=0b10000), "weeks"),
    (create("internship", -1, student=1, weeks=0b10000), "weeks"),
    (create("booking_request", -1, asked_by="Ada", place=5, steps=2), "place"),
    # days
    (update("student", 1, born_on="2005-13-01"), "born_on"),
    (create("comment", -1, text="t", student=1, on="2025-02-29"), "on"),
]


@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_what_means_nothing_is_refused_and_named(change: Change, field: str) -> None:
    """Whoever reads the base never meets a value without meaning; who wrote it is told where."""
    planning = settled()
    with pytest.raises(InvalidChangeError) as refusal:
        planning.apply([change])
    assert refusal.value.details["field"] == field
    assert planning == settled()


@pytest.mark.parametrize(
    "changes",
    [
        [update("category", 1, kinds=["subject"]), update("room", 1, categories=[2])],
        [update("category", 1, kinds=["room", "subject"]), update("subject", 1, categories=[1])],
        [update("category", 1, kinds=[]), update("subject", 1, categories=[1, 2])],
        [update("category_value", 2, category=1), update("subject", 1, categories=[])],
        [update("custom_field", 1, type="text"), update("custom_value", 1, value="many")],
        [update("custom_field", 1, type="date"), delete("custom_value", 1)],
        [update("custom_value", 1, value="")],
        [create("custom_value", -1, custom_field=2, instructor=1, value="2024-02-29")],
        [update("grade", 1, points=None, instead="absent")],
        [update("group", 1, cohort=2), update("group", 2, apart=[3])],
    ],
)
def test_what_changes_together_is_checked_together(changes: list[Change]) -> None:
    """The order within a transaction does not matter: only what is true at its end."""
    planning = settled()
    planning.apply(changes)
    planning.validate()


def test_what_can_be_classified_and_extended_is_declared() -> None:
    """A kind that gains a field of category values, or a place among custom values, is checked from then on."""
    assert {"subject", "instructor", "cohort", "group", "student", "room", "activity"} <= CLASSIFYING.keys()
    assert "room" in EXTENSIBLE


@pytest.mark.parametrize(("text", "expected"), [("2024-02-29", True), ("2025-02-29", False), ("20240229", False)])
def test_a_date_is_in_the_calendar(text: str, expected: bool) -> None:
    """Written one way, and a day that exists."""
    assert is_date(text) is expected


@pytest.mark.parametrize(
    "changes",
    [
        [update("room", 1, categories=[1]), update("category_value", 1, category=9)],
        [update("group", 1, apart=[9]), update("group", 2, cohort=2)],
        [update("custom_value", 1, value="1"), update("custom_field", 1, kind="")],
        [update("custom_value", 1, value="1"), update("custom_field", 1, kind="wall")],
    ],
)
def test_what_rows_say_of_each_other_is_looked_at_once_all_they_name_is_there(changes: list[Change]) -> None:
    """A transaction that breaks several rules at once is refused like any other, in whatever order it says things."""
    for order in (changes, changes[::-1]):
        planning = settled()
        with pytest.raises((InvalidChangeError, UnknownObjectError)):
            planning.apply(order)
        planning.validate()
