"""The types that all messages share hold at their bounds."""

import msgspec
import pytest

from hpserver.protocol.catalogue import fields


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (fields.Id, [1, 2**53 - 1], [0, -1, 2**53, 1.0, True]),
        (fields.IdOrZero, [0, 2**53 - 1], [-1, 2**53]),
        (fields.Key, [-(2**53) + 1, 0, 2**53 - 1], [-(2**53), 2**53]),
        (fields.DeadlineMs, [0, 3_600_000], [-1, 3_600_001]),
        (fields.Week, [0, 63], [-1, 64]),
        (fields.Port, [1, 65_535], [0, 65_536]),
        (fields.Name, ["", "é" * 200], ["x" * 201]),
        (fields.Ticket, [bytes(32)], [bytes(31), bytes(33)]),
        (fields.Operation, [bytes(16)], [bytes(15), bytes(17)]),
        (fields.Versions, [(1,), tuple(range(16))], [(), tuple(range(17))]),
        (fields.Keys, [(), tuple(range(1000))], [tuple(range(1001))]),
    ],
)
def test_a_bound_is_the_last_value_that_passes(kind: object, good: list[object], bad: list[object]) -> None:
    """One more is refused."""
    decoder: msgspec.msgpack.Decoder[object] = msgspec.msgpack.Decoder(kind)
    for value in good:
        assert decoder.decode(msgspec.msgpack.encode(value)) == value
    for value in bad:
        with pytest.raises(msgspec.ValidationError):
            decoder.decode(msgspec.msgpack.encode(value))
