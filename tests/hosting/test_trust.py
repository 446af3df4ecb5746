"""Whom an account trusts now."""

import asyncio

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import SERIAL_BYTES, issue_device, new_serial
from hpserver.certs.requests import make_key
from hpserver.config import Limits
from hpserver.directory.model import Account, Assignment, Licence, Revocation, User
from hpserver.errors import CertificateRefusedError, NoPlaceError, NotAllowedError, NotFoundError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import utc_now
from hpserver.hosting.profiles import Granted
from hpserver.hosting.trust import RIGHTS_CHANGED, Trust
from hpserver.identity.profiles import BUILT_IN, Rights
from hpserver.identity.tickets import Admission
from hpserver.protocol.internal import Admit


async def trust_of(accounts: Accounts, domain: str = "monecole.example") -> tuple[Trust, str]:
    """What an account trusts, read just now, and its number."""
    number = (await accounts.account(domain)).number
    trust = Trust(accounts.directory, accounts.keyring, number)
    assert await trust.refresh()
    return trust, number


def device(accounts: Accounts, account: str) -> tuple[bytes, str]:
    """A certificate of that account, and its serial."""
    serial = new_serial(bytes(range(1, SERIAL_BYTES + 1)))
    issuer = accounts.keyring.issuer(account)
    leaf = issue_device(issuer, make_key().public_key(), "ab" * 16, serial=serial, now=utc_now())
    return leaf.public_bytes(Encoding.DER), f"{serial:x}"


async def test_a_revoked_certificate_is_refused_after_the_next_look(accounts: Accounts) -> None:
    """`refresh` says whether anything changed, and then what was trusted is not."""
    trust, account = await trust_of(accounts)
    der, serial = device(accounts, account)
    assert trust.identify(der)
    assert not await trust.refresh()

    await accounts.directory.add(Revocation(serial=serial, account=account, at=0.0))
    assert await trust.refresh()
    with pytest.raises(CertificateRefusedError):
        trust.identify(der)


async def test_a_device_of_another_account_is_refused(accounts: Accounts) -> None:
    """Accounts share a root, not their devices."""
    other = (await accounts.open_account("Lycée", "lycee.example")).account
    trust, _ = await trust_of(accounts)
    with pytest.raises(CertificateRefusedError):
        trust.identify(device(accounts, other.number)[0])


async def test_a_profile_is_what_the_directory_says_now(accounts: Accounts) -> None:
    """No right, a disabled user, a user of another account, nobody: each is refused."""
    other = (await accounts.open_account("Lycée", "lycee.example")).account
    trust, account = await trust_of(accounts)
    (planning, _) = await accounts.plannings(await accounts.account(account))
    anne, eve = [
        await accounts.directory.add(User(account=number, login="durand")) for number in (account, other.number)
    ]
    with pytest.raises(NotAllowedError):
        await trust.profile_of(planning.key, anne.key)

    for one in (anne, eve):
        await accounts.directory.add(Assignment(planning=planning.key, user=one.key, profile="Modification"))
    modification = Granted("Modification", BUILT_IN["Modification"])
    assert await trust.profile_of(planning.key, anne.key) == modification
    assert await trust.profiles(planning.key) == {anne.key: modification}
    with pytest.raises(NotAllowedError):
        await trust.profile_of(planning.key, eve.key)
    with pytest.raises(NotFoundError):
        await trust.profile_of(planning.key, 999)

    await accounts.directory.change(User, anne.key, enabled=False)
    with pytest.raises(NotAllowedError):
        await trust.profile_of(planning.key, anne.key)
    assert await trust.profiles(planning.key) == {}


async def test_a13_who_has_other_rights_now_is_told_from_who_has_none(accounts: Accounts) -> None:
    """Raised, lowered or taken away: nobody goes on with the rights of yesterday."""
    trust, account = await trust_of(accounts)
    (planning, _) = await accounts.plannings(await accounts.account(account))
    anne = await accounts.directory.add(User(account=account, login="durand"))
    await accounts.directory.add(Assignment(planning=planning.key, user=anne.key, profile="Consultation"))

    def bearer(profile: str, rights: Rights, user: int = anne.key) -> Admission:
        return Admission(b"", b"", account, user, "durand", "Anne", planning.name, 1, 0.0, profile, rights)

    same = bearer("Consultation", BUILT_IN["Consultation"])
    lowered = bearer("Modification", BUILT_IN["Modification"])
    changed = bearer("Consultation", Rights(others="edit"))
    assert await trust.lost(planning.key, [same]) == {}
    assert await trust.lost(planning.key, [same, lowered]) == {anne.key: RIGHTS_CHANGED}
    assert await trust.lost(planning.key, [changed]) == {anne.key: RIGHTS_CHANGED}
    assert await trust.lost(planning.key, [bearer("Consultation", same.rights, 99)]) == {99: ""}


