"""Requests for certificates, changed in every way: one error, or the very key that was proved. Row T06."""

import os
import random
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from hpserver.certs.requests import MAX_REQUEST, make_key, make_request, read_request
from hpserver.errors import EnrolmentRefusedError
from tests.fuzz.test_frames import seed

SHORT: Final = 4_000
LONG: Final = 400_000

CAUSES: Final = {"too_big", "malformed", "weak_key", "weak_signature", "not_proven"}


@cache
def seeds() -> tuple[bytes, ...]:
    """Return requests of all kinds, good ones among them."""
    key = make_key()
    names: list[x509.ExtensionType] = [
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.DNSName("lycee.example"), x509.RFC822Name("a@b.example")]),
        x509.KeyUsage(False, False, False, False, False, True, True, False, False),
    ]
    asking = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hp://lycee.example/device/admin")])
    )
    for one in names:
        asking = asking.add_extension(one, critical=True)
    asking = asking.add_attribute(x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"secret")
    blank = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = [
        asking.sign(key, hashes.SHA256()),
        blank.sign(key, hashes.SHA512()),
        blank.sign(ec.generate_private_key(ec.SECP384R1()), hashes.SHA256()),
        blank.sign(rsa.generate_private_key(public_exponent=65537, key_size=2048), hashes.SHA256()),
        blank.sign(ed25519.Ed25519PrivateKey.generate(), None),
    ]
    return (make_request(key), *(one.public_bytes(Encoding.DER) for one in signed))


def changed(draw: random.Random, raw: bytes) -> bytes:
    """Return a request with a few changes: bits, lengths, tags, pieces cut, doubled, or of another request."""
    data = bytearray(raw)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
        at = draw.randrange(len(data)) if data else 0
        match draw.randrange(7):
            case 0 if data:
                data[at] ^= 1 << draw.randrange(8)
            case 1 if data:
                data[at] = draw.choice((0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x30, 0x31, 0x7F, 0x80, 0x84, 0xA0, 0xFF))
            case 2:
                del data[at : at + draw.choice((1, 2, 8, 64))]
            case 3:
                data[at:at] = draw.randbytes(draw.choice((1, 4, 32)))
            case 4:
                piece = data[at : at + draw.choice((2, 16, 91))]
                data[at:at] = piece
            case 5:
                other = draw.choice(seeds())
                start = draw.randrange(len(other))
                data[at : at + 32] = other[start : start + 32]
            case 6:
                data[at:at] = b"\x30\x80" * draw.choice((1, 20, 400))
    return bytes(data)


def requests() -> Iterator[bytes]:
    """Return as many as the profile asks for."""
    long = os.environ.get("HYPOTHESIS_PROFILE") == "long"
    draw = random.Random(seed() if long else 1789)
    for _ in range(LONG if long else SHORT):
        yield changed(draw, draw.choice(seeds()))


@pytest.mark.slow
def test_t06_no_changed_request_gives_a_key_that_was_not_proved() -> None:
    """Whatever is accepted proves possession of the very key that is taken; all else has one of five causes."""
    told: set[str] = set()
    for raw in requests():
        try:
            key = read_request(raw)
        except EnrolmentRefusedError as error:
            told.add(str(error.details["cause"]))
            continue
        assert len(raw) <= MAX_REQUEST
        request = x509.load_der_x509_csr(raw)
        assert request.is_signature_valid
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert spki in request.tbs_certrequest_bytes
        assert isinstance(key.curve, ec.SECP256R1)
    assert told <= CAUSES
    assert {"malformed", "weak_key", "not_proven"} <= told


def test_t06_a_megabyte_is_not_read() -> None:
    """Refused on its length."""
    with pytest.raises(EnrolmentRefusedError) as refused:
        read_request(b"\x30\x83\x0f\xff\xff" + bytes(1 << 20))
    assert refused.value.details["cause"] == "too_big"
