"""The values of the directory: identities that exist, safe beginnings."""

import msgspec
import pytest

from hpserver.directory import model
from hpserver.directory.model import Account, Entity, Planning, User

KINDS = [kind for kind in Entity.__subclasses__() if kind.__module__ == model.__name__]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_identities_are_fields(kind: type[Entity]) -> None:
    """Every row can be found again."""
    assert set(kind.identified_by) <= {field.name for field in msgspec.structs.fields(kind)}


def test_nothing_starts_by_itself_and_nobody_is_born_an_administrator() -> None:
    """What a caller forgets to say is the safe thing."""
    user = User(account="1", login="a")
    assert (user.status, user.measure, user.password_hash) == ("user", "", "")
    assert Planning(account="1", name="p", publication_name="P", port=1).desired == "down"
    assert Account(number="1", name="n", domain="d", invoice="i", port=1).desired == "down"


def test_subjects_name_one_process() -> None:
    """A controller and a planning are never confused."""
    assert model.controller_subject("123") == "controller:123"
    assert model.planning_subject(123) == "planning:123"
