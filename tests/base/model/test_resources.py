import pytest

from hpserver.base.changes import encode_fields
from hpserver.base.model import resources
from hpserver.base.registry import KINDS
from hpserver.errors import InvalidChangeError


def test_a_resource_needs_a_name_and_nothing_else() -> None:
    """Whoever types a name has made an instructor, a room, a subject."""
    for kind in ("subject", "instructor", "staff", "cohort", "student", "room", "room_pool", "site"):
        assert KINDS[kind].required == {"name"}


def test_a_membership_is_in_one_group_and_goes_with_it() -> None:
    """A student who leaves, or a group that closes, leaves no row that nobody can reach."""
    assert set(resources.Membership.one_of) == {"cohort", "group", "combined"}
    assert set(resources.Membership.part_of) == {"student", *resources.Membership.one_of}


def test_what_is_said_of_an_object_goes_with_it() -> None:
    """Comments and custom values are about something, and only as long as it exists."""
    for row in (resources.Comment, resources.CustomValue):
        assert set(row.one_of) <= set(row.part_of)


@pytest.mark.parametrize("fields", [{"type": "colour"}, {"name": ""}, {"kind": "x" * 65}])
def test_a_custom_field_has_a_known_type(fields: dict[str, str]) -> None:
    """A value is checked against its type: there must be one."""
    with pytest.raises(InvalidChangeError):
        KINDS["custom_field"].decode(encode_fields(dict(fields)))
