"""The profiles of a planning: the three that every planning has, and those that a school makes. Knows no session."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from hpserver.base.registry import KINDS
from hpserver.directory.api import Directory
from hpserver.directory.model import Assignment, Licence, OwnProfile, Planning
from hpserver.directory.names import title
from hpserver.errors import AlreadyExistsError, InvalidChangeError, InvalidNameError, NotAllowedError, NotFoundError
from hpserver.identity.profiles import BUILT_IN, NOTHING, Rights, Type, capped, read_rights, write_rights

DOMAINS: Final = frozenset(kind.domain for kind in KINDS.values())
MAX_PROFILES: Final = 100
"""Profiles of one planning: far more than a school tells apart."""
OF_TYPES: Final = frozenset({"modifiers", "consultants"})
"""Words for all profiles of one type together, whose places are kept under a name with `*`: no profile is so called."""


class Granted(msgspec.Struct, frozen=True):
    """The name of a profile, its type, and what it gives: of a consultant, no more than consulting."""

    name: str
    rights: Rights
    type: str = ""

    @property
    def is_built_in(self) -> bool:
        """Whether every planning has it and nobody changes it."""
        return self.name in BUILT_IN


async def granted(directory: Directory, planning: int, names: Iterable[str]) -> dict[str, Granted]:
    """What each profile gives now; one that does not exist, or cannot be read, gives nothing."""
    own = {one.name: one for one in await directory.list(OwnProfile, planning=planning)}
    return {name: _granted(name, own) for name in names}


async def all_profiles(directory: Directory, planning: Planning) -> tuple[Granted, ...]:
    """Every profile of a planning."""
    own = {one.name: one for one in await directory.list(OwnProfile, planning=planning.key)}
    return tuple(_granted(name, own) for name in (*BUILT_IN, *sorted(own)))


async def profile(directory: Directory, planning: Planning, name: str) -> Granted:
    """One profile by name, whatever its capitals. Raises NotFoundError."""
    for one in await all_profiles(directory, planning):
        if one.name.casefold() == name.strip().casefold():
            return one
    raise NotFoundError(f"there is no profile {name!r} in {planning.name}", profile=name)


async def create_profile(directory: Directory, planning: Planning, name: str, type_: Type, rights: Rights) -> Granted:
    """Make a profile. Raises InvalidNameError, AlreadyExistsError, InvalidChangeError: no such domain or kind."""
    chosen = _chosen(name)
    _check(rights)
    if len(await _free(directory, planning, chosen)) >= MAX_PROFILES:
        raise InvalidChangeError(f"a planning has at most {MAX_PROFILES} profiles")
    made = OwnProfile(planning=planning.key, name=chosen, type=type_, rights=write_rights(rights))
    await directory.add(made)
    return _granted(chosen, {chosen: made})


async def set_profile(directory: Directory, planning: Planning, name: str, rights: Rights) -> Granted:
    """Give a profile other rights: who is in the planning with it is asked to come in again within a second.

    Raises NotFoundError, NotAllowedError for one that every planning has, InvalidChangeError.
    """
    _check(rights)
    own = await _own(directory, planning, name)
    changed = await directory.change(OwnProfile, own.key, rights=write_rights(rights))
    return _granted(own.name, {own.name: changed})


async def rename_profile(directory: Directory, planning: Planning, name: str, new_name: str) -> list[int]:
    """Give a profile and its places another name, and that to who has it; whom it was given, by key.

    Both names are there for a moment, with the same rights: nobody is ever without. Killed in between it leaves both.
    Raises NotFoundError, NotAllowedError, InvalidNameError, AlreadyExistsError.
    """
    chosen, own = _chosen(new_name), await _own(directory, planning, name)
    if chosen.casefold() == own.name.casefold():
        raise AlreadyExistsError(f"the profile {own.name!r} exists already in {planning.name}", profile=own.name)
    await _free(directory, planning, chosen)
    limits = await directory.list(Licence, planning=planning.key, profile=own.name)
    made = OwnProfile(planning=planning.key, name=chosen, type=own.type, rights=own.rights)
    await directory.add_all((made, *(msgspec.structs.replace(one, profile=chosen) for one in limits)))
    having = await directory.list(Assignment, planning=planning.key, profile=own.name)
    for one in having:
        await directory.change(Assignment, planning.key, one.user, profile=chosen)
    if limits:
        await directory.remove(Licence, planning.key, own.name)
    await directory.remove(OwnProfile, own.key)
    return [one.user for one in having]


async def delete_profile(directory: Directory, planning: Planning, name: str) -> None:
    """Delete a profile that nobody has. Raises NotFoundError, NotAllowedError."""
    own = await _own(directory, planning, name)
    users = await directory.list(Assignment, planning=planning.key, profile=own.name)
    if users:
        raise NotAllowedError(f"{len(users)} users have the profile {own.name}: give them another", users=len(users))
    await directory.remove(OwnProfile, own.key)


async def written_rights(directory: Directory, planning: Planning, name: str) -> Rights:
    """The rights of a profile as they were given, before its type takes any away. Raises NotFoundError."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    return read_rights((await _own(directory, planning, name)).rights)


def _chosen(name: str) -> str:
    chosen = title(name)
    if chosen.startswith("*") or chosen.casefold() in OF_TYPES:
        raise InvalidNameError(f"{chosen!r} is what all profiles of one type are called", name=chosen)
    return chosen


async def _free(directory: Directory, planning: Planning, chosen: str) -> set[str]:
    """Return the names of the profiles there are. Raises AlreadyExistsError when that one is among them."""
    known = {one.name.casefold() for one in await all_profiles(directory, planning)}
    if chosen.casefold() in known:
        raise AlreadyExistsError(f"the profile {chosen!r} exists already in {planning.name}", profile=chosen)
    return known


async def _own(directory: Directory, planning: Planning, name: str) -> OwnProfile:
    found = await profile(directory, planning, name)
    if found.is_built_in:
        raise NotAllowedError(f"every planning has the profile {found.name}: it cannot be changed", profile=found.name)
    (own,) = await directory.list(OwnProfile, planning=planning.key, name=found.name)
    return own


def _granted(name: str, own: Mapping[str, OwnProfile]) -> Granted:
    if name in BUILT_IN:
        return Granted(name, BUILT_IN[name])
    found = own.get(name)
    if found is None:
        return Granted(name, NOTHING)
    try:
        rights = read_rights(found.rights)
    except InvalidChangeError:  # of a newer program: what it means cannot be known here
        rights = NOTHING
    return Granted(name, capped(rights, found.type), found.type)


def _check(rights: Rights) -> None:
    for what, names, known in (("domain", rights.domains, DOMAINS), ("kind", rights.kinds, KINDS.keys())):
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise InvalidChangeError(f"there is no {what} {unknown[0]!r}", field=unknown[0])
