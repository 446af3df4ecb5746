"""Facts for the decision of who comes in: attempts spent, secrets compared, choices kept. It decides nothing."""

import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Address, Registration, User
from hpserver.errors import NotFoundError, WeakSecretError
from hpserver.hosting.common_passwords import common_passwords
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.one_by_one import OneByOne
from hpserver.identity import ageing, ladder, passwords
from hpserver.identity.ageing import Written
from hpserver.identity.ladder import Ladder
from hpserver.identity.login import (
    Facts,
    Measure,
    allowed_measures,
    bad_credentials,
    check_measure,
    measure_taken,
)
from hpserver.identity.passwords import SUPERADMINS, USERS, Cost
from hpserver.protocol import password_rules

MAX_PER_LOGIN: Final = 8
"""Checks of one login that may wait for each other; a person has one or two machines."""

_SLOW_DUMMIES: Final = 32
"""Of 256 unknown logins so many take the time of a superadmin's: a slow refusal says nothing either."""


def machine_seconds() -> float:
    """Return the clock of ladders: seconds since the machine started, asleep or not. Nobody sets it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SignIn:
    """The checks of one account. `clock` is that of ladders; `today` gives Unix time, for the age of passwords.

    `mail` says whether letters can leave.
    """

    def __init__(
        self,
        directory: Directory,
        account: str,
        pepper: bytes,
        hashing: Hashing,
        *,
        clock: Callable[[], float] = machine_seconds,
        today: Callable[[], float] = time.time,
        costs: tuple[Cost, Cost] = (USERS, SUPERADMINS),
        mail: bool = False,
    ) -> None:
        self._directory, self._account, self._pepper, self._hashing = directory, account, pepper, hashing
        self._clock, self._today = clock, today
        self._cost, self._superadmin_cost = costs
        self._mail = mail
        self._turn = OneByOne(MAX_PER_LOGIN).turn

    async def check_password(self, login: str, password: str, device: int) -> tuple[User | None, Facts]:
        """Compare a password; `login` is the key that `names.login` gives. The same work for an unknown login.

        Raises:
            LockedError: too many attempts; this one was not compared.
            BusyError: no thread came free; this one was neither spent nor compared.
        """
        async with self._turn(f"password:{login}"), self._hashing.slot():
            return await self._compare(login, password, device)

    async def vouched(self, identifier: str, device: int) -> tuple[User | None, Facts]:
        """Return whom an identity provider means: who has that identifier, to the letter, and nobody by login.

        It stands for the password, of which neither age nor failures matter then; all that follows it is asked.
        """
        account = await self._directory.get(Account, self._account)
        found = await self._directory.list(User, account=self._account, cas=identifier) if identifier else ()
        user = found[0] if found else None
        known = bool(user) and bool(await self._directory.list(Registration, device=device, user=found[0].key))
        facts = await self._facts(account, user, right=user is not None, registered=known, failures=0)
        return user, replace(facts, age="good")

    async def stands(self, user: User) -> bool:
        """Whether a user may still come in with the same password, identifier and measure: comparing took time."""
        found = await self._directory.list(User, key=user.key)
        return bool(found) and found[0].enabled and _secrets_of(found[0]) == _secrets_of(user)

    async def check_pin(self, user: int, pin: str) -> bool:
        """Compare a PIN. Raises as `check_password`."""
        async with self._turn(f"pin:{user}"), self._hashing.slot():
            key = ladder.pin_key(self._account, user)
            await self._spend({key: ladder.PIN}, pin, key)
            person = await self._person(user)
            right = await self._verify(person.pin_hash or passwords.dummy(self._cost), pin)
            if right:
                await self._directory.reset_attempts(key)
            return right

    async def change_password(self, login: str, old: str, new: str, device: int) -> User:
        """Keep another password, once the old one was compared. Raises as `check_password`.

        Raises:
            BadCredentialsError: the old one is not right, or no longer.
            WeakSecretError: `rule` says which one the new password does not meet; `same` for the old one again.
        """
        async with self._turn(f"password:{login}"), self._hashing.slot():
            user = await self._prove(login, old, device)
            account = await self._directory.get(Account, self._account)
            context = (user.login, user.name, user.first_name, account.domain, account.name)
            if new == old:
                raise WeakSecretError("The new password is the old one.", rule="same")
            password_rules.check_password(new, context, common_passwords())
            hashed = await self._hash(new, self._cost_of(user))
            if not await self.stands(user):  # made anew by the office: that one stays
                raise bad_credentials()
            return await self._directory.change(
                *(User, user.key),
                password_hash=hashed,
                password_set_at=self._today(),
                must_change=False,
                one_time_until=0.0,
            )

    async def change_measure(self, login: str, password: str, device: int, measure: str, pin: str) -> Measure:
        """Keep another measure or PIN, once the password was compared; what was wrong of the old PIN is forgotten.

        Raises as `check_password`, BadCredentialsError, NotAllowedError for a measure the account does not allow, and
        WeakSecretError for the PIN.
        """
        account = await self._directory.get(Account, self._account)
        async with self._turn(f"password:{login}"), self._hashing.slot():
            user = await self._prove(login, password, device)
            chosen = check_measure(measure, pin, allowed_measures(account.measures))
            hashed = await self._hash(pin, self._cost) if chosen == "pin" else ""
            await self._keep_measure(user.key, chosen, hashed)
            return chosen

    async def save_measure(self, user: int, measure: Measure, pin: str, held: str) -> User:
        """Keep the measure, and the hash of the PIN (none for another measure), over the one that was `held` before.

        Raises NotAllowedError when another one was chosen meanwhile: that one stays. BusyError.
        """
        async with self._turn(f"measure:{user}"), self._hashing.slot():
            hashed = await self._hash(pin, self._cost) if pin else ""
            if (await self._person(user)).measure != held:
                raise measure_taken()
            return await self._keep_measure(user, measure, hashed)

    async def save_device(self, user: int, device: int, name: str) -> None:
        """Remember that the user trusts the device, under that name; a second time renames it."""
        if await self._directory.list(Registration, device=device, user=user):
            await self._directory.change(Registration, device, user, name=name, at=self._today())
        else:
            await self._directory.add(Registration(device=device, user=user, name=name, at=self._today()))

    async def signed_in(self, user: int, source: str = "") -> None:
        """Keep that the user came in now, from that address when it is known."""
        now = self._today()
        await self._directory.change(User, user, last_sign_in=now)
        if source and await self._directory.list(Address, user=user, source=source):
            await self._directory.change(Address, user, source, at=now)
        elif source:
            await self._directory.add(Address(user=user, source=source, at=now))

    async def addresses(self, user: int, source: str) -> tuple[str, bool]:
        """Tell from where the user came in last, and whether never before from `source` but from elsewhere."""
        known = {one.source: one.at for one in await self._directory.list(Address, user=user)}
        return max(known, key=known.__getitem__, default=""), bool(known) and bool(source) and source not in known

    # --- within a turn and a slot -----------------------------------------------------------------------------

    async def _compare(self, login: str, password: str, device: int) -> tuple[User | None, Facts]:
        account = await self._directory.get(Account, self._account)
        found = await self._directory.list(User, account=self._account, login=login)
        user = found[0] if found else None
        known = bool(await self._directory.list(Registration, device=device, user=user.key if user else 0))
        in_all = ladder.password_in_all_key(self._account, login)
        in_lane = ladder.password_key(self._account, login, ladder.lane(device, registered=known))
        failures = await self._spend({in_all: ladder.PASSWORD_IN_ALL, in_lane: ladder.PASSWORD}, password, in_all)
        right = await self._verify((user.password_hash if user else "") or self._dummy(login), password)
        right = right and user is not None and user.enabled and await self.stands(user)
        if user is not None and right:
            await self._directory.reset_attempts(in_all, in_lane)
            user = await self._settle(user, password)
        return user, await self._facts(account, user, right=right, registered=known, failures=failures)

    async def _prove(self, login: str, password: str, device: int) -> User:
        """Compare the password of somebody who is here. Raises BadCredentialsError."""
        user, facts = await self._compare(login, password, device)
        if user is None or not (facts.enabled and facts.password_right) or facts.age == "over":
            raise bad_credentials()
        return user

    async def _spend(self, keys: Mapping[str, Ladder], secret: str, about: str) -> int:
        """Count an attempt, durably, before anything is compared; how many there were before it. Raises LockedError.

        The tag of the secret is kept with the count, so that the same one again is not counted twice. Who kills the
        process right after it has paid for that secret, though it was not compared: trying it again is free, trying
        another is not. So never more secrets are compared than were counted, whatever dies between.
        """
        tag = passwords.tag(secret, about, pepper=self._pepper)
        spent = await self._directory.spend_attempt(keys, self._clock(), tag)
        return spent[0].count - 1

    async def _verify(self, hashed: str, secret: str) -> bool:
        return await self._hashing.run(lambda: passwords.verify(hashed, secret, pepper=self._pepper))

    async def _hash(self, secret: str, cost: Cost) -> str:
        salt = secrets.token_bytes(passwords.SALT_BYTES)
        return await self._hashing.run(
            lambda: passwords.hash_password(secret, salt=salt, pepper=self._pepper, cost=cost)
        )  # fmt: skip

    async def _settle(self, user: User, password: str) -> User:
        """Do what a right password brings: a cheap hash is made anew, a one-time password begins to end.

        Raises BadCredentialsError when it was taken away meanwhile.
        """
        changed: dict[str, str | float] = {}
        if passwords.needs_rehash(user.password_hash, self._cost_of(user)):
            changed["password_hash"] = await self._hash(password, self._cost_of(user))
            if not await self.stands(user):
                raise bad_credentials()
        if user.one_time_until:
            changed["one_time_until"] = ageing.used(_written(user), self._today())
        return await self._directory.change(User, user.key, **changed) if changed else user

    async def _keep_measure(self, user: int, measure: Measure, hashed: str) -> User:
        kept = await self._directory.change(User, user, measure=measure, pin_hash=hashed)
        await self._directory.reset_attempts(ladder.pin_key(self._account, user))
        return kept

    async def _person(self, user: int) -> User:
        """Read the user again: the answer may come long after the password."""
        try:
            person = await self._directory.get(User, user)
        except NotFoundError:
            raise bad_credentials() from None
        if not person.enabled or person.account != self._account:
            raise bad_credentials()
        return person

    async def _facts(
        self, account: Account, user: User | None, *, right: bool, registered: bool, failures: int
    ) -> Facts:
        tried = await self._directory.attempts(ladder.pin_key(self._account, user.key if user else 0))
        written = _written(user) if user else Written(0.0)
        return Facts(
            known=user is not None,
            enabled=user is not None and user.enabled,
            password_right=right and user is not None,
            measure=user.measure if user else "",
            registered=registered,
            pin_off=math.isinf(ladder.wait(ladder.PIN, tried.count)),
            allowed=allowed_measures(account.measures),
            age=ageing.age(written, self._today(), account.renewal, account.renewal_days),
            failures=failures + tried.count,
            codes=self._mail and account.codes and user is not None and bool(user.email),
            held=user.measure if user else "",
        )

    def _cost_of(self, user: User) -> Cost:
        return self._cost if user.status == "user" else self._superadmin_cost

    def _dummy(self, login: str) -> str:
        slow = passwords.draw(login, pepper=self._pepper) < _SLOW_DUMMIES
        return passwords.dummy(self._superadmin_cost if slow else self._cost)


def _secrets_of(user: User) -> tuple[str, str, str, str]:
    return user.password_hash, user.cas, user.measure, user.pin_hash


def _written(user: User) -> Written:
    return Written(user.password_set_at, user.must_change, user.one_time_until)
