"""The wishes and outcomes of administration keep the rules of the catalogue."""

from typing import Annotated, Any, get_args, get_type_hints

import msgspec
import pytest

from hpserver.protocol import messages as m
from hpserver.protocol.catalogue import administration as w

WISHES, OUTCOMES = get_args(w.AnyWish), get_args(w.AnyOutcome)


def subclasses(kind: type[Any]) -> set[type[Any]]:
    """Return every kind of the product made from this one; other tests make some too."""
    made = (one for one in kind.__subclasses__() if one.__module__.startswith("hpserver."))
    return {found for one in made for found in (one, *subclasses(one))}


def test_every_wish_and_outcome_is_gathered_under_a_name_of_its_own() -> None:
    """What is not in the union would never be heard."""
    assert set(WISHES) == subclasses(w.Wish)
    assert set(OUTCOMES) == subclasses(w.Outcome)
    names = [kind.__struct_config__.tag for kind in (*WISHES, *OUTCOMES)]
    assert len(set(names)) == len(names)
    assert all(isinstance(name, str) for name in names)
    assert all("." in kind.__struct_config__.tag for kind in WISHES)
    assert m.Administer.__struct_config__.tag == 140


@pytest.mark.parametrize("kind", WISHES)
def test_nothing_that_is_wished_is_without_a_limit(kind: type[msgspec.Struct]) -> None:
    """Each text, sequence and number has its bounds in its type."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        parts = [one for one in get_args(hint) if one is not type(None)] if type(None) in get_args(hint) else [hint]
        for part in parts:
            assert part is bool or part.__class__ is Annotated[int, 0].__class__, f"{kind.__name__}.{name}"


@pytest.mark.parametrize("kind", [*WISHES, *OUTCOMES])
def test_every_field_is_documented_and_nothing_else_is(kind: type[msgspec.Struct]) -> None:
    """The documentation of the protocol is made from these texts."""
    rows = [
        one for hint in get_type_hints(kind).values() for one in get_args(hint) if hasattr(one, "__struct_fields__")
    ]
    for one in (kind, *rows):
        own = [name for name in one.__struct_fields__ if name in one.__annotations__]
        lines = (one.__doc__ or "").partition("Attributes:")[2].splitlines()
        assert [line.split(":")[0].strip() for line in lines if line[:8].isspace() and line[8:9].strip()] == own, one
