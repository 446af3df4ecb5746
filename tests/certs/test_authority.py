import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from hpserver.certs import authority
from hpserver.certs.authority import Authority
from hpserver.certs.requests import make_key
from hpserver.certs.revocation import NONE_REVOKED
from hpserver.errors import ConfigurationError, EnrolmentRefusedError, InvalidNameError
from tests.leaves import Leaf
from tests.pki import ACCOUNT, Pki

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """Return authorities that live at NOW."""
    return Pki.create(tmp_path, now=NOW)


def issue_device(issuer: Authority, device: str = "poste-1", now: datetime = NOW) -> x509.Certificate:
    """Issue the certificate of a device with a new key."""
    return authority.issue_device(issuer, make_key().public_key(), device, serial=77, now=now)


def issue_server(issuer: Authority, *names: str, now: datetime = NOW) -> x509.Certificate:
    """Issue the certificate of a server with a new key."""
    return authority.issue_server(issuer, make_key().public_key(), names, serial=78, now=now)


def test_the_root_is_a_p384_authority_of_ten_years(pki: Pki) -> None:
    """The root outlives its intermediates and may sign them, one level deep."""
    root = pki.root.certificate
    assert isinstance(pki.root.key.curve, ec.SECP384R1)
    assert root.not_valid_after_utc - NOW == timedelta(days=3652)
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 1)
    root.verify_directly_issued_by(root)


@pytest.mark.parametrize("name", ["", "H" * 65, "é" * 33])
def test_an_installation_has_a_name(name: str) -> None:
    """A name no certificate can carry is said in the house's words."""
    with pytest.raises(InvalidNameError):
        authority.create_root(name, NOW)


@pytest.mark.parametrize("name", ["H", "é" * 32])
def test_an_installation_may_have_a_short_or_a_long_name(name: str) -> None:
    """The limits of X.520 are reached, not stopped short of."""
    assert authority.create_root(name, NOW).certificate.subject.rfc4514_string() == f"CN={name}"


def test_an_intermediate_is_held_to_its_account(pki: Pki) -> None:
    """The key of one account can make nothing that speaks for another."""
    plain = authority.create_intermediate(pki.root, ACCOUNT, NOW).certificate
    found = plain.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    assert found.value.permitted_subtrees == [x509.DNSName(ACCOUNT), x509.UniformResourceIdentifier(ACCOUNT)]
    assert found.value.excluded_subtrees == [
        x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
        x509.IPAddress(ipaddress.ip_network("::/0")),
    ]
    constraints = plain.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert isinstance(plain.public_key(), ec.EllipticCurvePublicKey)
    plain.verify_directly_issued_by(pki.root.certificate)


def test_an_intermediate_never_outlives_the_root(pki: Pki) -> None:
    """A chain is valid as a whole: no certificate ends after its issuer."""
    late = NOW + timedelta(days=3600)
    intermediate = authority.create_intermediate(pki.root, ACCOUNT, late)
    assert intermediate.certificate.not_valid_after_utc == pki.root.certificate.not_valid_after_utc
    assert authority.issue_device(
        intermediate, make_key().public_key(), "d", serial=1, now=late
    ).not_valid_after_utc == (pki.root.certificate.not_valid_after_utc)


def test_account_of_reads_the_constraint(pki: Pki) -> None:
    """The account is what the intermediate is constrained to, not what a subject says."""
    assert authority.account_of(pki.intermediate.certificate) == ACCOUNT


def test_account_of_refuses_what_is_no_intermediate(pki: Pki) -> None:
    """Giving the root, or a leaf, where an intermediate belongs is found at start."""
    for wrong in (pki.root.certificate, issue_device(pki.intermediate)):
        with pytest.raises(ConfigurationError):
            authority.account_of(wrong)


@pytest.mark.parametrize("domains", [[], ["monecole.example", "lycee.example"]])
def test_account_of_wants_one_domain(pki: Pki, domains: list[str]) -> None:
    """An authority for two accounts, or for none by name, was not made by the house."""
    names = [x509.DNSName("monecole.example"), *map(x509.UniformResourceIdentifier, domains)]
    odd = Leaf(more=(x509.NameConstraints(names, None),)).signed(pki.root)
    with pytest.raises(ConfigurationError):
        authority.account_of(x509.load_der_x509_certificate(odd))


