"""Templates: who had which profile in a planning, to be given again in another. Knows no session."""

from collections.abc import Sequence
from typing import Final

import msgspec

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.directory import names
from hpserver.directory.model import Assignment, Planning, Template, User
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.hosting import profiles
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w

MAX_TOLD: Final = 500
"""Logins of one outcome that are told one by one: they fit a packet between our processes."""

_Pairs = list[tuple[str, str]]


async def list_templates(office: Office, _: Actor, wish: w.ListTemplates) -> w.Templates:
    """List the templates of the account."""
    found = await office.accounts.directory.list(Template, account=office.account.number)
    named = sorted((one for one in found if one.name > wish.after), key=lambda one: one.name)
    return w.Templates(*page([w.TemplateRow(one.name, len(_pairs(one))) for one in named], wish.limit))


async def save_template(office: Office, actor: Actor, wish: w.SaveTemplate) -> w.Done:
    """Keep who has which profile."""
    directory = office.accounts.directory
    planning = await office.accounts.planning(office.account, wish.planning)
    logins = {one.key: one.login for one in await office.accounts.users(office.account)}
    given = await directory.list(Assignment, planning=planning.key)
    text = msgspec.json.encode(sorted((logins[one.user], one.profile) for one in given if one.user in logins)).decode()
    name = names.title(wish.name)
    known = await directory.list(Template, account=office.account.number, name=name)
    if known and not actor.may_all:  # who applies it trusts who saved it
        raise NotAllowedError("There is such a template: a superadministrator may replace it.", template=name)
    if known:
        await directory.change(Template, known[0].key, assignments=text)
    else:
        await directory.add(Template(account=office.account.number, name=name, assignments=text))
    return w.Done()


async def preview_template(office: Office, actor: Actor, wish: w.PreviewTemplate) -> w.Applied:
    """Say what a template would change."""
    return await _apply(office, wish.planning, wish.name, None, actor)


async def apply_template(office: Office, actor: Actor, wish: w.ApplyTemplate) -> w.Applied:
    """Give each user of a template its profile."""
    return await _apply(office, wish.planning, wish.name, office, actor)


async def delete_template(office: Office, _: Actor, wish: w.DeleteTemplate) -> w.Done:
    """Forget a template."""
    await office.accounts.directory.remove(Template, (await _template(office, wish.name)).key)
    return w.Done()


async def _apply(office: Office, where: str, name: str, doing: Office | None, actor: Actor) -> w.Applied:
    template = await _template(office, name)
    planning = await office.accounts.planning(office.account, where)
    users = {one.login: one for one in await office.accounts.users(office.account)}
    known = {one.name for one in await profiles.all_profiles(office.accounts.directory, planning)}
    before = {one.user: one.profile for one in await office.accounts.directory.list(Assignment, planning=planning.key)}
    given = changed = kept = 0
    missing, refused = list[str](), list[str]()
    for login, profile in _pairs(template):
        user = users.get(login)
        if user is None:
            missing.append(login)
        elif profile not in known or not _may_have(user, profile, actor):
            refused.append(login)
        elif before.get(user.key) == profile:
            kept += 1
        else:
            given, changed = given + (user.key not in before), changed + (user.key in before)
            if doing is not None:
                await _give(doing, planning, user, profile)
    return w.Applied(given, changed, kept, _told(missing), _told(refused))


async def _give(office: Office, planning: Planning, user: User, profile: str) -> None:
    await office.accounts.assign(planning, user, profile)
    await office.live.leave(planning.key, user.key)


def _may_have(user: User, profile: str, actor: Actor) -> bool:
    if profile != "Administration":
        return True
    return user.status != "user" and (actor.may_all or user.key != actor.user)


async def _template(office: Office, name: str) -> Template:
    found = await office.accounts.directory.list(Template, account=office.account.number, name=names.title(name))
    if not found:
        raise NotFoundError(f"there is no template {name!r}", template=name)
    return found[0]


def _pairs(template: Template) -> _Pairs:
    return msgspec.json.decode(template.assignments, type=_Pairs)


def _told(logins: Sequence[str]) -> tuple[str, ...]:
    return tuple(logins[:MAX_TOLD])


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListTemplates: Case(list_templates, "base_admin", live=False),
    w.SaveTemplate: Case(save_template, "base_admin", event="template.saved"),
    w.PreviewTemplate: Case(preview_template, "base_admin", live=False),
    w.ApplyTemplate: Case(apply_template, "base_admin", event="template.applied"),
    w.DeleteTemplate: Case(delete_template, event="template.deleted"),
}
