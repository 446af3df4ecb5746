import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from hpserver.certs.requests import MAX_REQUEST, make_key, make_request, read_request
from hpserver.errors import EnrolmentRefusedError

Signer = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def request(key: Signer, hash_: hashes.HashAlgorithm | None = None, name: str = "", *more: x509.ExtensionType) -> bytes:
    """Make a request as a hostile device would: any key, any name, any extension."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    for extension in more:
        builder = builder.add_extension(extension, critical=True)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hash_ or hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)  # type: ignore[arg-type]  # any hash, on purpose


def cause(der: bytes) -> str:
    """Return why a request is refused."""
    with pytest.raises(EnrolmentRefusedError) as refused:
        read_request(der)
    return str(refused.value.details["cause"])


def same(left: ec.EllipticCurvePublicKey, right: ec.EllipticCurvePublicKey) -> bool:
    """Compare two keys by their bytes."""
    form = (Encoding.X962, PublicFormat.UncompressedPoint)
    return left.public_bytes(*form) == right.public_bytes(*form)


def test_a_request_gives_the_device_s_public_key() -> None:
    """The server certifies the key the device drew."""
    key = make_key()
    der = make_request(key)
    assert len(der) < MAX_REQUEST
    assert same(read_request(der), key.public_key())


def test_every_key_is_new() -> None:
    """Two devices never share a key."""
    assert not same(make_key().public_key(), make_key().public_key())


def test_t06_a_request_for_more_gives_only_its_key() -> None:
    """CA rights, another school's name and foreign extensions asked for are not looked at."""
    key = make_key()
    der = request(
        key,
        None,
        "lycee.example",
        x509.BasicConstraints(ca=True, path_length=3),
        x509.SubjectAlternativeName(
            [x509.UniformResourceIdentifier("hp://lycee.example/device/1"), x509.DNSName("lycee.example")]
        ),
    )
    assert same(read_request(der), key.public_key())


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.SECP224R1(), ec.SECP192R1()])
def test_t06_another_curve_is_refused(curve: ec.EllipticCurve) -> None:
    """P-256 is the one curve of leaves."""
    assert cause(request(ec.generate_private_key(curve))) == "weak_key"


def test_t06_rsa_is_refused() -> None:
    """RSA keys are not certified, of whatever size."""
    assert cause(request(rsa.generate_private_key(public_exponent=65537, key_size=2048))) == "weak_key"


def test_t06_ed25519_is_refused() -> None:
    """Ed25519 is sound, but key stores of devices differ: one kind of key is enough."""
    assert cause(request(ed25519.Ed25519PrivateKey.generate())) == "weak_key"


def test_t06_somebody_else_s_key_is_refused() -> None:
    """Who cannot sign with the key does not get it certified."""
    mine, theirs = make_key(), make_key()
    form = (Encoding.X962, PublicFormat.UncompressedPoint)
    forged = make_request(mine).replace(mine.public_key().public_bytes(*form), theirs.public_key().public_bytes(*form))
    assert cause(forged) == "not_proven"


def test_t06_a_changed_signature_is_refused() -> None:
    """Proof of possession covers the request as it came."""
    der = bytearray(make_request(make_key()))
    der[-1] ^= 1
    assert cause(bytes(der)) == "not_proven"


def test_t06_a_request_signed_with_sha1_is_refused() -> None:
    """A proof made with a broken hash proves nothing: SHA-1's identifier is put in place of SHA-256's."""
    der = make_request(make_key())
    sha256, sha1 = bytes.fromhex("300a06082a8648ce3d040302"), bytes.fromhex("300906072a8648ce3d0401")
    rewritten = bytearray(der.replace(sha256, sha1))
    rewritten[2] -= 1  # the length of the whole, one byte less
    assert cause(bytes(rewritten)) == "weak_signature"


def test_t06_a_request_signed_with_an_unknown_algorithm_is_refused() -> None:
    """What this version cannot check is not a proof."""
    der = make_request(make_key())
    unknown = der.replace(bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04030f"))
    assert cause(unknown) == "weak_signature"


def test_t06_a_signature_of_another_kind_than_the_key_is_refused() -> None:
    """An elliptic curve key does not make RSA signatures, whatever the request says."""
    ecdsa, rsa_ = bytes.fromhex("300a06082a8648ce3d040302"), bytes.fromhex("300b06092a864886f70d01010b")
    forged = bytearray(make_request(make_key()).replace(ecdsa, rsa_))
    forged[2] += 1  # the length of the whole, one byte more
    assert cause(bytes(forged)) == "not_proven"


def test_t06_a_long_request_is_refused_unread() -> None:
    """A megabyte costs nothing: its length is looked at first."""
    names = [x509.DNSName(f"host{n}.example") for n in range(200)]
    long = request(make_key(), None, "", x509.SubjectAlternativeName(names))
    assert len(long) > MAX_REQUEST
    assert cause(long) == "too_big"
    assert cause(b"\x30" * 1_000_000) == "too_big"
    assert cause(bytes(MAX_REQUEST + 1)) == "too_big"
    assert cause(bytes(MAX_REQUEST)) == "malformed"


def test_t06_bytes_after_the_request_are_refused() -> None:
    """Two readers agree on where a request ends."""
    assert cause(make_request(make_key()) + b"\x00") == "malformed"


@pytest.mark.parametrize(
    "der", [b"", b"\x30\x00", b"\x00", b"-----BEGIN CERTIFICATE REQUEST-----", b"\x30\x84\xff\xff\xff\xff"]
)
def test_t06_what_is_no_request_is_refused(der: bytes) -> None:
    """Anything may arrive where a request is expected."""
    assert cause(der) == "malformed"


@given(st.binary(max_size=300))
def test_t06_no_bytes_crash_the_reader(der: bytes) -> None:
    """Whatever is sent is refused with the one error a caller handles."""
    with pytest.raises(EnrolmentRefusedError):
        read_request(der)


_SOUND = make_request(make_key())


@given(st.lists(st.tuples(st.integers(0, len(_SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_t06_a_request_changed_anywhere_never_gives_another_key(changes: list[tuple[int, int]]) -> None:
    """A request is signed as a whole: changed bytes are refused, or were the same bytes."""
    der = bytearray(_SOUND)
    for at, value in changes:
        der[at] = value
    try:
        key = read_request(bytes(der))
    except EnrolmentRefusedError:
        return
    assert same(key, read_request(_SOUND))