@pytest.mark.parametrize("account", ["", "a/b", "Monecole.example", "monecole.example:80"])
def test_a_device_name_has_a_plain_account(account: str) -> None:
    """No text of an account makes a name that reads as another's."""
    with pytest.raises(InvalidNameError):
        authority.device_uri(account, "poste-1")


def test_a_device_certificate_follows_the_profile(pki: Pki) -> None:
    """What the house issues is exactly what it accepts."""
    leaf = issue_device(pki.intermediate)
    extensions = leaf.extensions
    assert leaf.serial_number == 77
    assert leaf.not_valid_before_utc == NOW - timedelta(minutes=5)
    assert leaf.not_valid_after_utc == NOW + timedelta(days=90)
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == [
        x509.UniformResourceIdentifier("hp://monecole.example/device/poste-1")
    ]
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value == authority.LEAF_USAGE
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert not basic.value.ca
    mine = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    theirs = pki.intermediate.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert mine == theirs


def test_a_device_renews_from_its_60th_day(pki: Pki) -> None:
    """A device that is used at least monthly never meets the end of its certificate."""
    leaf = issue_device(pki.intermediate)
    day_60 = NOW + timedelta(days=60)
    assert not authority.renewal_due(leaf, day_60 - timedelta(seconds=1))
    assert authority.renewal_due(leaf, day_60)
    assert authority.renewal_due(leaf, leaf.not_valid_before_utc - timedelta(seconds=1))
    assert not authority.renewal_due(leaf, leaf.not_valid_before_utc)


def test_a_server_certificate_serves_only(pki: Pki) -> None:
    """A server certificate that leaks is no device."""
    leaf = issue_server(pki.intermediate, ACCOUNT, "enrol.monecole.example", "127.0.0.1")
    usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.SERVER_AUTH]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [ACCOUNT, "enrol.monecole.example"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]


@pytest.mark.parametrize(
    "name", ["lycee.example", "xmonecole.example", "example", "10.0.0.1", "MONECOLE.example", "*.monecole.example", ""]
)
def test_a_server_certificate_stays_in_the_account(pki: Pki, name: str) -> None:
    """A name the intermediate may not sign is refused here, not found out by the first device."""
    with pytest.raises(InvalidNameError):
        issue_server(pki.intermediate, ACCOUNT, name)


def test_a_server_certificate_has_a_name(pki: Pki) -> None:
    """A certificate without a name would match none."""
    with pytest.raises(InvalidNameError):
        issue_server(pki.intermediate)


@pytest.mark.parametrize(
    "domain", ["", "École.example", "a..b", "-a.example", "a.example.", "a" * 64, "x." * 110 + "x"]
)
def test_an_account_has_a_plain_domain(pki: Pki, domain: str) -> None:
    """What goes into a constraint is a host name and nothing that two readers could read in two ways."""
    with pytest.raises(InvalidNameError):
        authority.create_intermediate(pki.root, domain, NOW)


@pytest.mark.parametrize("device", ["", "a b", "a/b", "é", "a\n", "a" * 49, "..%2f"])
def test_a_device_key_is_plain(pki: Pki, device: str) -> None:
    """A device key cannot reach out of its place in the name."""
    with pytest.raises(InvalidNameError):
        issue_device(pki.intermediate, device)


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1()])
def test_t06_only_p256_keys_are_certified(pki: Pki, curve: ec.EllipticCurve) -> None:
    """A weak or slow key gets no certificate, even past the request's own check."""
    public = ec.generate_private_key(curve).public_key()
    with pytest.raises(EnrolmentRefusedError) as refused:
        authority.issue_device(pki.intermediate, public, "poste-1", serial=1, now=NOW)
    assert refused.value.details["cause"] == "weak_key"
    with pytest.raises(EnrolmentRefusedError):
        authority.issue_server(pki.intermediate, public, [ACCOUNT], serial=1, now=NOW)


def test_an_authority_past_its_life_issues_nothing(pki: Pki) -> None:
    """A clock far off, or a forgotten renewal, is said instead of making dead certificates."""
    late = NOW + timedelta(days=1200)
    with pytest.raises(ConfigurationError):
        issue_device(pki.intermediate, now=late)
    with pytest.raises(ConfigurationError):
        authority.create_intermediate(pki.root, ACCOUNT, NOW - timedelta(days=1))


