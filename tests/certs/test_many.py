"""Ten thousand certificates of one authority: no two alike, each right, by the second verifier and by the profile."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from hpserver.certs.authority import BACKDATE, LEAF_LIFE, SERIAL_BYTES, issue_device, issue_server, new_serial
from hpserver.certs.peer import Peers
from hpserver.certs.revocation import NONE_REVOKED
from tests.pki import Pki

COUNT = 10_000


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_t06_ten_thousand_devices_are_told_apart_and_recognised(tmp_path: Path) -> None:
    """Serials are distinct, positive, at most 20 octets and never short of randomness; every leaf is a device."""
    pki = Pki.create(tmp_path)
    key, peers, serials = ec.generate_private_key(ec.SECP256R1()).public_key(), pki.peers(), set()
    for number in range(COUNT):
        serial = new_serial(os.urandom(SERIAL_BYTES))
        leaf = issue_device(pki.intermediate, key, f"poste-{number}", serial=serial, now=pki.now)
        assert leaf.serial_number == serial > 0
        assert serial.bit_length() <= 8 * SERIAL_BYTES - 1
        serials.add(serial)
        found = peers.identify(leaf.public_bytes(Encoding.DER), now=pki.now, revoked=NONE_REVOKED)
        assert found.device == f"poste-{number}"
    assert len(serials) == COUNT
    assert max(serials).bit_length() == 8 * SERIAL_BYTES - 1
    ones = sum(serial.bit_count() for serial in serials) / COUNT
    assert 78 < ones < 81, "159 bits, half of them set"


MOMENTS = [
    datetime(2026, 3, 28, 23, 30, tzinfo=UTC),  # the night of summer time
    datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),  # the night it ends
    datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2027, 11, 30, 23, 59, 59, tzinfo=UTC),  # its leaves end on a leap day
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),  # 2**31 - 1 seconds
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),  # the last UTCTime; its leaves end in GeneralizedTime
    datetime(2050, 1, 1, 0, 0, 0, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda one: one.isoformat())
def test_dates_are_right_whatever_the_day(tmp_path: Path, moment: datetime) -> None:
    """Backdated by five minutes, good for ninety days to the second, and written as RFC 5280 wants it."""
    pki = Pki.create(tmp_path, now=moment)
    leaf = pki.device().certificate
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (moment - BACKDATE, moment + LEAF_LIFE)
    der = leaf.public_bytes(Encoding.DER)
    for date in (leaf.not_valid_before_utc, leaf.not_valid_after_utc):
        short = date.year < 2050
        text = date.strftime("%y%m%d%H%M%SZ" if short else "%Y%m%d%H%M%SZ").encode()
        assert bytes([0x17 if short else 0x18, len(text)]) + text in der
    last = leaf.not_valid_after_utc - timedelta(seconds=1)
    assert Peers([pki.intermediate.certificate]).identify(der, now=last, revoked=NONE_REVOKED)


def test_every_certificate_keeps_the_profile(tmp_path: Path) -> None:
    """What RFC 5280 and the house ask of root, intermediate, server and device: extensions, critical or not, keys."""
    pki = Pki.create(tmp_path)
    server = issue_server(
        pki.intermediate, pki.device().key.public_key(), ["monecole.example"], serial=7, now=pki.now
    )  # fmt: skip
    chain = {
        "root": pki.root.certificate, "intermediate": pki.intermediate.certificate, "server": server,
        "device": pki.device().certificate,
    }  # fmt: skip
    for name, one in chain.items():
        is_leaf = name in {"server", "device"}
        assert one.version is x509.Version.v3
        assert 0 < one.serial_number < 1 << 159
        kinds = [extension.oid for extension in one.extensions]
        assert len(kinds) == len(set(kinds))
        basic = one.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = one.extensions.get_extension_for_class(x509.KeyUsage)
        assert (basic.critical, usage.critical) == (True, True)
        assert basic.value.ca is not is_leaf
        assert usage.value.key_cert_sign is not is_leaf
        assert usage.value.digital_signature is is_leaf
        assert one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        assert one.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).critical is False
        assert one.subject.rdns, "an issuer, and a subject without a critical alternative name, are named"
    assert chain["root"].extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 1
    assert chain["intermediate"].extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert chain["intermediate"].extensions.get_extension_for_class(x509.NameConstraints).critical
    for name, purpose in (("server", ExtendedKeyUsageOID.SERVER_AUTH), ("device", ExtendedKeyUsageOID.CLIENT_AUTH)):
        assert list(chain[name].extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [purpose]
