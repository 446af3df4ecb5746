"""Places in a planning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import NoPlaceError
from hpserver.identity.places import CONSULTANTS, MODIFIERS, Holder, Limit, Places


def who(login: str, profile: str, device: bytes = b"d") -> Holder:
    """Somebody."""
    return Holder(hash(login), device, login, profile)


def places(**limits: Limit) -> Places:
    """The limits of a planning; the types are written `modifiers` and `consultants`."""
    names = {"modifiers": MODIFIERS, "consultants": CONSULTANTS}
    return Places({names.get(name, name): one for name, one in limits.items()}, frozenset({"Reader"}))


def test_without_a_limit_everybody_comes_in() -> None:
    """A school that says nothing counts nobody."""
    places().refuse_without_place(who("zoe", "Editor"), [who(f"u{n}", "Editor") for n in range(1000)])


def test_a_full_profile_refuses_and_names_who_is_inside() -> None:
    """The planner knows whom to ask."""
    limited = places(Editor=Limit(2))
    with pytest.raises(NoPlaceError, match="Places of the profile Editor: 2, taken by ada, bob") as refused:
        limited.refuse_without_place(who("zoe", "Editor"), [who("bob", "Editor"), who("ada", "Editor")])
    assert refused.value.details == {"places": 2, "holders": "ada, bob", "profile": "Editor"}
    limited.refuse_without_place(who("zoe", "Other"), [who("bob", "Editor"), who("ada", "Editor")])


def test_who_comes_back_takes_the_same_place() -> None:
    """A broken line that nobody noticed yet does not keep its owner out; another device is another place."""
    limited = places(Editor=Limit(1))
    limited.refuse_without_place(who("ada", "Editor"), [who("ada", "Editor")])
    with pytest.raises(NoPlaceError):
        limited.refuse_without_place(who("ada", "Editor", b"other"), [who("ada", "Editor")])


def test_types_are_counted_apart() -> None:
    """Hundreds who read take no place of those who plan."""
    limited = places(modifiers=Limit(1), consultants=Limit(3))
    limited.refuse_without_place(who("zoe", "Reader"), [who("ada", "Editor"), who("bob", "Reader")])
    with pytest.raises(NoPlaceError, match="Places of this planning: 1, taken by ada"):
        limited.refuse_without_place(who("zoe", "Other"), [who("ada", "Editor")])


def test_a_reserved_place_waits_for_its_profile() -> None:
    """The head of planning gets in on the first day of term."""
    limited = places(modifiers=Limit(2), Head=Limit(-1, 1))
    with pytest.raises(NoPlaceError):
        limited.refuse_without_place(who("zoe", "Editor"), [who("ada", "Editor")])
    limited.refuse_without_place(who("zoe", "Head"), [who("ada", "Editor")])
    limited.refuse_without_place(who("zoe", "Editor"), [who("ada", "Head")])
    with pytest.raises(NoPlaceError):
        limited.refuse_without_place(who("zoe", "Head"), [who("ada", "Editor"), who("bob", "Head")])


def test_two_reserves_are_kept_from_each_other() -> None:
    """A profile has what is reserved for it whatever waits for another one, and no more than that."""
    limited = places(modifiers=Limit(2), Head=Limit(-1, 1), Dean=Limit(-1, 1))
    limited.refuse_without_place(who("zoe", "Head"), [who("ada", "Editor")])
    with pytest.raises(NoPlaceError):
        limited.refuse_without_place(who("zoe", "Head"), [who("ada", "Head")])
    assert Limit().reserved == 0


@given(
    st.integers(0, 5),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 3)),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("ABC")), max_size=30),
)
def test_whoever_comes_the_limit_holds_and_reserves_are_kept(
    most: int, reserves: dict[str, int], coming: list[tuple[int, str]]
) -> None:
    """Never more than the places; nobody of another profile ever takes a place that is reserved."""
    limited = places(modifiers=Limit(most), **{name: Limit(-1, count) for name, count in reserves.items()})
    inside: list[Holder] = []
    for number, profile in coming:
        one = Holder(number, b"d", str(number), profile)
        try:
            limited.refuse_without_place(one, inside)
        except NoPlaceError:
            continue
        inside = [other for other in inside if other.user != number] + [one]
        assert len(inside) <= most
    if sum(reserves.values()) <= most:
        for name, count in reserves.items():
            for extra in range(sum(one.profile == name for one in inside), count):
                one = Holder(100 + extra, name.encode(), "late", name)
                limited.refuse_without_place(one, inside)
                inside.append(one)
