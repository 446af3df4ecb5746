"""How an account is protected, and from where users came in."""

import pytest

from hpserver.administration.office import Office
from hpserver.directory.model import Address
from hpserver.errors import InvalidNameError, NotAllowedError, ProofNeededError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor


async def test_a_superadmin_sets_what_protects_the_account(office: Office) -> None:
    """What is not said stays; nothing strange is kept."""
    ada = await actor(office, "ada")
    assert await office.carry_out(ada, w.GetSecurity()) == w.Security(
        ("none", "notification", "pin"), "none", 365, 12, 60, 5
    )
    wish = w.SetSecurity(("pin", "notification"), "force", 90, 8, 30, 3)
    now = w.Security(("notification", "pin"), "force", 90, 8, 30, 3)
    assert await office.carry_out(ada, wish) == now == await office.carry_out(ada, w.SetSecurity())
    for strange in (w.SetSecurity(measures=("magic",)), w.SetSecurity(renewal="often")):
        with pytest.raises(InvalidNameError):
            await office.carry_out(ada, strange)
    assert await office.carry_out(OPERATOR, w.GetSecurity()) == now


async def test_nobody_else_may_and_the_password_is_asked_again(office: Office) -> None:
    """A base administrator cannot lower what protects the others."""
    for login in ("bob", "zoe"):
        for wish in (w.SetSecurity(sessions=0), w.GetSecurity()):
            with pytest.raises(NotAllowedError):
                await office.carry_out(await actor(office, login), wish)
    with pytest.raises(ProofNeededError):
        await office.carry_out(await actor(office, "ada", proved=False), w.SetSecurity(sessions=0))


async def test_t05_everybody_sees_from_where_they_came_in(office: Office) -> None:
    """The last ones first, and nobody else's."""
    zoe = await actor(office, "zoe")
    for source, at in (("192.0.2.7", 5.0), ("192.0.2.8", 6.0)):
        await office.accounts.directory.add(Address(user=zoe.user, source=source, at=at))
    found = await office.carry_out(zoe, w.ListAddresses())
    assert found == w.Addresses((("192.0.2.8", 6000), ("192.0.2.7", 5000)))
    with pytest.raises(NotAllowedError):
        await office.carry_out(zoe, w.ListAddresses("ada"))
