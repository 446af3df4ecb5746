"""What a new hosting account is made of: its numbers, its console password, its plannings. Pure."""

from collections.abc import Sequence

import msgspec

from hpserver.directory.model import Account, Planning
from hpserver.directory.names import HOSTING_DIGITS, INVOICE_DIGITS
from hpserver.directory.ports import FIRST_PORT, LAST_PORT, allocate

NUMBER_BYTES = 16
"""Random bytes for one number: the bias of the remainder is below 2**-80."""

PASSWORD_LENGTH = 14
"""Characters of a console password: 5.8 bits each, 81 in all."""

PASSWORD_BYTES = 32
"""Random bytes for one console password: the bias of the remainder is below 2**-170."""

ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No l, I, O, 0, 1: it is read from a screen or a telephone and typed once."""

DEFAULT_PLANNINGS = (
    ("planning01", "Année en cours"),
    ("planning02", "Préparation année suivante"),
)
"""Technical and publication names that a school starts with."""


def hosting_number(chance: bytes) -> str:
    """Make a 12-digit hosting number of `NUMBER_BYTES` random bytes; it does not start with 0."""
    return _number(chance, HOSTING_DIGITS)


def invoice_number(chance: bytes) -> str:
    """Make a 10-digit invoice number of `NUMBER_BYTES` random bytes; it does not start with 0."""
    return _number(chance, INVOICE_DIGITS)


def console_password(chance: bytes) -> str:
    """Make a 14-character password of `PASSWORD_BYTES` random bytes."""
    _check(chance, PASSWORD_BYTES)
    value, letters = int.from_bytes(chance), ""
    for _ in range(PASSWORD_LENGTH):
        value, index = divmod(value, len(ALPHABET))
        letters += ALPHABET[index]
    return letters


def with_plannings(
    account: Account, taken: Sequence[int], first: int = FIRST_PORT, last: int = LAST_PORT
) -> tuple[Account, tuple[Planning, ...]]:
    """Give a new account its ports and its default plannings; `account.port` 0 asks for the next free one.

    Raises NoPortLeftError.
    """
    busy = {*taken, account.port}
    wanted = len(DEFAULT_PLANNINGS) + (account.port == 0)
    free = allocate(busy, wanted, first, last)
    port = account.port or free.pop(0)
    plannings = tuple(
        Planning(account=account.number, name=name, publication_name=publication, port=own)
        for (name, publication), own in zip(DEFAULT_PLANNINGS, free, strict=True)
    )
    return msgspec.structs.replace(account, port=port), plannings


def _number(chance: bytes, digits: int) -> str:
    _check(chance, NUMBER_BYTES)
    lowest = 10 ** (digits - 1)
    return str(lowest + int.from_bytes(chance) % (9 * lowest))


def _check(chance: bytes, needed: int) -> None:
    if len(chance) != needed:
        raise ValueError(f"{needed} random bytes are needed, not {len(chance)}")