@pytest.mark.parametrize(
    "now",
    [
        datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
)
def test_dates_are_right_on_hard_days(tmp_path: Path, now: datetime) -> None:
    """Leap day, 2038, the switch of ASN.1 time types in 2050 and the end of summer time change no duration."""
    leaf = Pki.create(tmp_path, now=now).device().certificate
    assert leaf.not_valid_before_utc == now - timedelta(minutes=5)
    assert leaf.not_valid_after_utc == now + timedelta(days=90)


def test_a_second_verifier_accepts_the_server_chain(pki: Pki) -> None:
    """The chain is sound for a reader that does not come from OpenSSL."""
    leaf = issue_server(pki.intermediate, ACCOUNT)
    store = verification.Store([pki.root.certificate])
    verifier = verification.PolicyBuilder().store(store).time(NOW).build_server_verifier(x509.DNSName(ACCOUNT))
    assert verifier.verify(leaf, [pki.intermediate.certificate])


@given(st.binary(min_size=20, max_size=20).filter(lambda chance: any(chance[:-1])))
def test_a_serial_is_positive_and_fits_20_octets(chance: bytes) -> None:
    """RFC 5280: a positive integer of at most 20 octets, its sign bit included."""
    assert 0 < authority.new_serial(chance) < 1 << 159


@pytest.mark.parametrize("chance", [b"", b"\x01" * 19, b"\x01" * 21, b"\x00" * 20, b"\x00" * 19 + b"\x01"])
def test_a_serial_needs_its_20_random_bytes(chance: bytes) -> None:
    """A serial made of too little chance is a bug of the caller."""
    with pytest.raises(ValueError, match="20 random bytes"):
        authority.new_serial(chance)


_LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(st.lists(_LABELS, min_size=1, max_size=5), st.from_regex(r"[A-Za-z0-9_-]{1,48}", fullmatch=True))
def test_a_device_name_reads_back(labels: list[str], device: str) -> None:
    """The name in the certificate says the account and the device, and nothing is lost on the way."""
    account = ".".join(labels)
    assert authority.read_device_uri(authority.device_uri(account, device)) == (account, device)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "hp://monecole.example/device/",
        "hp://monecole.example/device/a/b",
        "hp://monecole.example/user/a",
        "hp://monecole.example:1/device/a",
        "hp://x@monecole.example/device/a",
        "hp://monecole.example/device/a?b",
        "hp://monecole.example/device/a\n",
        "hp://.monecole.example/device/a",
        "hp://-/device/a",
        "HP://monecole.example/device/a",
        "hp://Monecole.example/device/a",
        "https://monecole.example/device/a",
        "hp://monecole.example/device/" + "a" * 49,
        "urn:hp:monecole.example:device:a",
    ],
)
def test_any_other_name_is_no_device(uri: str) -> None:
    """There is one way to write a device's name, so that two readers never disagree."""
    assert authority.read_device_uri(uri) is None


def test_the_thumbprint_is_the_sha256_of_the_certificate(pki: Pki) -> None:
    """Tickets are bound to the same 32 bytes a peer is known by."""
    device = pki.device()
    peer = pki.peers().identify(device.der, now=NOW, revoked=NONE_REVOKED)
    assert authority.thumbprint(device.certificate) == peer.thumbprint


def test_a_leaf_signs_and_does_nothing_else(pki: Pki) -> None:
    """No encipherment, no agreement, nothing that a court would take for a signature: TLS 1.3 needs none of them."""
    usage = x509.load_der_x509_certificate(pki.device().der).extensions.get_extension_for_class(x509.KeyUsage).value
    others = (usage.content_commitment, usage.key_encipherment, usage.data_encipherment, usage.key_agreement)
    assert usage.digital_signature
    assert not any((*others, usage.key_cert_sign, usage.crl_sign))


def test_who_issued_a_certificate_is_told_by_its_key(pki: Pki) -> None:
    """And not by its name, which two intermediates of an account share."""
    leaf = x509.load_der_x509_certificate(pki.device().der)
    assert authority.issued_by(leaf, pki.intermediate.certificate)
    assert not authority.issued_by(leaf, pki.root.certificate)
    bare = x509.load_der_x509_certificate(Leaf(authority_identifier=False).signed(pki.intermediate))
    assert authority.issuer_key(bare) == b""
    began = pki.intermediate.certificate.not_valid_before_utc
    assert authority.overlap_end(pki.intermediate.certificate) == began + timedelta(minutes=5, days=90)
