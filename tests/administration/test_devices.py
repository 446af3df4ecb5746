"""Devices: which there are, who trusts them, which may connect no more."""

import time

import pytest

from hpserver.administration.office import Office
from hpserver.directory.model import Device, Enrolment, Registration, Revocation
from hpserver.errors import NotAllowedError, NotFoundError, ProofNeededError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import Sessions, actor


async def device(office: Office, name: str, *logins: str) -> Device:
    """A device that those registered."""
    directory, thumb = office.accounts.directory, name.encode().ljust(32, b".")
    made = await directory.add(Device(account=office.account.number, name=name, thumbprint=thumb, serial=thumb.hex()))
    for login in logins:
        user = await office.accounts.user(office.account, login)
        await directory.add(Registration(device=made.key, user=user.key, name=f"{login}'s", at=5.0))
    return made


async def names(office: Office, login: str, wish: w.ListDevices) -> list[tuple[str, int]]:
    """What somebody sees: names, and for how many it is registered."""
    found = await office.carry_out(OPERATOR if login == "operator" else await actor(office, login), wish)
    assert isinstance(found, w.Devices)
    return [(one.name, len(one.registered)) for one in found.rows]


async def test_everybody_sees_their_devices_and_a_superadmin_all(office: Office) -> None:
    """Nobody learns from it who else uses a shared machine."""
    await device(office, "salle", "zoe", "bob")
    await device(office, "bureau", "ada")
    assert await names(office, "zoe", w.ListDevices()) == [("salle", 1)]
    assert await names(office, "ada", w.ListDevices(everybody=True)) == [("salle", 2), ("bureau", 1)]
    assert await names(office, "operator", w.ListDevices()) == [("salle", 2), ("bureau", 1)]
    with pytest.raises(NotAllowedError):
        await names(office, "zoe", w.ListDevices(everybody=True))


async def test_devices_are_listed_page_by_page_with_moments_in_milliseconds(office: Office) -> None:
    """Each once, in order, the next page after the last row seen; a registration says when it was made."""
    made = [await device(office, name, "zoe") for name in ("a", "b", "c")]
    first = await office.carry_out(OPERATOR, w.ListDevices(limit=2))
    assert isinstance(first, w.Devices)
    assert ([one.name for one in first.rows], first.more) == (["a", "b"], True)
    assert first.rows[0].registered == (("zoe", "zoe's", 5000),)
    rest = await office.carry_out(OPERATOR, w.ListDevices(after=made[1].key, limit=2))
    assert isinstance(rest, w.Devices)
    assert ([one.name for one in rest.rows], rest.more) == (["c"], False)


async def test_t05_a_user_revokes_a_device_that_is_theirs_alone(office: Office, sessions: Sessions) -> None:
    """Its certificate is trusted no more, and its sessions are closed before the answer."""
    mine, shared = await device(office, "mine", "zoe"), await device(office, "shared", "zoe", "bob")
    zoe, directory = await actor(office, "zoe"), office.accounts.directory
    with pytest.raises(ProofNeededError):
        await office.carry_out(await actor(office, "zoe", proved=False), w.RevokeDevice(mine.key))
    assert await office.carry_out(zoe, w.RevokeDevice(mine.key)) == w.Done(1)
    assert sessions.closed == [(0, mine.thumbprint, b"")]
    assert [one.serial for one in await directory.list(Revocation)] == [mine.serial]
    for other in (shared.key, 999):
        with pytest.raises(NotAllowedError):
            await office.carry_out(zoe, w.RevokeDevice(other))
    assert await office.carry_out(await actor(office, "ada"), w.RevokeDevice(shared.key, "lost")) == w.Done(1)
    with pytest.raises(NotFoundError):
        await office.carry_out(OPERATOR, w.RevokeDevice(999))


async def test_a12_a_forgotten_device_is_asked_for_the_pin_again(office: Office) -> None:
    """The registration is gone: for one user, or for all by the operator."""
    shared, directory = await device(office, "shared", "zoe", "bob"), office.accounts.directory
    zoe = await actor(office, "zoe")
    assert await office.carry_out(zoe, w.RenameDevice(shared.key, "Ma salle")) == w.Done()
    assert {one.name for one in await directory.list(Registration)} == {"Ma salle", "bob's"}
    assert await office.carry_out(zoe, w.ForgetDevice(shared.key)) == w.Done()
    assert [one.name for one in await directory.list(Registration)] == ["bob's"]
    for gone in (w.ForgetDevice(shared.key), w.RenameDevice(shared.key, "Sienne")):
        with pytest.raises(NotFoundError, match="no such device for this user"):
            await office.carry_out(zoe, gone)
    with pytest.raises(NotAllowedError):
        await office.carry_out(zoe, w.ForgetDevice(shared.key, "bob"))
    await office.carry_out(OPERATOR, w.RenameDevice(shared.key, "Salle 215"))
    assert await office.carry_out(OPERATOR, w.ForgetDevice(shared.key)) == w.Done()
    assert await directory.list(Registration) == ()
    assert (await directory.get(Device, shared.key)).name == "Salle 215"


async def test_a_letter_enrols_as_many_devices_as_were_asked_for(office: Office) -> None:
    """It comes as bytes, from whoever may."""
    with pytest.raises(ProofNeededError):
        await office.carry_out(await actor(office, "ada", proved=False), w.EnrolDevices(uses=3, hours=2))
    began = time.time()
    letter = await office.carry_out(await actor(office, "ada"), w.EnrolDevices(uses=3, hours=2))
    assert isinstance(letter, w.Letter)
    assert letter.content
    [made] = await office.accounts.directory.list(Enrolment)
    assert made.uses == 3
    assert began + 7200 <= made.expires <= time.time() + 7200
    with pytest.raises(NotAllowedError):
        await office.carry_out(await actor(office, "bob"), w.EnrolDevices())
