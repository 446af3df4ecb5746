"""What people type for a field of any kind, and back."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hpserver.base.changes import create, update
from hpserver.base.model.row import MAX_PARAMETERS
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, Field
from hpserver.cli.words.fields import (
    field_named,
    kind_named,
    matches,
    read_fields,
    read_value,
    weeks_given,
    write_value,
)
from hpserver.errors import HPError, InvalidChangeError, NotFoundError
from hpserver.imports.cell_values import form_of
from tests.schools import a_grid

PLACEABLE = a_grid().places - 1
EVERY = [(kind.name, field.name) for kind in KINDS.values() for field in kind.fields()]


def a_base() -> Planning:
    """A base with three objects of the kinds that others name."""
    planning = Planning(a_grid())
    names = ("A1", "Dupont; Jean", "A1, bis")
    simple = ("subject", "instructor", "cohort", "room", "student", "site", "room_pool")
    planning.apply([create(kind, key + 1, name=name) for kind in simple for key, name in enumerate(names)])
    planning.apply([create("activity", key, weeks=15, subject=min(key, 2)) for key in (1, 2, 3)])
    return planning


BASE = a_base()


def values(field: Field) -> st.SearchStrategy[Any]:
    """Draw a value that the field may have in `BASE`."""
    found = _values(field, form_of(field))
    return st.none() | found if field.default is None else found


def _values(field: Field, form: str) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(sorted(BASE.rows(field.ref)) or [0]) if field.ref else st.nothing()
    letters = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=9)
    parameter = st.tuples(st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True), st.integers(-9_999, 9_999))
    bounded = st.integers(0, 2_000)
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "ref": keys, "refs": st.lists(keys, unique=True, max_size=3).map(tuple), "truth": st.booleans(),
        "place": st.integers(0, PLACEABLE), "steps": st.integers(1, 24), "week": st.integers(0, 43),
        "weeks": st.integers(0, BASE.grid.all_weeks), "minutes": bounded, "cents": bounded, "number": bounded,
        "date": st.just("") | st.dates().map(str).filter(lambda day: day > "1000"), "text": st.text(max_size=9),
        "texts": st.lists(bounded if field.name == "marks" else letters, max_size=4).map(tuple),
        "parameters": st.lists(parameter, max_size=MAX_PARAMETERS).map(tuple),
    }  # fmt: skip
    if form == "choice":
        return st.sampled_from(get_args(get_args(field.type)[0]))
    if form == "text" and field.name == "color":
        return st.sampled_from(["", "#00ff7f"])
    return strategies[form]


@given(st.data())
def test_what_is_written_is_read_as_the_same_value(data: st.DataObject) -> None:
    """Whatever the field, in both languages: what `get` shows can be given to `set`."""
    kind, name = data.draw(st.sampled_from(EVERY))
    field = KINDS[kind].by_name[name]
    if field.ref is not None:
        assume(BASE.rows(field.ref))
    value = data.draw(values(field))
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        assume(False)
    text = write_value(BASE, field, value, data.draw(st.sampled_from(["fr", "en"])))
    assert read_value(BASE, KINDS[kind], field, text) == value


@given(st.sampled_from(EVERY), st.text(max_size=20) | st.from_regex(r"[0-9:,;h\[\]\-/ ]{0,12}", fullmatch=True))
@example(("course_survey", "questions"), "[")
@example(("course_survey", "questions"), '{"a": 1}')
@example(("survey_answer", "marks"), "[1e9]")
def test_whatever_is_typed_is_a_value_or_a_sentence(which: tuple[str, str], text: str) -> None:
    """Never a traceback; the field is named."""
    kind, name = which
    try:
        read_value(BASE, KINDS[kind], KINDS[kind].by_name[name], text)
    except HPError as error:
        told = error.text
    else:
        told = f"{name} of {kind}: a value"
    assert told.startswith(f"{name} of {kind}: ")


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        ("activity", "Semaines=1-4,6", 0b101111), ("activity", "weeks=[1..2]", 3), ("activity", "place=mar 10:00", 28),
        ("activity", "place=28", 28), ("activity", "duration=1h30", 3), ("activity", "durée=3 pas", 3),
        ("activity", "locked=oui", True), ("activity", "verrouille=no", False), ("activity", "subject=", None),
        ("activity", "salles=A1; 3", (1, 3)), ("activity", "rooms=Dupont; Jean", (2,)), ("activity", "rooms=-", ()),
        ("activity", "room-pool=", None), ("student", "born-on=28/02/2005", "2005-02-28"),
        ("constraint", "parameters=minutes=360; limit=2", (("minutes", 360), ("limit", 2))),
        ("grade", "points=12,5", 1250), ("lateness", "minutes=1h", 60), ("booking_request", "état=refused", "refused"),
        ("course_survey", "questions=Clair ?; Utile ?", ("Clair ?", "Utile ?")), ("absence", "week=3", 2),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(kind: str, word: str, value: Any) -> None:
    """By name or label, in French or English."""
    if word.startswith("room-pool"):
        word = word.replace("room-pool", "pool")
    assert list(read_fields(BASE, KINDS[kind], [word]).values()) == [value]


@pytest.mark.parametrize(
    ("kind", "words", "error", "why"),
    [
        ("room", ["capacity=many"], InvalidChangeError, "capacity of room: "),
        ("room", ["capacity=-4"], InvalidChangeError, "capacity of room: Expected `int` >= 0"),
        ("room", ["capacity="], InvalidChangeError, "a value is needed"),
        ("room", ["seats=4"], InvalidChangeError, "capacity"),
        ("room", ["capacity"], InvalidChangeError, "no field=value"),
        ("room", ["name=a", "Nom=b"], InvalidChangeError, "twice"),
        ("activity", ["weeks=90"], InvalidChangeError, "from 1 to 44"),
        ("activity", ["subject=Nope"], NotFoundError, "subject of activity"),
        ("activity", ["rooms=A"], NotFoundError, "'A' may be 2 of kind room: 1 A1; 3 A1, bis"),
        ("activity", ["place=mon 10:10"], InvalidChangeError, "30 minutes"),
        ("booking_request", ["status=maybe"], InvalidChangeError, "pending, validated, refused, reassigned"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_is_accepted(
    kind: str, words: list[str], error: type[HPError], why: str
) -> None:  # fmt: skip
    """Which field, why, and what it takes."""
    with pytest.raises(error) as raised:
        read_fields(BASE, KINDS[kind], words)
    assert why in raised.value.text


def test_kinds_and_fields_have_labels() -> None:
    """In both languages, one or many; whatever is unknown is answered with what there is."""
    assert [kind_named(text).name for text in ("Salles", "room", "room pool", "TD ou option", "cours")] == [
        "room", "room", "room_pool", "group", "activity",
    ]  # fmt: skip
    assert field_named(KINDS["grade"], "Points").name == "points"
    with pytest.raises(InvalidChangeError, match="one of category,"):
        kind_named("teacher")


def test_rows_are_chosen_by_what_they_have() -> None:
    """A list must have all that is asked for; texts do not mind case and accents."""
    planning = a_base()
    planning.apply([update("activity", 1, rooms=[1, 2], memo="Été")])
    row = planning.get("activity", 1)
    assert matches(row, {"rooms": (2,), "memo": "ete"})
    assert not matches(row, {"rooms": (3,)})
    assert not matches(row, {"locked": True})


def test_weeks_may_be_left_out() -> None:
    """Nothing is no choice; nonsense is said to be so."""
    assert (weeks_given("", BASE.grid), weeks_given("2,4", BASE.grid)) == (None, 0b1010)
    with pytest.raises(InvalidChangeError, match="weeks: "):
        weeks_given("soon", BASE.grid)
