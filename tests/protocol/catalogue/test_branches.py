"""The topic of branches keeps to its tags and its import."""

import msgspec

from hpserver.protocol import messages
from hpserver.protocol.catalogue import branches as topic
from hpserver.protocol.catalogue.fields import Message

TAGS = range(120, 129 + 1)


def test_its_messages_have_their_tags_and_are_gathered_in_the_catalogue() -> None:
    """A message that nobody gathers would never be heard."""
    own = [kind for kind in vars(topic).values() if isinstance(kind, type) and kind.__module__ == topic.__name__]
    assert own
    for kind in own:
        assert issubclass(kind, msgspec.Struct)
        assert getattr(messages, kind.__name__) is kind
        if issubclass(kind, Message):
            assert kind.__struct_config__.tag in TAGS
