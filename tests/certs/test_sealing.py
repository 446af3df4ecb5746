import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hpserver.certs import sealing
from hpserver.certs.requests import make_key

CHANCE = bytes(range(32))
SCRYPT = bytes.fromhex("06092b06010401da47040b")  # the identifier 1.3.6.1.4.1.11591.4.11, DER


def test_a_sealed_key_is_standard_pkcs8() -> None:
    """Any reader of PKCS#8 with scrypt opens it: an installation is never locked into this program."""
    key = make_key()
    pem = sealing.seal(key, b"secret", chance=CHANCE, cost=1024)
    opened = load_pem_private_key(pem, b"secret")
    assert isinstance(opened, ec.EllipticCurvePrivateKey)
    assert opened.private_numbers() == key.private_numbers()
    body = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    assert SCRYPT in body
    assert max(map(len, pem.splitlines())) == 64


def test_the_salt_is_the_chance_that_was_given() -> None:
    """Two seals of one key under one phrase share nothing, when their chance differs."""
    key = make_key()
    first = sealing.seal(key, b"secret", chance=CHANCE, cost=1024)
    assert first == sealing.seal(key, b"secret", chance=CHANCE, cost=1024)
    other = sealing.seal(key, b"secret", chance=bytes(32), cost=1024)
    assert (
        base64.b64decode(b"".join(first.splitlines()[1:-1]))[-32:]
        != (base64.b64decode(b"".join(other.splitlines()[1:-1]))[-32:])
    )


@pytest.mark.parametrize("chance", [b"", bytes(31), bytes(33)])
def test_a_seal_needs_all_its_chance(chance: bytes) -> None:
    """Too few random bytes is a bug of the caller."""
    with pytest.raises(ValueError, match="32 random bytes"):
        sealing.seal(make_key(), b"secret", chance=chance, cost=1024)


def test_the_cost_is_a_power_of_two() -> None:
    """RFC 7914 knows no other cost."""
    with pytest.raises(ValueError, match="power of 2"):
        sealing.seal(make_key(), b"secret", chance=CHANCE, cost=1000)


def test_a_guess_costs_memory_in_production() -> None:
    """128 MiB a guess keeps graphics cards from trying phrases by the million."""
    assert sealing.COST * 8 * 128 == 128 * 1024 * 1024
