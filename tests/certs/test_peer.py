"""The house's own profile: one good leaf, and every way of making it bad, each refused with its cause."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from hpserver.certs import authority, peer
from hpserver.certs.authority import AUTHORITY_USAGE, Authority
from hpserver.certs.peer import PeerKind, Peers
from hpserver.certs.requests import make_key
from hpserver.certs.revocation import NONE_REVOKED, RevokedSerials
from hpserver.errors import CertificateRefusedError, ConfigurationError
from tests.leaves import CLIENT, DAY, NOW, SERVER, Leaf
from tests.pki import ACCOUNT, Pki


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """Return authorities that live at NOW."""
    return Pki.create(tmp_path, now=NOW)


def cause(peers: Peers, der: bytes, now: datetime = NOW, revoked: RevokedSerials = NONE_REVOKED) -> str:
    """Return why a certificate is refused."""
    with pytest.raises(CertificateRefusedError) as refused:
        peers.identify(der, now=now, revoked=revoked)
    return str(refused.value.details["cause"])


def uri(text: str) -> x509.UniformResourceIdentifier:
    """Shorten the cases below."""
    return x509.UniformResourceIdentifier(text)


def test_the_good_leaf_is_a_device(pki: Pki) -> None:
    """The recipe the bad leaves are made from is accepted: each is refused for its one difference."""
    der = Leaf().signed(pki.intermediate)
    found = pki.peers().identify(der, now=NOW, revoked=NONE_REVOKED)
    assert (found.account, found.device, found.kind, found.serial) == (ACCOUNT, "poste-1", PeerKind.DEVICE, 0x123ABC)


def test_an_issued_certificate_is_a_device(pki: Pki) -> None:
    """What the house issues, the house accepts, on its first day and its last."""
    device = pki.device("poste-7")
    peers = pki.peers()
    for moment in (NOW, NOW - timedelta(minutes=5), NOW + 90 * DAY - timedelta(seconds=1)):
        found = peers.identify(device.der, now=moment, revoked=NONE_REVOKED)
        assert (found.device, found.thumbprint) == ("poste-7", device.thumbprint)


BAD: dict[str, tuple[Leaf, str]] = {
    "no_longer_valid": (Leaf(start=NOW - 91 * DAY, end=NOW - timedelta(seconds=1)), "expired"),
    "expires_this_second": (Leaf(start=NOW - DAY, end=NOW), "expired"),
    "not_yet_valid": (Leaf(start=NOW + timedelta(seconds=1)), "not_yet_valid"),
    "server_usage": (Leaf(purposes=(SERVER,)), "wrong_usage"),
    "both_usages": (Leaf(purposes=(CLIENT, SERVER)), "wrong_usage"),
    "client_usage_twice": (Leaf(purposes=(CLIENT, CLIENT)), "wrong_usage"),
    "any_usage": (Leaf(purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)), "wrong_usage"),
    "code_signing": (Leaf(purposes=(CLIENT, ExtendedKeyUsageOID.CODE_SIGNING)), "wrong_usage"),
    "no_usage": (Leaf(purposes=None), "wrong_profile"),
    "authority": (Leaf(basic=x509.BasicConstraints(ca=True, path_length=None)), "authority"),
    "authority_of_path_0": (Leaf(basic=x509.BasicConstraints(ca=True, path_length=0)), "authority"),
    "no_basic_constraints": (Leaf(basic=None), "wrong_profile"),
    "basic_constraints_not_critical": (Leaf(basic_critical=False), "wrong_profile"),
    "key_signs_certificates": (Leaf(usage=AUTHORITY_USAGE), "wrong_usage"),
    "key_also_encrypts": (
        Leaf(usage=x509.KeyUsage(True, False, True, False, False, False, False, False, False)),
        "wrong_usage",
    ),
    "no_key_usage": (Leaf(usage=None), "wrong_profile"),
    "key_usage_not_critical": (Leaf(usage_critical=False), "wrong_profile"),
    "p384": (Leaf(key=ec.generate_private_key(ec.SECP384R1()).public_key()), "weak_key"),
    "p521": (Leaf(key=ec.generate_private_key(ec.SECP521R1()).public_key()), "weak_key"),
    "secp256k1": (Leaf(key=ec.generate_private_key(ec.SECP256K1()).public_key()), "weak_key"),
    "rsa": (Leaf(key=rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()), "weak_key"),
    "ed25519": (Leaf(key=ed25519.Ed25519PrivateKey.generate().public_key()), "weak_key"),
    "no_name": (Leaf(names=None), "wrong_profile"),
    "host_name": (Leaf(names=(x509.DNSName("poste-1.monecole.example"),)), "wrong_profile"),
    "mail_name": (Leaf(names=(x509.RFC822Name("poste-1@monecole.example"),)), "wrong_profile"),
    "name_in_subject_only": (Leaf(names=None, subject="hp://monecole.example/device/poste-1"), "wrong_profile"),
    "two_uris": (
        Leaf(names=(uri("hp://monecole.example/device/1"), uri("hp://monecole.example/device/2"))),
        "wrong_profile",
    ),
    "uri_and_host_name": (
        Leaf(names=(uri("hp://monecole.example/device/1"), x509.DNSName(ACCOUNT))),
        "wrong_profile",
    ),
    "other_scheme": (Leaf(names=(uri("https://monecole.example/device/1"),)), "wrong_profile"),
    "other_path": (Leaf(names=(uri("hp://monecole.example/user/1"),)), "wrong_profile"),
    "longer_path": (Leaf(names=(uri("hp://monecole.example/device/1/2"),)), "wrong_profile"),
    "urn": (Leaf(names=(uri("urn:hp:monecole.example:device:1"),)), "wrong_profile"),
    "other_account": (Leaf(names=(uri("hp://lycee.example/device/1"),)), "foreign_account"),
    "below_the_account": (Leaf(names=(uri("hp://annexe.monecole.example/device/1"),)), "foreign_account"),
    "account_as_suffix": (Leaf(names=(uri("hp://xmonecole.example/device/1"),)), "foreign_account"),
    "no_subject_identifier": (Leaf(subject_identifier=False), "wrong_profile"),
    "no_authority_identifier": (Leaf(authority_identifier=False), "wrong_profile"),
    "unknown_extension": (
        Leaf(more=(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),)),
        "wrong_profile",
    ),
    "unknown_critical_extension": (
        Leaf(
            more=(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),),
            more_critical=True,
        ),
        "wrong_profile",
    ),
    "name_constraints_on_a_leaf": (
        Leaf(more=(x509.NameConstraints([x509.DNSName(ACCOUNT)], None),), more_critical=True),
        "wrong_profile",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_t02_a_bad_leaf_of_our_own_issuer_is_refused(pki: Pki, case: str) -> None:
    """Even a leaf the account's intermediate signed must follow the profile to the letter."""
    leaf, expected = BAD[case]
    assert cause(pki.peers(), leaf.signed(pki.intermediate)) == expected


