"""Profiles and places, through the office."""

from typing import Any

import pytest

from hpserver.administration.office import Office
from hpserver.directory.model import Licence
from hpserver.errors import InvalidChangeError, InvalidNameError, NotAllowedError, NotFoundError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import Sessions, actor

RIGHTS = '{"others":"read"}'


async def asked(office: Office, wish: Any) -> Any:
    """What becomes of the operator's wish."""
    return await office.carry_out(OPERATOR, wish)


async def names(office: Office) -> list[tuple[str, str, int, int]]:
    """The profiles of the first planning."""
    found = await asked(office, w.ListProfiles("planning01"))
    return [(one.name, one.type, one.places, one.reserved) for one in found.rows]


async def test_profiles_are_made_changed_and_deleted(office: Office, sessions: Sessions) -> None:
    """Who is inside with one that changes has left when it is answered."""
    await asked(office, w.CreateProfile("planning01", "Accueil", "consultant", RIGHTS))
    await asked(office, w.Assign("planning01", "zoe", "Accueil"))
    assert (await names(office))[-1] == ("Accueil", "consultant", -1, 0)
    assert await asked(office, w.SetProfile("planning01", "accueil", "{}")) == w.Done(1)
    assert len(sessions.left) == 1
    await asked(office, w.SetPlaces("planning01", "Accueil", 4, 1))
    assert await asked(office, w.RenameProfile("planning01", "accueil", "Secrétariat")) == w.Done(1)
    assert len(sessions.left) == 2
    assert (await names(office))[-1] == ("Secrétariat", "consultant", 4, 1)
    assert [one.profile for one in (await asked(office, w.ListAssignments("planning01"))).rows] == ["Secrétariat"]
    await asked(office, w.RenameProfile("planning01", "Secrétariat", "Accueil"))
    await asked(office, w.Unassign("planning01", "zoe"))
    await asked(office, w.DeleteProfile("planning01", "Accueil"))
    assert [one[0] for one in await names(office)] == ["Administration", "Modification", "Consultation"]
    assert not await office.accounts.directory.list(Licence)
    rest = await asked(office, w.ListProfiles("planning01", "Modification"))
    assert [one.name for one in rest.rows] == ["Consultation"]


async def test_what_is_no_profile_is_refused(office: Office) -> None:
    """Type, rights and planning are looked at first."""
    for wish, error in (
        (w.CreateProfile("planning01", "A", "king", RIGHTS), InvalidChangeError),
        (w.CreateProfile("planning01", "A", "modifier", "rights"), InvalidChangeError),
        (w.CreateProfile("planning09", "A", "modifier", RIGHTS), NotFoundError),
        (w.SetPlaces("planning01", "Nobody", 3), NotFoundError),
        (w.SetPlaces("planning01", "Modification", 3, 4), InvalidChangeError),
        (w.SetPlaces("planning01", "modifiers", 3, 1), InvalidChangeError),
    ):
        with pytest.raises(error):
            await asked(office, wish)


async def test_places_are_the_superadmins_to_give(office: Office) -> None:
    """A base administrator rules the base, not what the school pays for."""
    await asked(office, w.Assign("planning01", "bob", "Administration"))
    with pytest.raises(NotAllowedError):
        await office.carry_out(await actor(office, "bob"), w.SetPlaces("planning01", "Modification", 3))
    await asked(office, w.SetPlaces("planning01", "Modification", 3, 1))
    await asked(office, w.SetPlaces("planning01", "Modification", 5, 2))
    await asked(office, w.SetPlaces("planning01", "consultants", 50))
    found = await office.carry_out(await actor(office, "bob"), w.ListProfiles("planning01"))
    assert isinstance(found, w.Profiles)
    assert (found.modifiers, found.consultants) == (-1, 50)
    assert ("Modification", "modifier", 5, 2) in await names(office)


@pytest.mark.parametrize("name", ["*modifiers", "*consultants", "modifiers", "Consultants"])
async def test_a13_a_profile_with_the_name_of_a_type_does_not_lift_its_limit(office: Office, name: str) -> None:
    """Places are the superadmin's: deleting a profile of that name would forget how many may modify."""
    await asked(office, w.Assign("planning01", "bob", "Administration"))
    await asked(office, w.SetPlaces("planning01", "modifiers", 4))
    with pytest.raises(InvalidNameError):
        await office.carry_out(await actor(office, "bob"), w.CreateProfile("planning01", name, "modifier", RIGHTS))
    assert len(await office.accounts.directory.list(Licence)) == 1
