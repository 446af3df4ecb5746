"""The office of an account: every wish comes here, whoever asks and by whatever face. Default deny."""

from typing import Any, Final, get_args, get_type_hints

from hpserver.administration import assignments, audit, devices, profiles, security, sessions, templates, users
from hpserver.administration.case import Case, Live
from hpserver.directory.model import Account, Assignment
from hpserver.directory.names import login
from hpserver.errors import HPError, NotAllowedError, ProofNeededError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import Audit
from hpserver.identity.actor import Actor
from hpserver.protocol.internal import Inside
from hpserver.protocol.messages import AnyOutcome, AnyWish, Pin, Secret, Wish

CASES: Final[dict[type[Wish], Case]] = {
    **users.CASES, **assignments.CASES, **profiles.CASES, **templates.CASES, **audit.CASES,
    **sessions.CASES, **devices.CASES, **security.CASES,
}  # fmt: skip
"""Every wish there is, and no other."""

assert set(CASES) == set(get_args(AnyWish))  # a wish without its case is a mistake here

_SECRETS: Final = (Secret, Pin)
_LONG: Final = 256

__all__ = ["CASES", "NobodyHere", "Office", "told"]


class Office:
    """The use cases of one account, carried out one by one for those who may."""

    def __init__(self, accounts: Accounts, account: Account, live: Live) -> None:
        self.accounts, self.account, self.live = accounts, account, live
        self.audit = Audit(accounts.paths, accounts.keyring, account.number)

    async def carry_out(self, actor: Actor, wish: AnyWish) -> AnyOutcome:
        """Do what is wished, durably, and close every session that must not go on; then say what became of it.

        What changes anything is in the audit log before it is done; that it failed is told after, under its number.

        Raises NotAllowedError, ProofNeededError: prove the password and ask again, StoreFullError: it cannot be
        audited, and what the case says.
        """
        case = CASES[type(wish)]
        event, about = case.event or str(wish.__struct_config__.tag), told(wish)
        try:
            await self._refuse_without_right(actor, case, wish)
        except NotAllowedError:
            await self.audit.tell(event, actor.login, about, "refused")
            raise
        if case.sensitive and not actor.proved:
            raise ProofNeededError("The password is asked for again before this.")
        number = await self.audit.tell(event, actor.login, about) if case.event else 0
        try:
            outcome: Any = await case.carry_out(self, actor, wish)
        except HPError as error:
            if case.event:
                await self.audit.tell(event, actor.login, {"of": number, "error": type(error).__name__}, "failed")
            raise
        return outcome  # type: ignore[no-any-return]  # the outcomes of CASES are those of the union

    async def _refuse_without_right(self, actor: Actor, case: Case, wish: Any) -> None:
        if actor.may_all or case.need == "anybody":
            return
        if case.need == "own" and (not wish.login or login(wish.login) == actor.login):
            return
        if case.need == "base_admin" and actor.status == "base_admin":
            planning = getattr(wish, "planning", "")
            if not planning or await self._administers(actor, planning):
                return
        raise NotAllowedError("Your status does not allow this: ask a superadministrator.", status=actor.status)

    async def _administers(self, actor: Actor, name: str) -> bool:
        directory = self.accounts.directory
        for planning in await self.accounts.plannings(self.account):
            if planning.name == name:
                found = await directory.list(Assignment, planning=planning.key, user=actor.user)
                return bool(found) and found[0].profile == "Administration"
        return False


def told(wish: Wish) -> dict[str, str | int | bool]:
    """Return what the audit log keeps of a wish: every value but secrets and nothings, long ones as their size."""
    hints = get_type_hints(type(wish), include_extras=True)
    values = {name: getattr(wish, name) for name in wish.__struct_fields__ if hints[name] not in _SECRETS}
    return {name: _short(value) for name, value in values.items() if value not in {None, "", b"", ()}}


def _short(value: Any) -> str | int | bool:
    if isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONG):
        return value
    return f"{len(value)} {'bytes' if isinstance(value, bytes) else 'items'}"


class NobodyHere:
    """The sessions of an account whose controller does not run: there are none."""

    async def close(self, *, user: int = 0, thumbprint: bytes = b"", but: bytes = b"") -> int:  # noqa: ARG002 - see Live
        """See `Live`."""
        return 0

    async def leave(self, planning: int, user: int) -> int:  # noqa: ARG002 - see Live
        """See `Live`."""
        return 0

    async def end(self, planning: int, number: int, user: int) -> int:  # noqa: ARG002 - see Live
        """See `Live`."""
        return 0

    async def sessions(self) -> list[Inside]:
        """See `Live`."""
        return []
