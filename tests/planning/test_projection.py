"""A base as somebody sees it who may not see all of it."""

import pytest
from hypothesis import given, settings

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.model import Activity, Meeting, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.errors import HPError
from hpserver.identity.profiles import BUILT_IN, Rights
from hpserver.planning.projection import Lens, Sight, blanks_in, maybe_sight, news, projected
from tests.rights import a_marked_base, histories, marked, some_rights

ALL = frozenset(KINDS)


def test_who_reads_everything_has_no_sight_of_their_own() -> None:
    """The profiles that every planning has read the base itself: they cost nothing."""
    assert [maybe_sight(rights) for rights in BUILT_IN.values()] == [None, None, None]
    assert maybe_sight(Rights()) == Sight(frozenset())
    assert maybe_sight(Rights(others="read", kinds={"grade": "none"})) == Sight(ALL - {"grade"})
    assert maybe_sight(Rights(others="edit", categories=(3,))) == Sight(ALL, frozenset({3}))


def test_a_sight_has_one_name_whatever_the_order() -> None:
    """A replica is resumed by what it was fed, and by nothing else."""
    one, two = Sight(frozenset({"room", "cohort"})), Sight(frozenset({"cohort", "room"}))
    assert one.digest == two.digest != Sight(frozenset({"room"})).digest
    assert len(one.digest) == 16


def test_what_needs_a_hidden_kind_is_hidden_and_other_references_are_left_out() -> None:
    """Without people there is no mark of a student; without rooms a lesson has none."""
    planning = a_marked_base()
    view = projected(planning, Sight(ALL - {"student", "room"}))
    assert not view.rows("grade")
    assert not view.rows("membership")
    assert view.rows("assessment") == planning.rows("assessment")
    assert view.activity(1).rooms == ()
    assert view.activity(1).instructors == planning.activity(1).instructors
    view.validate()


def test_of_imposed_categories_the_rest_of_the_timetable_stays_as_blanks() -> None:
    """A room that is ours is taken, by whom and for what is not said."""
    planning = a_marked_base()
    planning.apply([update("activity", 1, rooms=[1, 2], memo="secret", code="secret")])
    sight = Sight(ALL, frozenset({1}))
    view = projected(planning, sight)
    assert planning.activity(1).categories == (2,)
    taken = view.activity(1)
    assert taken == Activity(duration=2, weeks=15, place=0, rooms=(2,), locked=True)
    assert blanks_in(planning, view, sight) >= {1}
    assert view.occupancy.as_dict()["room", 2] == planning.occupancy.as_dict()["room", 2]


def test_the_exceptions_of_a_blank_say_when_and_nothing_else() -> None:
    """Where it is in that week matters to the room, the memo does not."""
    planning = a_marked_base()
    planning.apply([update("activity", 1, rooms=[2]), create("meeting", meeting_key(1, 2), place=2, memo="secret")])
    view = projected(planning, Sight(ALL, frozenset({1})))
    assert view.maybe_meeting(1, 2) == Meeting(place=2)


def test_what_bears_no_category_is_not_seen_where_categories_are_imposed() -> None:
    """What nobody has classified is nobody's, rather than everybody's."""
    planning = a_marked_base()
    planning.apply([update("room", 2, categories=[])])
    assert 2 not in projected(planning, Sight(ALL, frozenset({1}))).rows("room")


def test_what_names_only_what_is_not_seen_is_not_seen() -> None:
    """The parent of a student of others is a stranger, too."""
    planning = a_marked_base()
    assert planning.rows("guardian")
    assert not projected(planning, Sight(ALL, frozenset({1}))).rows("guardian")
    assert projected(planning, Sight(ALL, frozenset({2}))).rows("guardian")


def test_a_constraint_is_seen_whole_or_not_at_all() -> None:
    """The same rule over fewer lessons is another rule."""
    planning = a_marked_base()
    assert not projected(planning, Sight(ALL, frozenset({1}))).rows("constraint")
    planning.apply([update("activity", key, categories=[1, 2]) for key in (1, 2)])
    assert projected(planning, Sight(ALL, frozenset({1}))).rows("constraint")


@pytest.mark.parametrize(
    "changes",
    [
        [update("cohort", 1, categories=[1])],
        [update("cohort", 1, categories=[])],
        [update("activity", 2, categories=[2])],
        [update("room", 1, categories=[1])],
        [update("student", 2, categories=[1]), delete("guardian", 1)],
        [delete("activity", 3)],
    ],
)
def test_rows_come_into_sight_and_leave_it(changes: list[Change]) -> None:
    """What depends on them comes and goes with them, as a transaction that a replica takes."""
    planning, sight = a_marked_base(), Sight(ALL, frozenset({1}))
    view = projected(planning, sight)
    _follow(planning, view, blanks_in(planning, view, sight), sight, changes)


def test_a_lens_tells_hidden_members_from_those_that_are_seen() -> None:
    """A list keeps what its reader does not know of, and shows the rest."""
    planning = a_marked_base()
    lens = Lens(planning, Sight(ALL, frozenset({1})))
    assert lens.clean("activity", "rooms", (1, 2)) == (2,)
    assert lens.hidden("activity", "rooms", (1, 2)) == (1,)
    assert lens.clean("activity", "subject", 1) is None
    assert lens.clean("activity", "memo", "x") == "x"


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(rights=some_rights(), history=histories)
def test_a_view_that_follows_is_the_base_as_it_is_seen(rights: Rights, history: list[list[Change]]) -> None:
    """Whatever is done, snapshot and transactions together give a valid base, and the right one."""
    sight = maybe_sight(rights)
    if sight is None:
        return
    planning = a_marked_base()
    view = projected(planning, sight)
    blanks = blanks_in(planning, view, sight)
    for changes in history:
        _follow(planning, view, blanks, sight, marked(changes))


def _follow(planning: Planning, view: Planning, blanks: set[int], sight: Sight, changes: list[Change]) -> None:
    """Apply a transaction if it can be, bring the view up to date and compare."""
    try:
        applied = planning.apply(changes)
    except HPError:
        return
    told = news(view, blanks, planning, sight, [(one.kind, one.key) for one in applied.changes])
    view.replay(told)
    assert view == projected(planning, sight)
    assert blanks == blanks_in(planning, view, sight)
    view.validate()