async def test_t02_a_rotation_is_seen_without_a_change_of_the_directory(accounts: Accounts) -> None:
    """A key in other hands is trusted no longer from the next look on; looking again finds nothing new."""
    trust, number = await trust_of(accounts)
    der, _ = device(accounts, number)
    assert trust.identify(der)
    await asyncio.to_thread(accounts.rotate, await accounts.account(), at_once=True)
    assert await trust.refresh() is True
    with pytest.raises(CertificateRefusedError):
        trust.identify(der)
    assert await trust.refresh() is False


async def test_sessions_last_as_the_school_wishes_and_the_operator_allows(accounts: Accounts) -> None:
    """The shorter of both holds, for all there is and for doing nothing."""
    trust, number = await trust_of(accounts)
    wished = await trust.session_limits(Limits())
    assert (wished.seconds, wished.idle_seconds, wished.sessions) == (43_200.0, 3600.0, 5)
    bounded = await trust.session_limits(Limits(session_seconds=7000, idle_seconds=600))
    assert (bounded.seconds, bounded.idle_seconds) == (7000.0, 600.0)
    await accounts.directory.change(Account, number, session_hours=1, idle_minutes=5, sessions=2)
    lowered = await trust.session_limits(Limits(session_seconds=7000, idle_seconds=600))
    assert (lowered.seconds, lowered.idle_seconds, lowered.sessions) == (3600.0, 300.0, 2)


async def test_a13_a_ticket_is_worth_what_the_directory_says_for_as_long_as_it_was_said(accounts: Accounts) -> None:
    """The profile and rights of now, on the device of the controller's word, until the ticket and the session end."""
    trust, number = await trust_of(accounts)
    (planning, _) = await accounts.plannings(await accounts.account())
    anne = await accounts.directory.add(User(account=number, login="durand"))
    await accounts.directory.add(Assignment(planning=planning.key, user=anne.key, profile="Consultation"))
    admit = Admit(
        1, b"h" * 32, b"t" * 32, number, anne.key, "durand", "Anne", planning.name, 0, ttl_ms=30_000, lasts_ms=7_000_000
    )  # fmt: skip
    expected = Admission(
        b"h" * 32, b"t" * 32, number, anne.key, "durand", "Anne", planning.name, 4, 130.0, "Consultation",
        BUILT_IN["Consultation"], 7100.0,
    )  # fmt: skip
    assert await trust.admission(planning.key, admit, 4, 100.0, list) == expected
    endless = msgspec.structs.replace(admit, epoch=3, lasts_ms=0)
    ends = await trust.admission(planning.key, endless, 4, 100.0, list)
    assert (ends.epoch, ends.ends) == (3, float("inf"))


async def test_who_finds_no_place_is_not_admitted(accounts: Accounts) -> None:
    """Those who are in, or hold a ticket, are counted when somebody asks for one."""
    trust, number = await trust_of(accounts)
    (planning, _) = await accounts.plannings(await accounts.account())
    anne = await accounts.directory.add(User(account=number, login="durand"))
    await accounts.directory.add(Assignment(planning=planning.key, user=anne.key, profile="Consultation"))
    await accounts.directory.add(Licence(planning=planning.key, profile="Consultation", places=1))
    admit = Admit(1, b"h" * 32, b"t" * 32, number, anne.key, "durand", "Anne", planning.name, 0, ttl_ms=30_000)
    inside = await trust.admission(planning.key, admit, 1, 0.0, list)
    again = await trust.admission(planning.key, admit, 1, 0.0, lambda: [inside])
    assert again == inside
    other = msgspec.structs.replace(admit, thumbprint=b"u" * 32)
    with pytest.raises(NoPlaceError):
        await trust.admission(planning.key, other, 1, 0.0, lambda: [inside])
