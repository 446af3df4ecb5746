import msgspec

from hpserver.base.clashes import Clash
from hpserver.client import ClashesError, ConflictsError
from hpserver.errors import ClashError, ConflictError
from hpserver.protocol.messages import FieldConflict


def test_a_refusal_is_caught_by_its_house_name_and_carries_everything() -> None:
    """A program decides by the class; a screen shows what is inside."""
    clash = Clash("room", 1, "room", 1, 2, 3, 1, 4, 2)
    refused = ClashesError((clash,))
    assert isinstance(refused, ClashError)
    assert (refused.code, refused.clashes, refused.details) == (ClashError.code, (clash,), {"clashes": 1})


def test_a_conflict_names_the_fields() -> None:
    """A deleted object has no field to name."""
    nothing = msgspec.Raw(msgspec.msgpack.encode(None))
    conflicts = (
        FieldConflict("activity", 4, "memo", nothing, nothing, 7, "bob"),
        FieldConflict("room", 2, "", nothing, nothing, 7, "bob"),
    )
    refused = ConflictsError(conflicts)
    assert isinstance(refused, ConflictError)
    assert refused.text == "changed by others meanwhile: activity 4 memo, room 2"
