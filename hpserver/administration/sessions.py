"""Sessions of an account: who is there, in every process, and closed before the answer. Knows no process."""

from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.directory.model import Device
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.hosting.console_keeping import close_sessions as close_console
from hpserver.identity.actor import OPERATOR, Actor
from hpserver.protocol.catalogue import administration as w


async def list_sessions(office: Office, actor: Actor, wish: w.ListSessions) -> w.Sessions:
    """List those of a user, or of everybody."""
    user = await asked_about(office, actor, wish.login, everybody=wish.everybody)
    rows = [one for one in await office.live.sessions() if user in {0, one.user}]
    devices = await office.accounts.directory.list(Device, account=office.account.number)
    named = {key: one for one in devices for key in (one.previous_thumbprint, one.thumbprint)}
    told = [
        w.SessionRow(
            one.place, one.number, one.login, named[one.thumbprint].key if one.thumbprint in named else 0,
            named[one.thumbprint].name if one.thumbprint in named else "", one.source, one.since, one.active,
            one.profile,
        )
        for one in sorted(rows, key=lambda one: (one.place, one.number))
        if (one.place, one.number) > (wish.place, wish.number)
    ]  # fmt: skip
    return w.Sessions(*page(told, wish.limit))


async def close_sessions(office: Office, actor: Actor, wish: w.CloseSessions) -> w.Done:
    """Close one, or all of a user, those at the console too; of one's own, those on this device go on."""
    user = await asked_about(office, actor, wish.login)
    if not wish.number:
        if not user:
            raise NotFoundError("Say whose sessions are to be closed.")
        own = user == actor.user
        at_console = await close_console(office.accounts, office.account, user, but=actor.device if own else 0)
        return w.Done(at_console + await office.live.close(user=user, but=actor.thumbprint if own else b""))
    here = await office.live.sessions()
    found = [one for one in here if (one.place, one.number) == (wish.place, wish.number) and user in {0, one.user}]
    if not found:
        raise NotFoundError("There is no such session.", place=wish.place, session=wish.number)
    planning = (await office.accounts.planning(office.account, wish.place)).key if wish.place else 0
    return w.Done(await office.live.end(planning, wish.number, found[0].user))


async def asked_about(office: Office, actor: Actor, login: str, *, everybody: bool = False) -> int:
    """Return the user whom a wish is about, 0 for everybody. Raises NotAllowedError, NotFoundError."""
    if everybody and not actor.may_all:
        raise NotAllowedError("Your status does not allow this: ask a superadministrator.", status=actor.status)
    if everybody or (actor is OPERATOR and not login):
        return 0
    return (await office.accounts.user(office.account, login)).key if login else actor.user


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListSessions: Case(list_sessions, "own"),
    w.CloseSessions: Case(close_sessions, "own", event="session.closed"),
}
