"""Enrolment: one certificate per use of a ticket, made of the ticket's facts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.certs.peer import Peers
from hpserver.certs.requests import make_key, make_request
from hpserver.certs.revocation import NONE_REVOKED
from hpserver.directory.model import Account, Device, Enrolment, Revocation
from hpserver.errors import CertificateRefusedError, EnrolmentRefusedError, InvalidNameError, NotFoundError
from hpserver.hosting.devices import Enrolments, find_device, holder, named_device, revoke
from hpserver.hosting.keyring import utc_now
from hpserver.identity.tickets import ticket_hash
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.pki import Pki

ACCOUNT = "123456789012"
TICKET = b"t" * 32
NOW = 1_000_000.0


@pytest.fixture
async def directory() -> AsyncIterator[SqliteDirectory]:
    """An account with one ticket of one use."""
    directory = SqliteDirectory.in_memory()
    await directory.open()
    for number, port in ((ACCOUNT, 21_200), ("999999999999", 21_300)):
        domain = f"ecole{port}.example"
        await directory.add(Account(number=number, name="E", domain=domain, invoice=number[:10], port=port))
    await directory.add(Enrolment(ticket_hash=ticket_hash(TICKET), account=ACCOUNT, expires=NOW + 900))
    yield directory
    await directory.close()


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """The keys of the account."""
    return Pki.create(tmp_path)


def enrolments(directory: SqliteDirectory, pki: Pki, account: str = ACCOUNT, now: float = NOW) -> Enrolments:
    """Return the enrolments of an account at a moment."""
    return Enrolments(directory, account, pki.intermediate, clock=lambda: now)


async def test_a_device_gets_a_certificate_we_recognise(directory: SqliteDirectory, pki: Pki) -> None:
    """Its chain is the account's, its row has its thumbprint and serial."""
    key = make_key()
    made = await enrolments(directory, pki).enrol(TICKET, make_request(key), " Bureau ")
    chain, device = made.chain, await directory.get(Device, made.device)
    peer = Peers([pki.intermediate.certificate]).identify(chain[0], now=utc_now(), revoked=NONE_REVOKED)
    assert (device.name, device.thumbprint, device.serial) == ("Bureau", peer.thumbprint, f"{peer.serial:x}")
    assert device.expires == x509.load_der_x509_certificate(chain[0]).not_valid_after_utc.timestamp()
    assert x509.load_der_x509_certificate(chain[1]) == pki.intermediate.certificate
    assert x509.load_der_x509_certificate(chain[0]).public_key() == key.public_key()


async def test_t07_one_use_is_one_certificate(directory: SqliteDirectory, pki: Pki) -> None:
    """Ten devices at one instant: one wins, and nothing is signed for the others."""
    office = enrolments(directory, pki)
    asked = [office.enrol(TICKET, make_request(make_key()), "Bureau") for _ in range(10)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, EnrolmentRefusedError) for one in results) == 9
    assert len(await directory.list(Device)) == 1


@pytest.mark.parametrize(
    ("ticket", "account", "now"),
    [(b"x" * 32, ACCOUNT, NOW), (TICKET, "999999999999", NOW), (TICKET, ACCOUNT, NOW + 901)],
    ids=["unknown", "other account", "late"],
)
async def test_t07_a_ticket_out_of_place_is_refused(
    directory: SqliteDirectory, pki: Pki, ticket: bytes, account: str, now: float
) -> None:
    """And no device is known for it."""
    with pytest.raises(EnrolmentRefusedError):
        await enrolments(directory, pki, account, now).enrol(ticket, make_request(make_key()), "Bureau")
    assert not await directory.list(Device)


async def test_t06_an_unsound_request_spends_nothing(directory: SqliteDirectory, pki: Pki) -> None:
    """A client with a bug, or a name nobody can read, may try again with the same ticket."""
    office = enrolments(directory, pki)
    with pytest.raises(EnrolmentRefusedError):
        await office.enrol(TICKET, b"garbage", "Bureau")
    weak = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(EnrolmentRefusedError):
        await office.enrol(TICKET, make_request(weak), "Bureau")
    with pytest.raises(InvalidNameError):
        await office.enrol(TICKET, make_request(make_key()), "\n")
    await office.enrol(TICKET, make_request(make_key()), "Bureau")


async def test_t04_a_revoked_device_loses_every_certificate_it_has(directory: SqliteDirectory, pki: Pki) -> None:
    """Both serials are refused for ever, it is found by either, and a second time changes nothing."""
    made = await enrolments(directory, pki).enrol(TICKET, make_request(make_key()), "Bureau")
    row = await directory.change(Device, made.device, previous_serial="ab", previous_thumbprint=b"p" * 32)
    for name in (str(row.key), row.serial, f"0x{row.serial.upper()}", "AB"):
        assert await named_device(directory, ACCOUNT, name) == row
    with pytest.raises(NotFoundError):
        await named_device(directory, "999999999999", row.serial)
    assert await find_device(directory, ACCOUNT, b"p" * 32) == row
    assert await holder(directory, ACCOUNT, made.chain[0]) == row
    for _ in range(2):
        assert await revoke(directory, row, NOW, "lost") == (row.thumbprint, b"p" * 32)
    assert {one.serial for one in await directory.list(Revocation, account=ACCOUNT)} == {row.serial, "ab"}
    with pytest.raises(CertificateRefusedError):
        await holder(directory, ACCOUNT, made.chain[0])
    with pytest.raises(CertificateRefusedError):
        await enrolments(directory, pki).renew(made.chain[0], make_request(make_key()), [pki.intermediate.certificate])
