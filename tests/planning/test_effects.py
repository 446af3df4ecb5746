"""Effects are plain wishes."""

from typing import get_type_hints

from hpserver.planning import effects
from hpserver.planning.effects import Effect


def test_every_wish_can_be_compared_and_kept() -> None:
    """The shell has a carrier for each by its type; nothing can be changed on the way."""
    wishes = {kind for kind in vars(effects).values() if isinstance(kind, type) and issubclass(kind, Effect)} - {Effect}
    assert {kind.__name__ for kind in wishes} == {
        "Broadcast", "Checkpoint", "Close", "Gather", "Mishap", "Persist", "Read", "Receive", "Send", "Transfer",
        "WakeAt",
    }  # fmt: skip
    assert all(kind.__struct_config__.frozen for kind in wishes)


def test_a_draft_has_no_epoch() -> None:
    """Which owner writes is for the store's keeper to say: the core cannot pretend to be another."""
    assert "epoch" not in get_type_hints(effects.Draft)
