"""Who may open which planning, with which profile. Knows no session: planning servers follow the directory."""

from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.directory.model import Assignment, Planning, User
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.hosting import profiles
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w

RULING: Final = "Administration"


async def list_assignments(office: Office, _: Actor, wish: w.ListAssignments) -> w.Assignments:
    """List the users of a planning by login."""
    planning = await office.accounts.planning(office.account, wish.planning)
    users = {one.key: one for one in await office.accounts.users(office.account)}
    found = await office.accounts.directory.list(Assignment, planning=planning.key)
    rows = sorted((_row(users[one.user], one) for one in found if one.user in users), key=lambda row: row.login)
    return w.Assignments(*page([row for row in rows if row.login > wish.after], wish.limit))


async def assign(office: Office, actor: Actor, wish: w.Assign) -> w.Done:
    """Give a user a profile; with another one than before they come in anew."""
    planning, user = await _both(office, wish.planning, wish.login)
    profile = (await profiles.profile(office.accounts.directory, planning, wish.profile)).name
    before = await office.accounts.directory.list(Assignment, planning=planning.key, user=user.key)
    if before and before[0].profile == profile:
        return w.Done()
    if before and before[0].profile == RULING:
        await _refuse_the_last(office, planning, user)
    if profile == RULING and user.key == actor.user and not actor.may_all:
        raise NotAllowedError("Nobody gives themselves the profile Administration.", user=user.login)
    await office.accounts.assign(planning, user, profile)
    return w.Done(await office.live.leave(planning.key, user.key) if before else 0)


async def unassign(office: Office, _: Actor, wish: w.Unassign) -> w.Done:
    """Take the profile away."""
    planning, user = await _both(office, wish.planning, wish.login)
    before = await office.accounts.directory.list(Assignment, planning=planning.key, user=user.key)
    if not before:
        raise NotFoundError(f"{user.login} has no profile in {planning.name}", user=user.login)
    if before[0].profile == RULING:
        await _refuse_the_last(office, planning, user)
    await office.accounts.directory.remove(Assignment, planning.key, user.key)
    return w.Done(await office.live.leave(planning.key, user.key))


async def _both(office: Office, planning: str, login: str) -> tuple[Planning, User]:
    accounts = office.accounts
    return await accounts.planning(office.account, planning), await accounts.user(office.account, login)


async def _refuse_the_last(office: Office, planning: Planning, user: User) -> None:
    """Keep somebody who may rule the base: a superadmin always may give the profile again."""
    ruling = await office.accounts.directory.list(Assignment, planning=planning.key, profile=RULING)
    superadmins = [one for one in await office.accounts.users(office.account) if one.status == "superadmin"]
    if not superadmins and not any(one.user != user.key for one in ruling):
        raise NotAllowedError(f"{user.login} is the last administrator of {planning.name}", user=user.login)


def _row(user: User, one: Assignment) -> w.AssignmentRow:
    return w.AssignmentRow(user.login, user.name, user.first_name, user.status, user.enabled, one.profile)


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListAssignments: Case(list_assignments, "base_admin", live=False),
    w.Assign: Case(assign, "base_admin", event="assignment.set"),
    w.Unassign: Case(unassign, "base_admin", event="assignment.removed"),
}
