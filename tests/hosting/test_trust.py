"""Whom an account trusts now."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import SERIAL_BYTES, issue_device, new_serial
from hpserver.certs.requests import make_key
from hpserver.directory.model import Assignment, Revocation, User
from hpserver.errors import CertificateRefusedError, NotAllowedError, NotFoundError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import utc_now
from hpserver.hosting.profiles import Granted
from hpserver.hosting.trust import RIGHTS_CHANGED, Trust
from hpserver.identity.profiles import BUILT_IN, Rights
from hpserver.identity.tickets import Admission


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
