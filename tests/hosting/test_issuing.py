"""Signing by this process itself: for the account it was asked for, and no other."""

import msgspec
import pytest
from cryptography import x509

from hpserver.certs.param_client import read_param_client
from hpserver.certs.requests import make_key, make_request
from hpserver.errors import CertificateRefusedError, ConfigurationError, EnrolmentRefusedError, NotFoundError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.issuing import OwnIssuing, read_unsigned, unsigned


def issuing(accounts: Accounts) -> OwnIssuing:
    """Return what signs with the keys of the installation."""
    assert isinstance(accounts.issuing, OwnIssuing)
    return accounts.issuing


async def test_r05_a_letter_speaks_for_the_account_that_signs_it(accounts: Accounts) -> None:
    """Root and chain are those of the account, whatever who asks wrote there; another school's name is not signed."""
    account = await accounts.account()
    letter = read_param_client(await accounts.param_client(account))
    forged = msgspec.structs.replace(letter, root="of somebody", chain="else", signature="")
    signed = read_param_client(await issuing(accounts).sign_letter(account.number, forged))
    assert (signed.root, signed.chain) == (letter.root, letter.chain)
    for wrong in ({"server_name": "lycee.example"}, {"account": "999999999999"}):
        with pytest.raises(ConfigurationError):
            await issuing(accounts).sign_letter(account.number, msgspec.structs.replace(letter, **wrong))


async def test_a_letter_travels_as_it_is(accounts: Accounts) -> None:
    """What the signer reads is what was asked; anything else is one error."""
    letter = read_param_client(await accounts.param_client(await accounts.account()))
    assert read_unsigned(unsigned(letter)) == letter
    for data in (b"", b"{}", b"\xff"):
        with pytest.raises(ConfigurationError):
            read_unsigned(data)


async def test_a_device_is_enrolled_and_then_too_young_to_be_renewed(accounts: Accounts) -> None:
    """The ticket is spent by who signs; a renewal before its time is refused, and so is another device's key."""
    account, key = await accounts.account(), make_key()
    param = read_param_client(await accounts.param_client(account))
    sign = issuing(accounts)
    made = await sign.enrol(account.number, bytes.fromhex(param.ticket), make_request(key), "Bureau")
    with pytest.raises(EnrolmentRefusedError) as early:
        await sign.renew(account.number, made.chain[0], make_request(key))
    assert early.value.details == {"cause": "not_due"}
    with pytest.raises(EnrolmentRefusedError) as other:
        await sign.renew(account.number, made.chain[0], make_request(make_key()))
    assert other.value.details == {"cause": "other_key"}
    with pytest.raises(CertificateRefusedError):
        await sign.renew(account.number, made.chain[1], make_request(key))


async def test_servers_are_certified_for_what_the_directory_has(accounts: Accounts) -> None:
    """A planning that was added is named; nothing is signed anew without a reason."""
    account = await accounts.account()
    chain, _ = accounts.keyring.server_files(account.number)
    before = x509.load_pem_x509_certificates(chain.read_bytes())[0]
    await issuing(accounts).certify_servers(account.number)
    assert x509.load_pem_x509_certificates(chain.read_bytes())[0] == before
    await accounts.add_planning(account, "examens", "Examens")
    after = x509.load_pem_x509_certificates(chain.read_bytes())[0]
    names = after.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "examens.monecole.example" in names.get_values_for_type(x509.DNSName)
    await issuing(accounts).certify_servers(account.number, anew=True)
    assert x509.load_pem_x509_certificates(chain.read_bytes())[0] != after


async def test_an_account_that_is_not_there_signs_nothing(accounts: Accounts) -> None:
    """Its number leads to no key."""
    with pytest.raises(NotFoundError):
        await issuing(accounts).enrol("999999999999", b"t" * 32, make_request(make_key()), "Bureau")
    with pytest.raises(NotFoundError):
        await issuing(accounts).certify_servers("999999999999")
