"""The office of an account: every wish comes here, whoever asks and by whatever face. Default deny."""

from typing import Any, Final, get_args

from hpserver.administration import users
from hpserver.administration.case import Case, Live
from hpserver.directory.model import Account, Assignment
from hpserver.directory.names import login
from hpserver.errors import NotAllowedError, ProofNeededError
from hpserver.hosting.accounts import Accounts
from hpserver.identity.actor import Actor
from hpserver.protocol.messages import AnyOutcome, AnyWish, Outcome, Wish

CASES: Final[dict[type[Wish], Case]] = users.CASES
"""Every wish there is, and no other."""

assert set(CASES) == set(get_args(AnyWish))  # a wish without its case is a mistake here

__all__ = ["CASES", "NobodyHere", "Office"]


class Office:
    """The use cases of one account, carried out one by one for those who may."""

    def __init__(self, accounts: Accounts, account: Account, live: Live) -> None:
        self.accounts, self.account, self.live = accounts, account, live

    async def carry_out(self, actor: Actor, wish: AnyWish) -> AnyOutcome:
        """Do what is wished, durably, and close every session that must not go on; then say what became of it.

        Raises NotAllowedError, ProofNeededError: prove the password and ask again, and what the case says.
        """
        case = CASES[type(wish)]
        await self._refuse_without_right(actor, case, wish)
        if case.sensitive and not actor.proved:
            raise ProofNeededError("The password is asked for again before this.")
        outcome: Any = await case.carry_out(self, actor, wish)
        assert isinstance(outcome, Outcome)
        return outcome  # type: ignore[return-value]  # CASES has the outcomes of the union only

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


class NobodyHere:
    """The sessions of an account whose controller does not run: there are none."""

    async def close(self, *, user: int = 0, thumbprint: bytes = b"", but: bytes = b"") -> int:  # noqa: ARG002 - see Live
        """See `Live`."""
        return 0
