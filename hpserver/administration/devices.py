"""Devices of an account: which there are, who trusts them, which may no longer connect. Knows no certificate."""

import time
from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.administration.sessions import asked_about
from hpserver.directory import names
from hpserver.directory.model import Device, Registration
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.hosting import devices
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w

HOUR: Final = 3600.0


async def list_devices(office: Office, actor: Actor, wish: w.ListDevices) -> w.Devices:
    """List those registered for a user, or all."""
    user = await asked_about(office, actor, wish.login, everybody=wish.everybody)
    logins = {one.key: one.login for one in await office.accounts.users(office.account)}
    registered: dict[int, list[tuple[str, str, int]]] = {}
    for one in await office.accounts.directory.list(Registration):
        if one.user in logins and user in {0, one.user}:
            registered.setdefault(one.device, []).append((logins[one.user], one.name, _ms(one.at)))
    rows = [
        _row(one, registered.get(one.key, []))
        for one in await office.accounts.directory.list(Device, account=office.account.number)
        if one.key > wish.after and (not user or one.key in registered)
    ]
    return w.Devices(*page(rows, wish.limit))


async def rename_device(office: Office, actor: Actor, wish: w.RenameDevice) -> w.Done:
    """Give a device the name by which its user knows it; the operator gives the one everybody sees."""
    user, title = await asked_about(office, actor, wish.login), names.title(wish.name)
    if user:
        await _registration(office, wish.device, user)
        await office.accounts.directory.change(Registration, wish.device, user, name=title)
    else:
        device = await _device(office, wish.device)
        await office.accounts.directory.change(Device, device.key, name=title)
    return w.Done()


async def revoke_device(office: Office, actor: Actor, wish: w.RevokeDevice) -> w.Done:
    """Revoke its certificates, and close what runs on it everywhere."""
    if not actor.may_all:
        holders = {one.user for one in await office.accounts.directory.list(Registration, device=wish.device)}
        if holders != {actor.user}:
            raise NotAllowedError("The device is not registered for you alone: ask a superadministrator.")
    device = await _device(office, wish.device)
    revoked = await devices.revoke(office.accounts.directory, device, time.time(), wish.reason)
    return w.Done(sum([await office.live.close(thumbprint=one) for one in revoked]))


async def forget_device(office: Office, actor: Actor, wish: w.ForgetDevice) -> w.Done:
    """Register it no longer for a user; for the operator, for anybody."""
    user = await asked_about(office, actor, wish.login)
    if user:
        await _registration(office, wish.device, user)
        await office.accounts.directory.remove(Registration, wish.device, user)
        return w.Done()
    device = await _device(office, wish.device)
    for one in await office.accounts.directory.list(Registration, device=device.key):
        await office.accounts.directory.remove(Registration, device.key, one.user)
    return w.Done()


async def enrol_devices(office: Office, _: Actor, wish: w.EnrolDevices) -> w.Letter:
    """Write a file that enrols devices."""
    return w.Letter(
        await office.accounts.param_client(office.account, uses=wish.uses, seconds=wish.hours * HOUR)
    )  # fmt: skip


async def _device(office: Office, key: int) -> Device:
    found = await office.accounts.directory.list(Device, key=key)
    if not found or found[0].account != office.account.number:
        raise NotFoundError("There is no such device.", device=key)
    return found[0]


async def _registration(office: Office, device: int, user: int) -> None:
    if not await office.accounts.directory.list(Registration, device=device, user=user):
        raise NotFoundError("There is no such device for this user.", device=device)


def _row(one: Device, registered: list[tuple[str, str, int]]) -> w.DeviceRow:
    return w.DeviceRow(
        one.key, one.name, one.serial, _ms(one.expires), _ms(one.last_seen), _ms(one.revoked_at), tuple(registered)
    )


def _ms(moment: float) -> int:
    return int(moment * 1000)


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListDevices: Case(list_devices, "own", live=False),
    w.RenameDevice: Case(rename_device, "own", event="device.renamed"),
    w.RevokeDevice: Case(revoke_device, "anybody", event="device.revoked", sensitive=True),
    w.ForgetDevice: Case(forget_device, "own", event="device.forgotten"),
    w.EnrolDevices: Case(enrol_devices, event="device.enrolment", sensitive=True),
}
