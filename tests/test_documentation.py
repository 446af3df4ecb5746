"""The documents say what the code does: nothing stale, nothing left out."""

import re
from typing import get_args

import pytest

from hpserver.base.registry import KINDS
from hpserver.cli import reference
from hpserver.errors import HPError
from hpserver.protocol import limits, messages
from hpserver.protocol.states import State

TEXT = reference.TARGET.read_text(encoding="utf-8")
EVERY = sorted({*get_args(messages.FromClient), *get_args(messages.FromServer)}, key=lambda kind: kind.__name__)


def test_the_protocol_document_is_what_the_code_says() -> None:
    """After a change of the protocol, `./run docs` is part of it."""
    assert reference.protocol() == TEXT, "docs/protocol.md is stale: run ./run docs"


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_message_is_documented_with_each_field(kind: type[messages.Message]) -> None:
    """A client in another language needs its tag, the order of its fields and what each means."""
    section = re.search(
        rf"^#### {kind.__name__}: tag {kind.__struct_config__.tag}, .*?(?=^#)", TEXT, re.MULTILINE | re.DOTALL
    )
    assert section is not None
    order = section[0].split("`")[1]
    assert order == f"[{', '.join([str(kind.__struct_config__.tag), *kind.__struct_fields__])}]"
    common = {"id", "deadline_ms"} if issubclass(kind, messages.Request | messages.Answer) else set()
    for name in set(kind.__struct_fields__) - common:
        assert re.search(rf"^\| {name} \| [^|]+ \| .{{4,}} \|$", section[0], re.MULTILINE), name


def test_every_error_is_documented_with_its_code() -> None:
    """A program decides by these numbers."""
    for code, kind in HPError.by_code.items():
        assert f"| 0x{code:04x} = {code} | {kind.__name__} |" in TEXT


def test_every_state_is_documented_and_drawn() -> None:
    """The tables and the drawings are those the server obeys."""
    for state in State:
        assert f"| {state.name} | {state.value} |" in TEXT
    assert TEXT.count("```mermaid") == 3


def test_every_limit_is_documented() -> None:
    """Whoever meets a limit finds its name, its value and its reason."""
    for name in vars(limits):
        if name.isupper():
            assert re.search(rf"^\| {name} \| \S+ \| .+ \|$", TEXT, re.MULTILINE), name


def test_every_kind_of_the_base_is_documented_with_each_field() -> None:
    """A replica can be kept from the document alone."""
    for kind in KINDS.values():
        section = re.search(rf"^#### {kind.name} \(.*?(?=^#)", TEXT, re.MULTILINE | re.DOTALL)
        assert section is not None
        for field in kind.fields():
            assert f"| {field.name} | " in section[0]


def test_nothing_is_left_to_fill() -> None:
    """A template with a hole would show."""
    assert "{{" not in TEXT
    assert "||" not in TEXT.replace(" ", "")
