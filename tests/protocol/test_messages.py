"""The catalogue against its frozen bytes, and its rules for growing."""

import json
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
import pytest

from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_client, decode_from_server, encode_body
from tests.protocol.samples import CLIENT, SERVER, sample
from tests.vectors.write import FOLDER, plain

VECTORS = sorted(FOLDER.glob("*.json"))
EVERY = {*get_args(m.FromClient), *get_args(m.FromServer)}


def read(path: Path) -> dict[str, Any]:
    """Return a vector."""
    vector: dict[str, Any] = json.loads(path.read_text())
    return vector


def heard(vector: dict[str, Any], body: bytes) -> m.Message:
    """Return the message that the other side of the vector hears."""
    return decode_from_server(body) if vector["from"] == "server" else decode_from_client(body)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_todays_code_reads_and_writes_exactly_the_frozen_bytes(path: Path) -> None:
    """A client built on an earlier day understands this server, and is understood."""
    vector = read(path)
    body = bytes.fromhex(vector["hex"])
    message = heard(vector, body)
    assert type(message).__name__ == vector["message"]
    assert type(message).__struct_config__.tag == vector["tag"]
    fields = plain(message)
    assert isinstance(fields, dict)
    assert {name: fields[name] for name in vector["fields"]} == vector["fields"]
    appended = list(fields)[len(vector["fields"]) :]
    if not appended:
        assert encode_body(message) == body


def test_every_message_has_a_vector_and_every_vector_a_message() -> None:
    """A message without frozen bytes could change unseen; a vector without a message is a tag taken back."""
    assert {read(path)["message"] for path in VECTORS} == {kind.__name__ for kind in EVERY}
    assert len(VECTORS) == len(EVERY)


def test_no_vector_leaves_a_field_at_its_default() -> None:
    """A default in a vector would not show a field that moved."""
    for message in CLIENT + SERVER:
        for info in msgspec.structs.fields(message):
            assert info.default is msgspec.NODEFAULT or getattr(message, info.name) != info.default, info.name


def test_tags_are_unique_and_in_their_ranges() -> None:
    """A tag says one thing for ever: 1 to 199 are public, 200 and up are our processes'."""
    tags = [kind.__struct_config__.tag for kind in EVERY]
    assert len(set(tags)) == len(tags)
    assert all(isinstance(tag, int) and 1 <= tag < 200 for tag in tags)


def test_every_message_is_frozen_positional_and_open_to_growth() -> None:
    """Unknown trailing fields are passed over; a message in hand never changes."""
    for kind in EVERY:
        config = kind.__struct_config__
        assert (config.frozen, config.array_like, config.forbid_unknown_fields) == (True, True, False)


@pytest.mark.parametrize("message", CLIENT + SERVER, ids=lambda message: type(message).__name__)
def test_an_old_program_reads_a_message_with_appended_fields(message: m.Message) -> None:
    """Old reads new: what a later version appends is passed over."""
    values = msgspec.msgpack.decode(encode_body(message))
    later = msgspec.msgpack.encode([*values, "later", {"more": [1, 2]}])
    assert heard({"from": "client" if message in CLIENT else "server"}, later) == message


@pytest.mark.parametrize("message", CLIENT + SERVER, ids=lambda message: type(message).__name__)
def test_a_new_program_reads_a_message_without_its_appended_fields(message: m.Message) -> None:
    """New reads old: a field with a default may be missing, with all those after it."""
    values = msgspec.msgpack.decode(encode_body(message))
    optional = [info for info in msgspec.structs.fields(message) if info.default is not msgspec.NODEFAULT]
    for missing in range(1, len(optional) + 1):
        earlier = msgspec.msgpack.encode(values[:-missing])
        read_back = heard({"from": "client" if message in CLIENT else "server"}, earlier)
        changed = {info.name: info.default for info in optional[-missing:]}
        assert read_back == msgspec.structs.replace(message, **changed)


def test_a_field_added_with_a_default_keeps_the_old_vectors_readable() -> None:
    """The rule of growth, tried on a message that grows here."""

    class Ping(m.Message, frozen=True, tag=3):
        token: int
        reason: str = "none"

    old = encode_body(sample(m.Ping))
    assert msgspec.msgpack.decode(old, type=Ping).reason == "none"
    new = msgspec.msgpack.encode(Ping(7, "routine"))
    assert decode_from_client(new) == m.Ping(7)


def test_every_field_is_documented_and_nothing_else_is() -> None:
    """The documentation of the protocol is made from these texts."""
    for kind in (*EVERY, m.Endpoint, m.PlanningListed, m.Transaction, m.FieldConflict, m.Present):
        own = [name for name in kind.__annotations__ if name in kind.__struct_fields__]
        if kind is m.Failed:
            own = [*kind.__struct_fields__]
        named = [line.split(":")[0].strip() for line in (kind.__doc__ or "").splitlines() if _names_a_field(line)]
        assert named == own, kind.__name__


def _names_a_field(line: str) -> bool:
    return line.startswith(" " * 8) and not line.startswith(" " * 9) and ":" in line


def test_nothing_a_client_says_is_without_a_limit() -> None:
    """Each text, sequence and number of a client's message has its bounds in its type."""
    for kind in get_args(m.FromClient):
        for name, hint in get_type_hints(kind, include_extras=True).items():
            if hint not in {bool, msgspec.Raw, m.AnyWish}:  # wishes have a test of their own
                assert get_args(hint), f"{kind.__name__}.{name}"
                assert hint.__class__ is Annotated[int, 0].__class__, f"{kind.__name__}.{name}"


def test_everything_of_the_catalogue_is_exported() -> None:
    """One import serves all who speak."""
    assert {kind.__name__ for kind in EVERY} <= set(m.__all__)
    assert all(hasattr(m, name) for name in m.__all__)
