"""How long a secret may not be tried after so many failures. It counts nothing and knows no clock.

An attempt is spent, durably, before the secret is compared: who disconnects in between has lost it. The counter
is the directory's; the waits are the tuples below: item `n - 1` is the wait after the n-th attempt in a row, in
seconds, `OFF` until somebody resets it, and past the end the last item holds.
"""

import math
from typing import Final

Ladder = tuple[float, ...]

OFF: Final = math.inf
MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0

PASSWORD_TRIES_IN_ALL: Final = 100
"""Consecutive failures of one account after which it is reset by another channel (NIST 800-63B, 5.2.2)."""

PIN_TRIES: Final = 10
"""Failures ever between two successes: at most 0.1 % for 10,000 PINs (NIST; CTAP allows 8)."""

_STEADY: Final = 30 * MINUTE

PASSWORD: Final[Ladder] = (0, 0, 0, 0, 30.0, MINUTE, 5 * MINUTE, 15 * MINUTE, *(_STEADY,) * 11, DAY)
"""Of one account in one lane: 4 free, then 30 s, 1, 5, 15, 30 min, and from the 20th on a day (NIST, Vault)."""

PASSWORD_IN_ALL: Final[Ladder] = (*(0.0,) * (PASSWORD_TRIES_IN_ALL - 1), OFF)
"""Of one account over all lanes: no wait, then off."""

CODE_TRIES: Final = 5
"""Guesses of one code sent by mail (ASVS 6.5.5)."""

CODE: Final[Ladder] = (*(0.0,) * (CODE_TRIES - 1), OFF)
"""Of one code: another one begins anew."""

CODES_SENT: Final[Ladder] = (0, 0, HOUR)
"""Of one account, between two right ones: three codes, then one an hour. So 15 guesses in an hour, then 5."""

PIN: Final[Ladder] = (0, 0, 0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR, HOUR, OFF)
"""Of one account: 3 free, 1, 5, 15 min, 3 times an hour, and the 10th turns the PIN off (Apple, CTAP)."""

_QUARTER: Final = 15 * MINUTE

CONSOLE: Final[Ladder] = (*(*(0.0,) * 4, _QUARTER) * 3, *(0.0,) * 4, DAY)
"""Of one hosting number in one lane: 5 in 15 minutes, 20 in a day, then one a day (Vault)."""

CONSOLE_TOLD: Final = 5
"""Failures in a row after which the hosting manager is told."""

INVOICE: Final[Ladder] = (*(0.0,) * 4, OFF)
"""Of the invoice number of one account, in all: it is no secret, so there is no reason to guess it."""


def wait(ladder: Ladder, count: int) -> float:
    """Return for how many seconds nothing may be tried after the `count`-th attempt in a row; `OFF` for ever."""
    return ladder[min(count, len(ladder)) - 1] if count > 0 else 0.0


def lane(device: int, *, registered: bool) -> str:
    """Name the lane an attempt is counted in: the user's own device each has one, all other devices share one.

    So a stranger who fails on purpose does not lock the user out of a registered device.
    """
    return f"device:{device}" if registered else "others"


def password_key(account: str, login: str, in_lane: str) -> str:
    """Name the counter of a login in a lane, known user or not."""
    return f"password:{account}:{login}:{in_lane}"


def password_in_all_key(account: str, login: str) -> str:
    """Name the counter of a login over all lanes."""
    return f"passwords:{account}:{login}"


def login_of(account: str, key: str) -> str | None:
    """Return whose password a counter of the account counts, in the lane of who has no device here; else None."""
    for start, end in ((password_in_all_key(account, ""), ""), (f"password:{account}:", ":others")):
        if key.startswith(start) and key.endswith(end):
            return key.removeprefix(start).removesuffix(end)
    return None


def pin_key(account: str, user: int) -> str:
    """Name the counter of a user's PIN."""
    return f"pin:{account}:{user}"


def code_key(account: str, user: int) -> str:
    """Name the counter of guesses of the code last sent to a user."""
    return f"code:{account}:{user}"


def codes_sent_key(account: str, user: int) -> str:
    """Name the counter of codes sent to a user."""
    return f"codes:{account}:{user}"


def console_key(number: str, device: int) -> str:
    """Name the counter of console passwords tried for a hosting number, which may not exist, from a workstation.

    Those without a certificate share the lane of `device` 0: they do not lock the workstation out.
    """
    return f"console:{number}:{device}"


def invoice_key(number: str) -> str:
    """Name the counter of invoice numbers tried for a hosting number."""
    return f"invoice:{number}"