def test_t02_a_revoked_leaf_is_refused_also_when_known(pki: Pki) -> None:
    """A revocation holds at the next connection, although the verdict on the certificate is kept."""
    peers, device = pki.peers(), pki.device()
    peers.identify(device.der, now=NOW, revoked=NONE_REVOKED)
    revoked = RevokedSerials.of([device.certificate.serial_number])
    assert cause(peers, device.der, revoked=revoked) == "revoked"
    assert cause(pki.peers(), device.der, revoked=revoked) == "revoked"


def test_t02_a_leaf_that_expires_while_known_is_refused(pki: Pki) -> None:
    """A kept verdict never outlives the certificate, nor precedes it when the clock goes back."""
    peers, device = pki.peers(), pki.device()
    peers.identify(device.der, now=NOW, revoked=NONE_REVOKED)
    assert cause(peers, device.der, now=NOW + 90 * DAY) == "expired"
    assert cause(peers, device.der, now=NOW - timedelta(minutes=6)) == "not_yet_valid"


def test_t02_a_leaf_of_another_root_is_refused(pki: Pki) -> None:
    """A stranger's authority with our very names is told apart by its key."""
    stranger = authority.create_intermediate(authority.create_root("Étranger", NOW), ACCOUNT, NOW)
    assert stranger.certificate.subject == pki.intermediate.certificate.subject
    assert cause(pki.peers(), Leaf().signed(stranger)) == "foreign_issuer"


def test_t02_a_leaf_of_another_account_is_refused(pki: Pki) -> None:
    """The two accounts share a root; a device of one is a stranger to the other."""
    other = pki.other("lycee.example")
    assert cause(pki.peers(), other.device().der) == "foreign_issuer"
    assert cause(pki.peers(), Leaf().signed(other.intermediate)) == "foreign_issuer"


def test_t02_a_leaf_signed_by_the_root_or_by_itself_is_refused(pki: Pki) -> None:
    """Devices come from the intermediate alone."""
    key = make_key()
    itself = Authority(pki.intermediate.certificate, key)
    assert cause(pki.peers(), Leaf(key=key.public_key()).signed(itself)) == "foreign_issuer"
    from_root = Leaf().signed(pki.root, hashes.SHA256())
    assert cause(pki.peers(), from_root) == "foreign_issuer"


