"""Which domain names an account has, and who has a name already. Knows no certificate and no screen."""

from collections.abc import Iterable

import msgspec

from hpserver.directory import names
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Planning
from hpserver.errors import AlreadyExistsError
from hpserver.hosting.keyring import console_name, enrol_name, planning_name, server_names


class Holder(msgspec.Struct, frozen=True):
    """Who has a name: the controller of an account, or one of its plannings."""

    account: str
    planning: int | None
    text: str


async def refuse_taken(directory: Directory, name: str, account: str, planning: int | None = None) -> None:
    """Find out whether the controller of an account, or a planning of it, 0 for a new one, may have a name.

    Raises AlreadyExistsError, which says who has it. What an account was opened with is its own at and below: a name
    there is nobody else's.
    """
    accounts, plannings = await directory.list(Account), await directory.list(Planning)
    for holder in _holders(name, accounts, plannings):
        if (holder.account, holder.planning) != (account, planning):
            raise AlreadyExistsError(f"{name!r} is taken: {holder.text}", name=name)
    mine = next((one.zone for one in accounts if one.number == account), "")
    for other in accounts:
        nearer = len(other.zone) > len(mine)
        if other.number != account and nearer and mine and _is_within(name, other.zone):
            raise AlreadyExistsError(f"{name!r} is taken: it is below the domain {other.zone!r}", name=name)


async def refuse_zone(directory: Directory, zone: str, plannings: Iterable[str]) -> None:
    """Find out whether a new account may be opened with a domain. Raises AlreadyExistsError, which says who has it."""
    for name in server_names(zone, plannings):
        await refuse_taken(directory, name, "")
    accounts, everything = await directory.list(Account), await directory.list(Planning)
    for above in accounts:
        if _is_within(zone, above.zone):
            for name in every_name(above, tuple(one for one in everything if one.account == above.number)):
                if _is_within(name, zone):
                    raise AlreadyExistsError(
                        f"{name!r} is taken: the controller of {above.domain!r} answers for it", name=name
                    )


async def name_of_controller(directory: Directory, account: Account, typed: str) -> str:
    """Return the domain a controller is to have: that of its account, or one below. "" gives the first one again.

    Raises InvalidNameError, AlreadyExistsError.
    """
    text = typed.strip()
    if not text or names.domain(text if "." in text else f"{text}.{account.zone}") == account.zone:
        return account.zone
    name = names.below(text, account.zone)
    for wanted in (name, enrol_name(name)):
        await refuse_taken(directory, wanted, account.number)
    return name


async def name_of_planning(directory: Directory, account: Account, planning: Planning, typed: str) -> str:
    """Return the domain a planning is to have, "" for the one that its technical name gives it.

    Raises InvalidNameError, AlreadyExistsError.
    """
    if not typed.strip():
        return ""
    name = names.below(typed, account.zone)
    if name == planning_name(planning.name, account.zone):
        return ""
    await refuse_taken(directory, name, account.number, planning.key)
    return name


def every_name(account: Account, plannings: tuple[Planning, ...]) -> list[str]:
    """Return every name that leads to an account, that of its controller first, each once."""
    of_plannings = [
        name for one in plannings for name in (planning_name(one.name, account.zone), one.domain) if name
    ]  # fmt: skip
    first = [account.domain, account.zone, enrol_name(account.zone), console_name(account.zone)]
    return list(dict.fromkeys([*first, enrol_name(account.domain), *of_plannings]))


def _holders(name: str, accounts: tuple[Account, ...], plannings: tuple[Planning, ...]) -> list[Holder]:
    zones = {one.number: one.zone for one in accounts}
    found = [
        Holder(one.number, None, f"the controller of {one.domain!r} answers for it")
        for one in accounts
        if name in {one.zone, one.domain, console_name(one.zone), enrol_name(one.zone), enrol_name(one.domain)}
    ]
    return found + [
        Holder(one.account, one.key, f"it is a name of the planning {one.name!r}")
        for one in plannings
        if name in {one.domain, planning_name(one.name, zones[one.account])}
    ]


def _is_within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")
