"""A transaction as the JSON of its journal row, readable with plain SQL, and back. Knows no database."""

from typing import Any, Final

import msgspec

from hpserver.base.changes import (
    Applied,
    Change,
    Create,
    Delete,
    Update,
    encode_changes,
    encode_fields,
    from_json,
    to_json,
)
from hpserver.errors import CorruptBaseError, InvalidChangeError
from hpserver.planning.history import Done
from hpserver.protocol.messages import Transaction

FORMAT = 1
"""Version of the JSON of a row."""

DEVICE_LETTERS: Final = 16
"""Hexadecimal letters of a certificate's thumbprint in a row: enough to find the device in the directory."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """Which transaction another one takes back: one that did something, or an undo; 0 for none."""

    undoes: int = 0
    redoes: int = 0

    @property
    def reverses(self) -> int:
        """The revision of either."""
        return self.undoes or self.redoes


NO_LINK: Final = Link()


class Fact(msgspec.Struct, frozen=True, gc=False):
    """One change of a row: `before` and `after` have the fields it touched, or are None where there was no object."""

    do: str
    kind: str
    key: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def undone(self) -> Change:
        """Return the change that takes this one back."""
        if self.before is None:
            return Delete(self.kind, self.key)
        return (Create if self.after is None else Update)(self.kind, self.key, encode_fields(self.before))


class Body(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The JSON of one row.

    `author` names the replica that wished it, `wish` is the hexadecimal digest of what was asked, `keys` what
    placeholders became. `undoes` and `redoes` are the revision that it took back; `device` is the beginning of the
    certificate's thumbprint. These three are left out when they say nothing.
    """

    session: int
    author: str
    why: str
    merged: bool
    wish: str
    keys: dict[str, int]
    changes: msgspec.Raw
    undoes: int = 0
    redoes: int = 0
    device: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Body)
_facts: msgspec.json.Decoder[tuple[Fact, ...]] = msgspec.json.Decoder(tuple[Fact, ...])


def write_body(
    applied: Applied, *, session: int, why: str, done: Done, link: Link = NO_LINK, device: str = ""
) -> bytes:  # fmt: skip
    """The JSON of an applied transaction."""
    keys = {str(placeholder): key for placeholder, key in applied.keys.items()}
    facts, wish = msgspec.Raw(to_json(applied)), done.wish.hex()
    return _encoder.encode(
        Body(session, done.author, why, done.merged, wish, keys, facts, link.undoes, link.redoes, device)
    )


def open_body(body: bytes, revision: int) -> tuple[Body, tuple[Fact, ...]]:
    """What a row says, with every field before and after. Raises CorruptBaseError."""
    try:
        row = _decoder.decode(body)
        return row, _facts.decode(row.changes)
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorruptBaseError(f"row {revision} of the journal cannot be read: {error}", revision=revision) from error


def read_body(
    body: bytes, *, epoch: int, revision: int, operation: bytes, user: str, at_ms: int
) -> tuple[Transaction, Done, tuple[Change, ...]]:
    """What a row says was done. Raises CorruptBaseError when it is not the JSON of a transaction."""
    try:
        row = _decoder.decode(body)
        keys = {int(placeholder): key for placeholder, key in row.keys.items()}
        wish = bytes.fromhex(row.wish)
        changes = from_json(bytes(row.changes))
    except (msgspec.MsgspecError, ValueError, InvalidChangeError) as error:
        raise CorruptBaseError(f"row {revision} of the journal cannot be read: {error}", revision=revision) from error
    raw = msgspec.Raw(encode_changes(changes))
    transaction = Transaction(revision, operation, row.session, user, at_ms, row.why, raw)
    reverses = row.undoes or row.redoes
    return transaction, Done(user, row.author, epoch, revision, keys, row.merged, wish, reverses), changes
