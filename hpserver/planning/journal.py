"""A transaction as the JSON of its journal row, readable with plain SQL, and back. Knows no database."""

import msgspec

from hpserver.base.changes import Applied, Change, encode_changes, from_json, to_json
from hpserver.errors import CorruptBaseError, InvalidChangeError
from hpserver.planning.history import Done
from hpserver.protocol.messages import Transaction

FORMAT = 1
"""Version of the JSON of a row."""


class Body(msgspec.Struct, frozen=True, gc=False):
    """The JSON of one row.

    `author` names the replica that wished it, `wish` is the hexadecimal digest of what was asked, `keys` what
    placeholders became.
    """

    session: int
    author: str
    why: str
    merged: bool
    wish: str
    keys: dict[str, int]
    changes: msgspec.Raw


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Body)


def write_body(applied: Applied, *, session: int, why: str, done: Done) -> bytes:
    """The JSON of an applied transaction."""
    keys = {str(placeholder): key for placeholder, key in applied.keys.items()}
    return _encoder.encode(
        Body(session, done.author, why, done.merged, done.wish.hex(), keys, msgspec.Raw(to_json(applied)))
    )


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
    return transaction, Done(user, row.author, epoch, revision, keys, row.merged, wish), changes
