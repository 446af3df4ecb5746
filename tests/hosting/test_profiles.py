"""The profiles of a planning."""

import pytest

from hpserver.directory.model import Assignment, Licence, OwnProfile, Planning, User
from hpserver.errors import AlreadyExistsError, InvalidChangeError, InvalidNameError, NotAllowedError, NotFoundError
from hpserver.hosting import profiles
from hpserver.hosting.accounts import Accounts
from hpserver.identity.profiles import BUILT_IN, NOTHING, Rights

WISHES = Rights(others="read", domains={"wishes": "edit"})


async def a_planning(accounts: Accounts) -> Planning:
    """The first planning of the one account."""
    return (await accounts.plannings(await accounts.account()))[0]


async def test_a_profile_is_made_changed_and_deleted(accounts: Accounts) -> None:
    """It is data: what it gives follows it, and its name is written one way."""
    planning, directory = await a_planning(accounts), accounts.directory
    made = await profiles.create_profile(directory, planning, " Saisie des vœux ", "modifier", WISHES)
    assert (made.name, made.rights, made.type, made.is_built_in) == ("Saisie des vœux", WISHES, "modifier", False)
    assert [one.name for one in await profiles.all_profiles(directory, planning)] == [*BUILT_IN, made.name]
    assert await profiles.profile(directory, planning, "saisie des VŒUX") == made
    await profiles.set_profile(directory, planning, made.name, Rights(others="edit"))
    assert (await profiles.granted(directory, planning.key, [made.name]))[made.name].rights == Rights(others="edit")
    await profiles.delete_profile(directory, planning, made.name)
    with pytest.raises(NotFoundError):
        await profiles.profile(directory, planning, made.name)


async def test_a_consultant_keeps_what_was_written_and_gets_what_is_read(accounts: Accounts) -> None:
    """Changing one right of a profile does not lose the others."""
    planning, directory = await a_planning(accounts), accounts.directory
    made = await profiles.create_profile(directory, planning, "Accueil", "consultant", WISHES)
    assert made.rights == Rights(others="read", domains={"wishes": "read"})
    assert await profiles.written_rights(directory, planning, "Accueil") == WISHES


async def test_the_profiles_of_every_planning_are_nobody_elses(accounts: Accounts) -> None:
    """Neither changed, nor deleted, nor made again under another spelling."""
    planning, directory = await a_planning(accounts), accounts.directory
    with pytest.raises(AlreadyExistsError):
        await profiles.create_profile(directory, planning, "administration", "modifier", WISHES)
    with pytest.raises(NotAllowedError):
        await profiles.set_profile(directory, planning, "Consultation", WISHES)
    with pytest.raises(NotAllowedError):
        await profiles.delete_profile(directory, planning, "Modification")


async def test_a_profile_that_somebody_has_is_not_deleted(accounts: Accounts) -> None:
    """Nobody is left with the name of nothing, which allows nothing."""
    planning, directory = await a_planning(accounts), accounts.directory
    made = await profiles.create_profile(directory, planning, "Vœux", "modifier", WISHES)
    user = await directory.add(User(account=planning.account, login="ada"))
    await accounts.assign(planning, user, "vœux")
    assert [one.profile for one in await directory.list(Assignment, planning=planning.key)] == ["Vœux"]
    with pytest.raises(NotAllowedError):
        await profiles.delete_profile(directory, planning, made.name)
    with pytest.raises(NotFoundError):
        await accounts.assign(planning, user, "Rien")


async def test_a_profile_of_another_name_is_the_same(accounts: Accounts) -> None:
    """Rights, type, places and who has it follow; a name that is taken, or is not to be, changes nothing."""
    planning, directory = await a_planning(accounts), accounts.directory
    await profiles.create_profile(directory, planning, "Vœux", "consultant", WISHES)
    await profiles.create_profile(directory, planning, "Notes", "modifier", NOTHING)
    await directory.add(Licence(planning=planning.key, profile="Vœux", places=3, reserved=1))
    user = await directory.add(User(account=planning.account, login="ada"))
    await accounts.assign(planning, user, "Vœux")
    for wrong in ("notes", "VŒUX", "Administration"):
        with pytest.raises(AlreadyExistsError):
            await profiles.rename_profile(directory, planning, "Vœux", wrong)
    with pytest.raises(InvalidNameError):
        await profiles.rename_profile(directory, planning, "Vœux", "*modifiers")
    with pytest.raises(NotAllowedError):
        await profiles.rename_profile(directory, planning, "Modification", "Saisie")
    assert await profiles.rename_profile(directory, planning, "vœux", " Vœux 2 ") == [user.key]
    assert [one.name for one in await profiles.all_profiles(directory, planning)] == [*BUILT_IN, "Notes", "Vœux 2"]
    assert await profiles.written_rights(directory, planning, "Vœux 2") == WISHES
    assert [one.profile for one in await directory.list(Assignment, planning=planning.key)] == ["Vœux 2"]
    assert [(one.profile, one.places, one.reserved) for one in await directory.list(Licence)] == [("Vœux 2", 3, 1)]


@pytest.mark.parametrize("rights", [Rights(domains={"moon": "read"}), Rights(kinds={"teacher": "read"})])
async def test_a_domain_or_kind_that_does_not_exist_is_refused(accounts: Accounts, rights: Rights) -> None:
    """A word that means nothing would be a right that is not there."""
    planning = await a_planning(accounts)
    with pytest.raises(InvalidChangeError):
        await profiles.create_profile(accounts.directory, planning, "Vœux", "modifier", rights)


async def test_what_cannot_be_read_and_what_does_not_exist_give_nothing(accounts: Accounts) -> None:
    """Of a newer program, or of nobody: what is not understood is refused."""
    planning, directory = await a_planning(accounts), accounts.directory
    text = '{"others":"edit","later":1}'
    await directory.add(OwnProfile(planning=planning.key, name="Neuf", type="modifier", rights=text))
    found = await profiles.granted(directory, planning.key, ["Neuf", "Rien"])
    assert [one.rights for one in found.values()] == [NOTHING, NOTHING]
