"""The profiles of a planning and their places. Knows no session."""

from collections import Counter
from typing import Any, Final, cast, get_args

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.directory.model import Assignment, Licence, Planning
from hpserver.errors import InvalidChangeError
from hpserver.hosting import profiles
from hpserver.hosting.places import CONSULTATION
from hpserver.identity.actor import Actor
from hpserver.identity.places import CONSULTANTS, MODIFIERS
from hpserver.identity.profiles import Type, read_rights, write_rights
from hpserver.protocol.catalogue import administration as w

TYPES: Final = {"modifiers": MODIFIERS, "consultants": CONSULTANTS}
"""The words of a wish for all profiles of one type together."""

NO_LIMIT: Final = Licence(planning=0, profile="")


async def list_profiles(office: Office, _: Actor, wish: w.ListProfiles) -> w.Profiles:
    """List the profiles of a planning with their places."""
    planning, directory = await _planning(office, wish), office.accounts.directory
    found = await profiles.all_profiles(directory, planning)
    users = Counter(one.profile for one in await directory.list(Assignment, planning=planning.key))
    limits = {one.profile: one for one in await directory.list(Licence, planning=planning.key)}
    begin = next((number + 1 for number, one in enumerate(found) if one.name == wish.after), 0)
    rows = []
    for one in found[begin:]:
        limit = limits.get(one.name, NO_LIMIT)
        rights = write_rights(await profiles.written_rights(directory, planning, one.name))
        type_ = one.type or ("consultant" if one.name == CONSULTATION else "modifier")
        rows.append(
            w.ProfileRow(one.name, type_, one.is_built_in, rights, users[one.name], limit.places, limit.reserved)
        )
    fitting, more = page(rows)
    modifiers, consultants = (limits.get(name, NO_LIMIT).places for name in (MODIFIERS, CONSULTANTS))
    return w.Profiles(fitting, modifiers, consultants, more)


async def create_profile(office: Office, _: Actor, wish: w.CreateProfile) -> w.Done:
    """Make a profile."""
    if wish.type not in get_args(Type):
        raise InvalidChangeError(f"{wish.type!r} is no type of profile: {', '.join(get_args(Type))}")
    planning, rights = await _planning(office, wish), read_rights(wish.rights)
    await profiles.create_profile(office.accounts.directory, planning, wish.name, cast(Type, wish.type), rights)
    return w.Done()


async def set_profile(office: Office, _: Actor, wish: w.SetProfile) -> w.Done:
    """Give a profile other rights; who is inside with it comes in anew."""
    planning, directory = await _planning(office, wish), office.accounts.directory
    changed = await profiles.set_profile(directory, planning, wish.name, read_rights(wish.rights))
    having = await directory.list(Assignment, planning=planning.key, profile=changed.name)
    return w.Done(sum([await office.live.leave(planning.key, one.user) for one in having]))


async def rename_profile(office: Office, _: Actor, wish: w.RenameProfile) -> w.Done:
    """Give a profile another name; who is inside with it comes in anew."""
    planning, directory = await _planning(office, wish), office.accounts.directory
    moved = await profiles.rename_profile(directory, planning, wish.name, wish.new_name)
    return w.Done(sum([await office.live.leave(planning.key, user) for user in moved]))


async def delete_profile(office: Office, _: Actor, wish: w.DeleteProfile) -> w.Done:
    """Delete a profile that nobody has, and its places."""
    planning, directory = await _planning(office, wish), office.accounts.directory
    name = (await profiles.profile(directory, planning, wish.name)).name
    await profiles.delete_profile(directory, planning, name)
    if await directory.list(Licence, planning=planning.key, profile=name):
        await directory.remove(Licence, planning.key, name)
    return w.Done()


async def set_places(office: Office, _: Actor, wish: w.SetPlaces) -> w.Done:
    """Limit how many are inside at once; who is inside stays."""
    planning, directory = await _planning(office, wish), office.accounts.directory
    holder = TYPES.get(wish.holder) or (await profiles.profile(directory, planning, wish.holder)).name
    if wish.reserved and holder in TYPES.values():
        raise InvalidChangeError("places are reserved for a profile, not for a type")
    if wish.reserved < 0 or 0 <= wish.places < wish.reserved:
        raise InvalidChangeError("no more places can be reserved than there are")
    if await directory.list(Licence, planning=planning.key, profile=holder):
        await directory.change(Licence, planning.key, holder, places=wish.places, reserved=wish.reserved)
    else:
        limit = Licence(planning=planning.key, profile=holder, places=wish.places, reserved=wish.reserved)
        await directory.add(limit)
    return w.Done()


async def _planning(office: Office, wish: Any) -> Planning:
    return await office.accounts.planning(office.account, wish.planning)


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListProfiles: Case(list_profiles, "base_admin", live=False),
    w.CreateProfile: Case(create_profile, "base_admin", event="profile.created"),
    w.SetProfile: Case(set_profile, "base_admin", event="profile.changed"),
    w.RenameProfile: Case(rename_profile, "base_admin", event="profile.renamed"),
    w.DeleteProfile: Case(delete_profile, "base_admin", event="profile.deleted"),
    w.SetPlaces: Case(set_places, event="profile.places_set"),
}
