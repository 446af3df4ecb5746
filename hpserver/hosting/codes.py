"""Codes sent by mail to who forgot a PIN: made, counted, compared. Writes them in letters alone.

A code is kept as a keyed hash, in memory: it is good for the connection it was asked on, which ends with this process.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

import msgspec

from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Registration, User
from hpserver.errors import HPError, LockedError, NotAllowedError
from hpserver.hosting.code_pace import Asked, CodePace
from hpserver.hosting.notices import Notices
from hpserver.hosting.sign_in import machine_seconds
from hpserver.identity import ladder

DIGITS: Final = 6
"""Of a code (ASVS 6.5.4: at least 20 bits, or 6 digits where guesses are few)."""

CODE_SECONDS: Final = 600.0
"""Life of a code (ASVS 6.5.5: ten minutes at most)."""


class _Sent(msgspec.Struct, frozen=True):
    session: int
    salt: bytes
    digest: bytes
    until: float


class Codes:
    """The codes of one account: one at a time for a user, the last one sent."""

    def __init__(
        self,
        directory: Directory,
        account: str,
        pepper: bytes,
        notices: Notices,
        *,
        clock: Callable[[], float] = machine_seconds,
    ) -> None:
        self._directory, self._account, self._pepper, self._notices = directory, account, pepper, notices
        self._clock = clock
        self._sent: dict[int, _Sent] = {}
        self._pace = CodePace()

    async def send(self, user: int, session: int, device: int, source: str) -> float:
        """Send the user a code that is good on that session, and say for how many seconds.

        `device` and `source` are where it is asked for; "" is a source that answers for nobody.
        Raises NotAllowedError: the school sends none, or there is no address. LockedError: there were enough of them
        for this user, or from there. BusyError, StoreFullError: the letter could not be kept.
        """
        account, person = await self._directory.get(Account, self._account), await self._directory.get(User, user)
        if not (account.codes and person.enabled and person.email and self._notices.has_relay):
            raise NotAllowedError("No code can be sent to you: ask an administrator for another PIN.")
        own = bool(await self._directory.list(Registration, device=device))
        asked = self._pace.take(Asked(self._clock(), user, device, "" if own else source))
        try:
            self._sent[user] = await self._send(person, session)
        except HPError:
            self._pace.give_back(asked)
            raise
        return CODE_SECONDS

    async def _send(self, person: User, session: int) -> _Sent:
        sent = ladder.codes_sent_key(self._account, person.key)
        await self._directory.spend_attempt({sent: ladder.CODES_SENT}, self._clock())
        code, salt = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", secrets.token_bytes(16)
        await self._notices.send_code(person, code, time.time(), CODE_SECONDS)
        await self._directory.reset_attempts(ladder.code_key(self._account, person.key))
        return _Sent(session, salt, self._digest(code, salt), self._clock() + CODE_SECONDS)

    async def check(self, user: int, session: int, code: str) -> bool:
        """Compare a code with the one sent for that session; the guess is counted, durably, before."""
        sent = self._sent.get(user)
        if sent is None or sent.session != session or self._clock() >= sent.until:
            return False
        guesses = ladder.code_key(self._account, user)
        try:
            spent = await self._directory.spend_attempt({guesses: ladder.CODE}, self._clock())
        except LockedError:  # several at once: those that came too late
            return False
        if self._sent.get(user) is not sent:  # used, or another one was sent, while this guess was counted
            return False
        right = hmac.compare_digest(sent.digest, self._digest(code, sent.salt))
        if right or spent[0].count >= ladder.CODE_TRIES:
            del self._sent[user]
        if right:
            self._pace.answered(user)
            await self._directory.reset_attempts(guesses, ladder.codes_sent_key(self._account, user))
        return right

    def _digest(self, code: str, salt: bytes) -> bytes:
        return hmac.digest(self._pepper, b"code\0" + salt + code.encode(), hashlib.sha256)