def test_t02_the_server_s_own_certificate_is_no_device(pki: Pki) -> None:
    """Whoever reads a server's key cannot come in with it."""
    assert cause(pki.peers(), pki.server().der) == "wrong_usage"


def test_t02_the_authorities_are_no_devices(pki: Pki) -> None:
    """An authority's certificate in place of a leaf is refused."""
    assert cause(pki.peers(), pki.intermediate.certificate.public_bytes(Encoding.DER)) in {
        "authority",
        "weak_signature",
    }
    assert cause(pki.peers(), pki.root.certificate.public_bytes(Encoding.DER)) == "weak_key"


def test_t02_a_leaf_signed_with_another_hash_is_refused(pki: Pki) -> None:
    """The house signs leaves with SHA-256: anything else was not made by it."""
    assert cause(pki.peers(), Leaf().signed(pki.intermediate, hashes.SHA384())) == "weak_signature"
    assert cause(pki.peers(), Leaf().signed(pki.intermediate, hashes.SHA224())) == "weak_signature"


def test_t02_a_leaf_signed_with_sha1_is_refused(pki: Pki) -> None:
    """SHA-1 can be forged: its identifier in both places, as a forger would write it, is enough to refuse."""
    der = Leaf().signed(pki.intermediate)
    sha256, sha1 = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06072a8648ce3d0401")
    assert der.count(sha256) == 2
    forged = bytearray(der.replace(b"\x30\x0a" + sha256, b"\x30\x09" + sha1))
    for at, shorter in ((2, 2), (6, 1)):  # the two lengths around: the whole, and what is signed
        length = int.from_bytes(forged[at : at + 2], "big") - shorter
        forged[at : at + 2] = length.to_bytes(2, "big")
    assert cause(pki.peers(), bytes(forged)) == "weak_signature"


def test_t02_a_changed_signature_is_refused(pki: Pki) -> None:
    """A leaf changed on the way is nobody's."""
    der = bytearray(Leaf().signed(pki.intermediate))
    der[-1] ^= 1
    assert cause(pki.peers(), bytes(der)) == "foreign_issuer"


def test_t02_a_leaf_of_an_intermediate_past_its_life_is_refused(pki: Pki) -> None:
    """The chain is valid as a whole or not at all."""
    long_lived = Leaf(end=NOW + 4000 * DAY).signed(pki.intermediate)
    assert cause(pki.peers(), long_lived, now=NOW + 1100 * DAY) == "expired"
    early = Leaf(start=NOW - 10 * DAY).signed(pki.intermediate)
    assert cause(pki.peers(), early, now=NOW - 5 * DAY) == "not_yet_valid"


@pytest.mark.parametrize("der", [b"", b"\x00", b"\x30\x00", b"\x30" * 5000, b"-----BEGIN CERTIFICATE-----"])
def test_t02_what_is_no_certificate_is_refused(pki: Pki, der: bytes) -> None:
    """Anything but a certificate of a likely size is refused before it is looked into."""
    assert cause(pki.peers(), der) == "malformed"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("serial", [b"\xff\xff\xff", b"\x00\x00\x00", b"\x80\x00\x01"])
def test_t06_a_serial_that_is_not_positive_is_refused(pki: Pki, serial: bytes) -> None:
    """A negative serial could pass for a number that is not in the set of revoked ones."""
    der = Leaf(serial=0x123ABC).signed(pki.intermediate).replace(b"\x02\x03\x12\x3a\xbc", b"\x02\x03" + serial)
    assert cause(pki.peers(), der) == "malformed"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_t06_a_serial_of_zero_is_refused(pki: Pki) -> None:
    """RFC 5280: serials are positive."""
    version = b"\xa0\x03\x02\x01\x02"
    der = Leaf(serial=5).signed(pki.intermediate).replace(version + b"\x02\x01\x05", version + b"\x02\x01\x00")
    assert cause(pki.peers(), der) == "malformed"
    least = Leaf(serial=1).signed(pki.intermediate)
    assert pki.peers().identify(least, now=NOW, revoked=NONE_REVOKED).serial == 1


@pytest.mark.parametrize("named", [b"\x2a\x86\x48\xce\x3d\x02\x01", b"\x2a\x86\x48\xce\x3d\x03\x01\x07"])
def test_t02_a_key_of_a_kind_nobody_knows_is_refused(pki: Pki, named: bytes) -> None:
    """An algorithm or a curve of tomorrow is a refusal, not a fault of ours."""
    der = Leaf().signed(pki.intermediate).replace(named, named[:-1] + b"\x7f")
    assert cause(pki.peers(), der) == "weak_key"


