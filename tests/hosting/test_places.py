"""The places of a planning, from the directory."""

from hpserver.directory.model import Licence, OwnProfile
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.places import holders, places
from hpserver.identity.places import MODIFIERS, Holder, Limit
from hpserver.identity.tickets import Admission


async def test_limits_and_types_come_from_the_directory(accounts: Accounts) -> None:
    """A profile of a school is of the type it was given."""
    planning, other = await accounts.plannings(await accounts.account())
    await accounts.directory.add(OwnProfile(planning=planning.key, name="Accueil", type="consultant", rights="{}"))
    await accounts.directory.add(OwnProfile(planning=planning.key, name="Saisie", type="modifier", rights="{}"))
    await accounts.directory.add(Licence(planning=planning.key, profile=MODIFIERS, places=3))
    found = await places(accounts.directory, planning.key)
    assert found.limits == {MODIFIERS: Limit(3, 0)}
    assert found.consultants == {"Consultation", "Accueil"}
    assert (await places(accounts.directory, other.key)).limits == {}


def test_who_holds_a_ticket_takes_a_place() -> None:
    """Two who are let in at one moment do not both find the last place."""
    admission = Admission(b"h", b"t", "1", 7, "zoe", "Zoé", "planning01", 1, 30.0, "Consultation")
    assert holders([admission]) == [Holder(7, b"t", "zoe", "Consultation")]
