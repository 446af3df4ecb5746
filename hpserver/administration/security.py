"""How an account is protected: measures, age of passwords, limits of sessions; from where users came in."""

from typing import Any, Final, cast, get_args

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import changed
from hpserver.administration.sessions import asked_about
from hpserver.directory.model import Account, Address, Renewal
from hpserver.errors import InvalidNameError
from hpserver.identity.actor import Actor
from hpserver.identity.login import MEASURES, allowed_measures
from hpserver.protocol.catalogue import administration as w

MOST_ADDRESSES: Final = 500
"""Of the last ones in one answer: each takes 60 bytes at most."""


async def get_security(office: Office, _: Actor, __: w.GetSecurity) -> w.Security:
    """Tell it as it is now."""
    return _told(await _account(office))


async def set_security(office: Office, _: Actor, wish: w.SetSecurity) -> w.Security:
    """Change what is said; sessions follow at once, passwords and measures at the next sign-in."""
    fields: dict[str, Any] = changed(wish, ("renewal_days", "session_hours", "idle_minutes", "sessions", "codes"))
    if wish.measures is not None:
        strange = [one for one in wish.measures if one not in MEASURES]
        if strange:
            raise InvalidNameError(
                f"{strange[0]!r} is no security measure: none, notification or pin", measure=strange[0]
            )  # fmt: skip
        fields["measures"] = " ".join(one for one in MEASURES if one in wish.measures)
    if wish.renewal is not None:
        if wish.renewal not in get_args(Renewal):
            raise InvalidNameError(f"{wish.renewal!r} is none of none, notify, force", renewal=wish.renewal)
        fields["renewal"] = cast("Renewal", wish.renewal)
    if not fields:
        return _told(await _account(office))
    return _told(await office.accounts.directory.change(Account, office.account.number, **fields))


async def list_addresses(office: Office, actor: Actor, wish: w.ListAddresses) -> w.Addresses:
    """Tell the addresses of a user, the last ones first."""
    user = await asked_about(office, actor, wish.login)
    rows = sorted(await office.accounts.directory.list(Address, user=user), key=lambda one: -one.at)
    return w.Addresses(tuple((one.source, int(one.at * 1000)) for one in rows[:MOST_ADDRESSES]))


async def _account(office: Office) -> Account:
    """Read it now: the office's own is of when it opened."""
    return await office.accounts.directory.get(Account, office.account.number)


def _told(account: Account) -> w.Security:
    return w.Security(
        allowed_measures(account.measures), account.renewal, account.renewal_days, account.session_hours,
        account.idle_minutes, account.sessions, account.codes,
    )  # fmt: skip


CASES: Final[dict[type[w.Wish], Case]] = {
    w.GetSecurity: Case(get_security, live=False),
    w.SetSecurity: Case(set_security, event="security.set", sensitive=True),
    w.ListAddresses: Case(list_addresses, "own", live=False),
}
