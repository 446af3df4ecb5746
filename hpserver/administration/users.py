"""Users of an account: who there is, who may come in. Knows no screen."""

from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.directory.model import User
from hpserver.errors import NotAllowedError
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w


async def list_users(office: Office, _: Actor, wish: w.ListUsers) -> w.Users:
    """List the users by login."""
    rows = sorted(await office.accounts.users(office.account), key=lambda one: one.login)
    rest = [one for one in rows if one.login > wish.after]
    return w.Users(tuple(_row(one) for one in rest[: wish.limit]), len(rest) > wish.limit)


async def set_user_enabled(office: Office, actor: Actor, wish: w.SetUserEnabled) -> w.Done:
    """Let a user in, or no longer; the sessions of who may not are closed on return."""
    user = await office.accounts.user(office.account, wish.login)
    if not wish.enabled and user.key == actor.user:
        raise NotAllowedError("Nobody shuts themselves out.", user=user.login)
    await office.accounts.directory.change(User, user.key, enabled=wish.enabled)
    return w.Done(0 if wish.enabled else await office.live.close(user=user.key))


def _row(one: User) -> w.UserRow:
    return w.UserRow(
        one.key, one.login, one.name, one.first_name, one.status, one.enabled, one.measure, one.email
    )  # fmt: skip


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListUsers: Case(list_users, "base_admin"),
    w.SetUserEnabled: Case(set_user_enabled, event="user.enabled_set", sensitive=True),
}