def test_t02_a_refusal_says_which_certificate(pki: Pki) -> None:
    """The audit line carries the serial, which is what an administrator revokes or looks up."""
    with pytest.raises(CertificateRefusedError) as refused:
        pki.peers().identify(Leaf(purposes=(SERVER,)).signed(pki.intermediate), now=NOW, revoked=NONE_REVOKED)
    assert refused.value.details == {"cause": "wrong_usage", "serial": "123abc"}


def test_t02_a_refused_leaf_is_not_remembered(pki: Pki) -> None:
    """Strangers cannot fill the memory of verdicts."""
    peers = pki.peers()
    for leaf, _ in BAD.values():
        cause(peers, leaf.signed(pki.intermediate))
    assert not peers._known


def test_the_memory_of_verdicts_is_bounded(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewals for years do not grow the process: the oldest verdict is forgotten, and found again."""
    monkeypatch.setattr(peer, "MAX_KNOWN", 3)
    peers = pki.peers()
    devices = [pki.device(f"poste-{number}") for number in range(5)]
    for _ in range(2):
        for number, device in enumerate(devices):
            assert peers.identify(device.der, now=NOW, revoked=NONE_REVOKED).device == f"poste-{number}"
            assert len(peers._known) <= 3


def test_two_intermediates_serve_while_one_replaces_the_other(pki: Pki) -> None:
    """Renewing an account's intermediate cuts off no device."""
    new = authority.create_intermediate(pki.root, ACCOUNT, NOW)
    peers = Peers([pki.intermediate.certificate, new.certificate])
    for issuer in (pki.intermediate, new):
        assert peers.identify(Leaf().signed(issuer), now=NOW, revoked=NONE_REVOKED).account == ACCOUNT


def test_devices_of_one_account_only(pki: Pki) -> None:
    """A port serves one account: intermediates of two, or none, are a mistake of configuration."""
    with pytest.raises(ConfigurationError):
        Peers([pki.intermediate.certificate, pki.other("lycee.example").intermediate.certificate])
    with pytest.raises(ConfigurationError):
        Peers([])


_SOUND = Leaf()


_ISSUER = authority.create_intermediate(authority.create_root("Installation", NOW), ACCOUNT, NOW)
_SOUND_DER = _SOUND.signed(_ISSUER)


@given(at=st.integers(0, len(_SOUND_DER) - 1), change=st.integers(1, 255))
def test_t02_no_change_of_bytes_is_accepted_or_crashes(at: int, change: int) -> None:
    """A certificate changed in any byte is refused with the one error a caller handles."""
    der = bytearray(_SOUND_DER)
    der[at] ^= change
    cause(Peers([_ISSUER.certificate]), bytes(der))


def test_a_second_verifier_has_its_say(pki: Pki) -> None:
    """A leaf the profile accepts is refused all the same when the second verifier knows no such issuer."""
    peers = pki.peers()
    peers._store = pki.other("lycee.example").peers()._store
    assert cause(peers, pki.device().der) == "unverified"


def test_a_known_device_is_not_judged_again(pki: Pki) -> None:
    """A device that comes back, as a thousand do on a Monday morning, gets the verdict that was kept."""
    peers, der = pki.peers(), pki.device().der
    first = peers.identify(der, now=NOW, revoked=NONE_REVOKED)
    assert peers.identify(der, now=NOW, revoked=NONE_REVOKED) is first


def test_t02_a_leaf_of_an_unlikely_size_is_not_read(pki: Pki) -> None:
    """Padding a certificate costs the server nothing but a look at its length."""
    padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(5000))
    assert cause(pki.peers(), Leaf(more=(padding,)).signed(pki.intermediate)) == "malformed"


def test_the_second_verifier_stands_on_its_own(pki: Pki) -> None:
    """What it alone would find is refused as `unverified`: here a server's certificate handed to it directly."""
    peers = pki.peers()
    with pytest.raises(CertificateRefusedError) as refused:
        peers._verify_again(pki.server().certificate, NOW)
    assert refused.value.details["cause"] == "unverified"
    peers._verify_again(pki.device().certificate, NOW)


def test_the_anchor_keeps_what_the_verifier_understands(pki: Pki) -> None:
    """Only the constraint on URIs is left out for the second verifier: a leaf with a foreign host name is refused."""
    leaf = replace(_SOUND, names=(x509.DNSName("lycee.example"),)).signed(pki.intermediate)
    with pytest.raises(CertificateRefusedError) as refused:
        pki.peers()._verify_again(x509.load_der_x509_certificate(leaf), NOW)
    assert refused.value.details["cause"] == "unverified"
