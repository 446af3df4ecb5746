"""Facts for the decision of who comes in: attempts spent, secrets compared, choices kept. It decides nothing."""

import asyncio
import math
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from hpserver.directory.api import Directory
from hpserver.directory.model import Measure, Registration, User
from hpserver.errors import BusyError, NotFoundError
from hpserver.hosting.hashing import Hashing
from hpserver.identity import ladder, passwords
from hpserver.identity.login import Facts, bad_credentials
from hpserver.identity.passwords import SUPERADMINS, USERS, Cost

MAX_PER_LOGIN: Final = 8
"""Checks of one login that may wait for each other; a person has one or two machines."""

_SLOW_DUMMIES: Final = 32
"""Of 256 unknown logins so many take the time of a superadmin's: a slow refusal says nothing either."""


class SignIn:
    """The checks of one account. `clock` gives wall time: ladders outlive a restart."""

    def __init__(
        self,
        directory: Directory,
        account: str,
        pepper: bytes,
        hashing: Hashing,
        *,
        clock: Callable[[], float] = time.time,
        costs: tuple[Cost, Cost] = (USERS, SUPERADMINS),
    ) -> None:
        self._directory, self._account, self._pepper, self._hashing = directory, account, pepper, hashing
        self._clock = clock
        self._cost, self._superadmin_cost = costs
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}

    async def check_password(self, login: str, password: str, device: int) -> tuple[User | None, Facts]:
        """Compare a password; `login` is the key that `names.login` gives. The same work for an unknown login.

        Raises:
            LockedError: too many attempts; this one was not compared.
            BusyError: no thread came free; this one was neither spent nor compared.
        """
        async with self._turn(f"password:{login}"), self._hashing.slot():
            found = await self._directory.list(User, account=self._account, login=login)
            user = found[0] if found else None
            known = await self._directory.list(Registration, device=device, user=user.key if user else 0)
            keys = (
                ladder.password_key(self._account, login, ladder.lane(device, registered=bool(known))),
                ladder.password_in_all_key(self._account, login),
            )
            await self._directory.spend_attempt(keys[0], self._clock(), ladder.PASSWORD)
            await self._directory.spend_attempt(keys[1], self._clock(), ladder.PASSWORD_IN_ALL)
            hashed = (user.password_hash if user else "") or self._dummy(login)
            right = await self._hashing.run(lambda: passwords.verify(hashed, password, pepper=self._pepper))
            if user is not None and user.enabled and right:
                for key in keys:
                    await self._directory.reset_attempts(key)
                user = await self._hash_again(user, password)
            return user, await self._facts(user, right=right and user is not None, registered=bool(known))

    async def check_pin(self, user: int, pin: str) -> bool:
        """Compare a PIN. Raises as `check_password`."""
        async with self._turn(f"pin:{user}"), self._hashing.slot():
            key = ladder.pin_key(self._account, user)
            await self._directory.spend_attempt(key, self._clock(), ladder.PIN)
            person = await self._person(user)
            hashed = person.pin_hash or passwords.dummy(self._cost)
            right = await self._hashing.run(lambda: passwords.verify(hashed, pin, pepper=self._pepper))
            if right:
                await self._directory.reset_attempts(key)
            return right

    async def save_measure(self, user: int, measure: Measure, pin: str) -> None:
        """Keep the measure, and the hash of the PIN (none for another measure). Raises BusyError."""
        hashed = ""
        if pin:
            salt = secrets.token_bytes(passwords.SALT_BYTES)
            async with self._hashing.slot():
                hashed = await self._hashing.run(
                    lambda: passwords.hash_password(pin, salt=salt, pepper=self._pepper, cost=self._cost)
                )
        await self._person(user)
        await self._directory.change(User, user, measure=measure, pin_hash=hashed)

    async def save_device(self, user: int, device: int, name: str) -> None:
        """Remember that the user trusts the device, under that name; a second time renames it."""
        if await self._directory.list(Registration, device=device, user=user):
            await self._directory.change(Registration, device, user, name=name, at=self._clock())
        else:
            await self._directory.add(Registration(device=device, user=user, name=name, at=self._clock()))

    async def _person(self, user: int) -> User:
        """Read the user again: the answer may come long after the password."""
        try:
            person = await self._directory.get(User, user)
        except NotFoundError:
            raise bad_credentials() from None
        if not person.enabled or person.account != self._account:
            raise bad_credentials()
        return person

    async def _facts(self, user: User | None, *, right: bool, registered: bool) -> Facts:
        tried = await self._directory.attempts(ladder.pin_key(self._account, user.key if user else 0))
        return Facts(
            known=user is not None,
            enabled=user is not None and user.enabled,
            password_right=right,
            measure=user.measure if user else "",
            registered=registered,
            pin_off=math.isinf(ladder.wait(ladder.PIN, tried.count)),
        )

    async def _hash_again(self, user: User, password: str) -> User:
        """Make the hash anew when it is cheaper than those of today."""
        cost = self._cost if user.status == "user" else self._superadmin_cost
        if not passwords.needs_rehash(user.password_hash, cost):
            return user
        salt = secrets.token_bytes(passwords.SALT_BYTES)
        hashed = await self._hashing.run(
            lambda: passwords.hash_password(password, salt=salt, pepper=self._pepper, cost=cost)
        )
        return await self._directory.change(User, user.key, password_hash=hashed)

    def _dummy(self, login: str) -> str:
        slow = passwords.fingerprint(login, pepper=self._pepper)[0] < _SLOW_DUMMIES
        return passwords.dummy(self._superadmin_cost if slow else self._cost)

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        """One check at a time: the next one sees what this one has counted."""
        lock, holders = self._turns.get(name, (asyncio.Lock(), 0))
        if holders >= MAX_PER_LOGIN:
            raise BusyError("Too many passwords are being checked.", seconds=1)
        self._turns[name] = lock, holders + 1
        try:
            async with lock:
                yield
        finally:
            lock, holders = self._turns[name]
            if holders == 1:
                del self._turns[name]
            else:
                self._turns[name] = lock, holders - 1
