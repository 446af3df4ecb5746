"""Delegated sign-in: who elsewhere says who somebody is. It changes while the controller is stopped, and then alone."""

from typing import Any, Final, cast, get_args

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import changed
from hpserver.directory import names
from hpserver.directory.model import (
    Account,
    ConsoleSession,
    Delegate,
    IdentityProvider,
    Local,
    controller_subject,
)
from hpserver.errors import ControllerInServiceError, InvalidNameError, NotFoundError, QuotaExceededError
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.catalogue.administration.providers import MOST_PROVIDERS

_STOPPED: Final = frozenset({"stopped", "failed"})


async def list_providers(office: Office, _: Actor, __: w.ListProviders) -> w.Providers:
    """Tell them by name."""
    return await _told(office)


async def add_provider(office: Office, _: Actor, wish: w.AddProvider) -> w.Providers:
    """Add one, for later, and tell it alone."""
    await _refuse_in_service(office)
    if len(await _providers(office)) >= MOST_PROVIDERS:
        raise QuotaExceededError(f"An account has {MOST_PROVIDERS} configurations at most: remove one.")
    if wish.protocol not in get_args(Delegate):
        raise InvalidNameError(f"{wish.protocol!r} is no protocol of delegated sign-in: cas", protocol=wish.protocol)
    made = IdentityProvider(
        account=office.account.number,
        protocol=cast("Delegate", wish.protocol),
        name=names.title(wish.name),
        address=names.https_address(wish.address),
        authority=_authority(wish.authority),
        attribute=_attribute(wish.attribute),
        local=_local(wish.local),
    )
    return w.Providers((_row(await office.accounts.directory.add(made)),))


async def change_provider(office: Office, _: Actor, wish: w.ChangeProvider) -> w.Providers:
    """Change what is said; whom the one of before vouched for signs in again."""
    await _refuse_in_service(office)
    one = await _provider(office, wish.name)
    fields: dict[str, Any] = changed(wish, ("address", "authority", "attribute", "local"))
    if wish.new_name is not None:
        fields["name"] = wish.new_name
    kept = {"name": names.title, "address": names.https_address, "authority": _authority, "attribute": _attribute}
    fields = {name: (kept | {"local": _local})[name](value) for name, value in fields.items()}
    if fields:
        await office.accounts.directory.change(IdentityProvider, one.key, **fields)
        await _end_sessions(office, one)
    return await _told(office)


async def remove_provider(office: Office, _: Actor, wish: w.RemoveProvider) -> w.Providers:
    """Remove it, active or not."""
    await _refuse_in_service(office)
    one = await _provider(office, wish.name)
    await office.accounts.directory.remove(IdentityProvider, one.key)
    await _end_sessions(office, one)
    return await _told(office)


async def activate_provider(office: Office, _: Actor, wish: w.ActivateProvider) -> w.Providers:
    """Have it, or none, vouch for people; the one of before does so no more."""
    await _refuse_in_service(office)
    chosen = await _provider(office, wish.name)
    for one in await _providers(office):
        if one.active and one.protocol == chosen.protocol and not (wish.active and one.key == chosen.key):
            await office.accounts.directory.change(IdentityProvider, one.key, active=False)
            await _end_sessions(office, one)
    if wish.active:
        await office.accounts.directory.change(IdentityProvider, chosen.key, active=True)
    return await _told(office)


async def _refuse_in_service(office: Office) -> None:
    account = await office.accounts.directory.get(Account, office.account.number)
    at = (await office.accounts.directory.observed()).get(controller_subject(account.number))
    if account.desired == "up" or (at is not None and at.state not in _STOPPED):
        raise ControllerInServiceError("The controller is in service: delegated sign-in changes while it is stopped.")


async def _end_sessions(office: Office, one: IdentityProvider) -> None:
    directory = office.accounts.directory
    for session in await directory.list(ConsoleSession, account=office.account.number, provider=one.key):
        await directory.remove(ConsoleSession, session.hash)


async def _providers(office: Office) -> tuple[IdentityProvider, ...]:
    return await office.accounts.directory.list(IdentityProvider, account=office.account.number)


async def _provider(office: Office, name: str) -> IdentityProvider:
    for one in await _providers(office):
        if one.name == name.strip():
            return one
    raise NotFoundError(f"there is no configuration {name!r} of delegated sign-in", provider=name)


async def _told(office: Office) -> w.Providers:
    return w.Providers(tuple(sorted(map(_row, await _providers(office)), key=lambda row: row.name)))


def _row(one: IdentityProvider) -> w.ProviderRow:
    return w.ProviderRow(one.name, one.protocol, one.address, one.authority, one.attribute, one.local, one.active)


def _authority(text: str) -> str:
    """Return certificates as they are kept: those of authorities, and nothing around them."""
    if not text.strip():
        return ""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        can = [one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca for one in found]
    except (ValueError, x509.ExtensionNotFound) as error:
        raise InvalidNameError("the authority is no certificate of an authority in PEM", field="authority") from error
    if not all(can):
        raise InvalidNameError("the authority is no certificate of an authority in PEM", field="authority")
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in found)


def _attribute(text: str) -> str:
    bare = text.strip()
    if any(not (one.isalnum() or one in "_.-") for one in bare):
        raise InvalidNameError(f"{text!r} is no name of an attribute", field="attribute")
    return bare


def _local(word: str) -> Local:
    if word not in get_args(Local):
        raise InvalidNameError(f"{word!r} is none of always, superadmins", local=word)
    return cast("Local", word)


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListProviders: Case(list_providers, live=False),
    w.AddProvider: Case(add_provider, event="providers.added", sensitive=True, live=False),
    w.ChangeProvider: Case(change_provider, event="providers.changed", sensitive=True, live=False),
    w.RemoveProvider: Case(remove_provider, event="providers.removed", sensitive=True, live=False),
    w.ActivateProvider: Case(activate_provider, event="providers.activated", sensitive=True, live=False),
}
