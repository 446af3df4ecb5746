"""The office of an account: every wish comes here, whoever asks and by whatever face. Default deny."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, get_args, get_type_hints

from hpserver.administration import (
    assignments,
    audit,
    bases,
    devices,
    hosting,
    profiles,
    providers,
    security,
    sessions,
    tasks,
    templates,
    users,
)
from hpserver.administration.case import Case, Live
from hpserver.directory.model import Account, Assignment, User
from hpserver.directory.names import login
from hpserver.errors import BusyError, HPError, NotAllowedError, ProofNeededError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import Audit
from hpserver.hosting.notices import Notices
from hpserver.hosting.transfers import Transfers
from hpserver.hosting.turns import turn_of
from hpserver.hosting.works import Works
from hpserver.identity.actor import MANAGER, OPERATOR, Actor
from hpserver.protocol.internal import Inside
from hpserver.protocol.messages import AnyOutcome, AnyWish, Pin, Secret, Wish

CASES: Final[dict[type[Wish], Case]] = {
    **users.CASES, **assignments.CASES, **profiles.CASES, **templates.CASES, **audit.CASES,
    **sessions.CASES, **devices.CASES, **security.CASES,
    **hosting.CASES, **bases.CASES, **tasks.CASES, **providers.CASES,
}  # fmt: skip
"""Every wish there is, and no other."""

assert set(CASES) == set(get_args(AnyWish))  # a wish without its case is a mistake here

HOSTS: Final = frozenset({MANAGER, OPERATOR.status})
"""Who may everything that is about an account."""

_SECRETS: Final = frozenset({Secret, Pin})
_LONG: Final = 256

EVENTS_PER_MINUTE: Final = {"user": 60, "base_admin": 600}
"""Lines of the audit log that one user of that status may cause in any 60 s, and anybody by being refused as a plain
one: more than a person does at a screen, and who gives profiles to a list of people does not wait. Of 400 bytes each,
who asks on and on for a day makes 35 MB of them, or 350. Superadministrators are not counted."""

_MINUTE: Final = 60.0

__all__ = ["CASES", "NobodyHere", "Office", "told"]


class Office:
    """The use cases of one account: what changes anything is done one by one on this machine, for those who may."""

    def __init__(
        self, accounts: Accounts, account: Account, live: Live, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.accounts, self.account, self.live = accounts, account, live
        self.audit = Audit(accounts.paths, accounts.keyring, account.number)
        self.notices = Notices(accounts.directory, accounts.paths, accounts.settings.mail, account)
        self.works = Works(accounts.paths, account.number, accounts.directory)
        self.transfers = Transfers(accounts, account, self.works)
        self._clock, self._turn = clock, turn_of(accounts.paths, account.number)
        self._caused: dict[int, deque[float]] = {}

    async def carry_out(self, actor: Actor, wish: AnyWish) -> AnyOutcome:
        """Do what is wished, durably, and close every session that must not go on; then say what became of it.

        What changes anything is in the audit log before it is done; that it failed is told after, under its number.

        Raises NotAllowedError, ProofNeededError: prove the password and ask again, StoreFullError: it cannot be
        audited, BusyError: the user had their lines of this minute in the audit log, and what the case says.
        """
        case = CASES[type(wish)]
        if not case.event:
            return await self._carry_out(case, actor, wish)
        async with self._turn.taken():  # what a case looks at is still so when it writes
            return await self._carry_out(case, actor, wish)

    async def _carry_out(self, case: Case, actor: Actor, wish: AnyWish) -> AnyOutcome:
        event, about = case.event or str(wish.__struct_config__.tag), told(wish)
        try:
            await self._refuse_without_right(actor, case, wish)
        except NotAllowedError:
            self.count(actor.user, "user")
            await self.audit.tell(event, actor.login, about, "refused")
            raise
        if case.sensitive and not actor.proved:
            raise ProofNeededError("The password is asked for again before this.")
        if case.event and not actor.may_all:
            self.count(actor.user, actor.status)
        number = await self.audit.tell(event, actor.login, about) if case.event else 0
        try:
            outcome: Any = await case.carry_out(self, actor, wish)
        except HPError as error:
            if case.event:
                await self.audit.tell(event, actor.login, {"of": number, "error": type(error).__name__}, "failed")
            raise
        if case.event:
            await self.notices.tell(event, str(about.get("login", "")))
        return outcome  # type: ignore[no-any-return]  # the outcomes of CASES are those of the union

    async def _refuse_without_right(self, actor: Actor, case: Case, wish: Any) -> None:
        if actor.user:  # the wish may have waited while its session was being closed
            found = await self.accounts.directory.list(User, key=actor.user)
            if not found or not found[0].enabled or found[0].status != actor.status:
                raise NotAllowedError("Your account is not what it was: sign in again.", status=actor.status)
        if actor.status in HOSTS or case.need == "anybody":
            return
        if case.need == "manager":
            raise NotAllowedError("The hosting manager does this, at the console.", status=actor.status)
        if actor.may_all:
            return
        if case.need == "own" and (not wish.login or login(wish.login) == actor.login):
            return
        if case.need == "base_admin" and actor.status == "base_admin":
            planning = getattr(wish, "planning", "")
            if not planning or await self.administers(actor, planning):
                return
        raise NotAllowedError("Your status does not allow this: ask a superadministrator.", status=actor.status)

    def count(self, user: int, status: str) -> None:
        """Count a line of the audit log for a user. Raises BusyError before it is written: no more of them now."""
        now, caused = self._clock(), self._caused.setdefault(user, deque())
        while caused and caused[0] <= now - _MINUTE:
            caused.popleft()
        if len(caused) >= EVENTS_PER_MINUTE.get(status, EVENTS_PER_MINUTE["user"]):
            raise BusyError("Too much was asked in this minute.", seconds=int(caused[0] + _MINUTE - now) + 1)
        caused.append(now)

    async def administers(self, actor: Actor, name: str) -> bool:
        """See `case.Office`."""
        directory = self.accounts.directory
        for planning in await self.accounts.plannings(self.account):
            if planning.name == name:
                found = await directory.list(Assignment, planning=planning.key, user=actor.user)
                return bool(found) and found[0].profile == "Administration"
        return False


def told(wish: Wish) -> dict[str, str | int | bool]:
    """Return what the audit log keeps of a wish: every value but secrets and nothings, long ones as their size."""
    values = {name: getattr(wish, name) for name in _TOLD[type(wish)]}
    return {name: _short(value) for name, value in values.items() if value not in {None, "", b"", ()}}


def fields_told(kind: type[Wish]) -> tuple[str, ...]:
    """Return the fields of a kind of wish that hold no secret, nor nothing instead of one."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(name for name in kind.__struct_fields__ if not {hints[name], *get_args(hints[name])} & _SECRETS)


_TOLD: Final = {kind: fields_told(kind) for kind in CASES}


def _short(value: Any) -> str | int | bool:
    if isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONG):
        return value
    return f"{len(value)} {'bytes' if isinstance(value, bytes) else 'items'}"


class NobodyHere:
    """The sessions of an account whose controller does not run: there are none."""

    async def close(self, **_whose: Any) -> int:
        """See `Live`."""
        return 0

    async def leave(self, *_whose: int) -> int:
        """See `Live`."""
        return 0

    async def end(self, *_which: int) -> int:
        """See `Live`."""
        return 0

    async def sessions(self) -> list[Inside]:
        """See `Live`."""
        return []
