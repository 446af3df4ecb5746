"""Every topic of the catalogue keeps to its tags, and is gathered where all messages are imported from."""

from itertools import combinations
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from hpserver.protocol import catalogue, messages
from hpserver.protocol.catalogue import (
    branches,
    diagnosis,
    entry,
    history,
    home,
    link,
    planning,
    presence,
    renewal,
    uploads,
)
from hpserver.protocol.catalogue.fields import Message

TAGS: dict[ModuleType, set[int]] = {
    link: {*range(1, 20)},
    entry: {*range(20, 30), *range(36, 40), *range(42, 45)},
    home: {*range(30, 36), *range(45, 50)},
    renewal: {40, 41},
    planning: {*range(50, 72)},
    presence: {*range(72, 80)},
    diagnosis: {*range(80, 90)},
    history: {*range(90, 100)},
    uploads: {*range(110, 120), 130, 131},
    branches: {*range(120, 130)},
}
"""Topic -> the tags that are its own, those that it has not used yet too."""

APART = {"__init__", "fields"}
"""Modules of the catalogue without a message."""


@pytest.mark.parametrize("topic", TAGS, ids=lambda topic: topic.__name__.rpartition(".")[2])
def test_messages_have_the_tags_of_their_topic_and_are_gathered(topic: ModuleType) -> None:
    """A message that nobody gathers would never be heard."""
    own = [kind for kind in vars(topic).values() if isinstance(kind, type) and kind.__module__ == topic.__name__]
    assert own
    for kind in own:
        assert issubclass(kind, msgspec.Struct)
        assert getattr(messages, kind.__name__) is kind
        if issubclass(kind, Message):
            assert kind.__struct_config__.tag in TAGS[topic]


def test_every_topic_is_tried_and_no_tag_is_of_two() -> None:
    """A new topic without a row above would be tried by nothing."""
    files = {path.stem for path in Path(catalogue.__path__[0]).glob("*.py")}
    assert {topic.__name__.rpartition(".")[2] for topic in TAGS} == files - APART
    assert not [(one, two) for one, two in combinations(TAGS, 2) if TAGS[one] & TAGS[two]]
