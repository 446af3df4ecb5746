"""Delegated sign-in is configured by who may, while the controller is stopped; one vouches for people at a time."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.administration.office import Office
from hpserver.directory.model import Account, ConsoleSession, Device, IdentityProvider, Observed, controller_subject
from hpserver.errors import (
    AlreadyExistsError,
    ControllerInServiceError,
    InvalidNameError,
    NotAllowedError,
    NotFoundError,
    ProofNeededError,
    QuotaExceededError,
)
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.catalogue.administration.providers import MOST_PROVIDERS
from tests.administration.conftest import actor
from tests.pki import Pki

ADDRESS = "https://cas.example/cas"
WISHES = (
    w.ListProviders(),
    w.AddProvider("CAS", ADDRESS),
    w.ChangeProvider("CAS", local="always"),
    w.RemoveProvider("CAS"),
    w.ActivateProvider("CAS"),
)


def rows(outcome: object) -> list[tuple[str, str, bool]]:
    """Names, addresses, and which is active."""
    assert isinstance(outcome, w.Providers)
    return [(one.name, one.address, one.active) for one in outcome.rows]


async def test_one_configuration_is_active_at_a_time(office: Office) -> None:
    """Another one takes its place; ended, none has it."""
    ada = await actor(office, "ada")
    for name in ("Essai", "CAS"):
        await office.carry_out(ada, w.AddProvider(name, f"{ADDRESS}/ "))
    assert rows(await office.carry_out(ada, w.ListProviders())) == [("CAS", ADDRESS, False), ("Essai", ADDRESS, False)]
    for name in ("Essai", "CAS", "CAS"):
        found = rows(await office.carry_out(ada, w.ActivateProvider(name)))
        assert [one[0] for one in found if one[2]] == [name]
    assert not any(one[2] for one in rows(await office.carry_out(ada, w.ActivateProvider("CAS", active=False))))
    assert rows(await office.carry_out(OPERATOR, w.RemoveProvider("CAS"))) == [("Essai", ADDRESS, False)]


async def test_what_is_not_said_stays(office: Office) -> None:
    """A change is of what is said alone."""
    ada = await actor(office, "ada")
    await office.carry_out(ada, w.AddProvider("CAS", ADDRESS, "", "uid", "superadmins"))
    found = await office.carry_out(ada, w.ChangeProvider("CAS", new_name="CAS 2", address="https://cas.example"))
    assert found == w.Providers(
        (w.ProviderRow("CAS 2", "cas", "https://cas.example", "", "uid", "superadmins", active=False),)
    )
    assert await office.carry_out(ada, w.ChangeProvider("CAS 2")) == found
    with pytest.raises(NotFoundError):
        await office.carry_out(ada, w.ChangeProvider("CAS"))


@pytest.mark.parametrize(
    "wish",
    [
        *(w.AddProvider("x", address) for address in (
            "http://cas.example/cas", "", "https://", "https://u:p@cas.example", "https://cas.example/?a=b",
            "https://cas.example/#a", "ftp://cas.example", "//cas.example", "https://cas.example:0/", "https://c:99999",
            "https://c\r\nX: y", "https://é.example", "file:///etc/passwd", "https://[::1",
        )),
        w.AddProvider("", ADDRESS), w.AddProvider("x", ADDRESS, authority="hello"),
        w.AddProvider("x", ADDRESS, attribute="a b"), w.AddProvider("x", ADDRESS, local="nobody"),
        w.AddProvider("x", ADDRESS, protocol="saml"),
    ],
)  # fmt: skip
async def test_what_leads_nowhere_safe_is_refused(office: Office, wish: w.AddProvider) -> None:
    """An address is https and a host; an authority is one; words are those there are."""
    ada = await actor(office, "ada")
    with pytest.raises(InvalidNameError):
        await office.carry_out(ada, wish)
    assert rows(await office.carry_out(ada, w.ListProviders())) == []


async def test_the_authority_is_certificates_of_authorities(office: Office, tmp_path: Path) -> None:
    """That of a server is none; what stands around them is not kept."""
    ada, pki = await actor(office, "ada"), Pki.create(tmp_path)
    root = pki.root.certificate.public_bytes(Encoding.PEM).decode()
    found = await office.carry_out(ada, w.AddProvider("CAS", ADDRESS, "Racine\r\n" + root.replace("\n", "\r\n")))
    assert isinstance(found, w.Providers)
    assert found.rows[0].authority == root
    leaf = pki.server().certificate.public_bytes(Encoding.PEM).decode()
    for bad in (leaf, root + leaf):
        with pytest.raises(InvalidNameError):
            await office.carry_out(ada, w.ChangeProvider("CAS", authority=bad))


async def test_nothing_changes_while_the_controller_is_in_service(office: Office) -> None:
    """Wished in service, or still there: refused, and said; the list is shown all the same."""
    ada, directory = await actor(office, "ada"), office.accounts.directory
    number = office.account.number
    await office.carry_out(ada, w.AddProvider("CAS", ADDRESS))
    for desired, state in (("up", "stopped"), ("up", "live"), ("down", "draining"), ("down", "live")):
        await directory.change(Account, number, desired=desired)
        await directory.observe(Observed(subject=controller_subject(number), state=state))  # type: ignore[arg-type]  # of a loop
        for wish in WISHES[1:]:
            with pytest.raises(ControllerInServiceError):
                await office.carry_out(ada, wish)
        assert len(rows(await office.carry_out(ada, w.ListProviders()))) == 1


async def test_nobody_else_may_and_the_password_is_asked_again(office: Office) -> None:
    """Who decides where people sign in decides who comes in."""
    for login in ("bob", "zoe"):
        for wish in WISHES:
            with pytest.raises(NotAllowedError):
                await office.carry_out(await actor(office, login), wish)
    for wish in WISHES[1:]:
        with pytest.raises(ProofNeededError):
            await office.carry_out(await actor(office, "ada", proved=False), wish)


async def test_an_account_has_so_many_and_each_name_once(office: Office) -> None:
    """All of them fit one answer, with their certificates."""
    ada = await actor(office, "ada")
    for number in range(MOST_PROVIDERS):
        await office.carry_out(ada, w.AddProvider(f"CAS {number}", ADDRESS))
    with pytest.raises(QuotaExceededError):
        await office.carry_out(ada, w.AddProvider("CAS", ADDRESS))
    with pytest.raises(AlreadyExistsError):
        await office.carry_out(ada, w.ChangeProvider("CAS 0", new_name="CAS 1"))


async def test_a13_sessions_go_with_the_configuration_that_vouched_for_them(office: Office) -> None:
    """Those of passwords and of other configurations stay."""
    ada, directory = await actor(office, "ada"), office.accounts.directory
    await office.carry_out(ada, w.AddProvider("CAS", ADDRESS))
    (one,) = await directory.list(IdentityProvider)
    device = await directory.add(Device(account=office.account.number, name="B", thumbprint=b"t" * 32, serial="1"))
    wishes: tuple[w.AnyWish, ...] = (w.ChangeProvider("CAS", attribute="uid"), w.RemoveProvider("CAS"))
    for number, wish in enumerate(wishes):
        for provider in (0, one.key):
            made = ConsoleSession(
                hash=bytes([number, provider]) * 16, account=office.account.number, user=ada.user, device=device.key,
                created_at=1.0, last_at=1.0, proved_at=1.0, provider=provider,
            )  # fmt: skip
            await directory.add(made)
        await office.carry_out(ada, wish)
        assert {row.provider for row in await directory.list(ConsoleSession)} == {0}
