"""T02: every bad certificate there is, shown to a port as a thief or a clumsy authority would. None comes in."""

import contextlib
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hpserver.certs import contexts
from hpserver.certs.authority import Authority
from hpserver.certs.files import save_certificates, save_secret
from hpserver.certs.revocation import NONE_REVOKED
from hpserver.errors import CertificateRefusedError, ConfigurationError
from hpserver.hosting.keyring import utc_now
from tests.certs.test_peer import BAD
from tests.leaves import NOW, AnyKey, Leaf
from tests.net.ends import Served, in_thread, serving
from tests.pki import Pki

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

AnyPrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

LEAST: Final = 40
"""The figure that is promised."""


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A throw-away PKI of now."""
    return Pki.create(tmp_path_factory.mktemp("pki"))


def key_like(public: AnyKey) -> AnyPrivateKey:
    """Return a private key of the same kind: the thief has it."""
    match public:
        case ec.EllipticCurvePublicKey():
            return ec.generate_private_key(public.curve)
        case rsa.RSAPublicKey():
            return rsa.generate_private_key(public_exponent=65537, key_size=public.key_size)
        case ed25519.Ed25519PublicKey():
            return ed25519.Ed25519PrivateKey.generate()
        case dsa.DSAPublicKey():
            pytest.skip("TLS 1.3 has no DSA: no client can show it")


def client_of(pki: Pki, name: str, recipe: Leaf, issuer: Authority) -> ssl.SSLContext:
    """Return a client with the certificate of a recipe, its dates moved to now."""
    key, late = key_like(recipe.key), utc_now().replace(microsecond=0) - NOW
    der = recipe.made_for(key.public_key(), recipe.start + late, recipe.end + late).signed(issuer)
    chain, file = pki.folder / f"bad {name}.pem", pki.folder / f"bad {name}.key"
    with contextlib.suppress(ValueError):  # some are no certificates to `cryptography`
        save_certificates(chain, [x509.load_der_x509_certificate(der), issuer.certificate])
    save_secret(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return contexts.client_context(pki.root.certificate, chain, file)


def shown(served: Served, client: ssl.SSLContext) -> str:
    """Return the alert, or `let through` when the handshake was accepted."""
    try:
        with served.connect_tls(client) as sock:
            sock.sendall(b"?")
            return "let through" if sock.recv(1) else "closed"
    except (ssl.SSLError, ConnectionError) as error:
        return str(getattr(error, "reason", None) or "reset")


async def verdict(pki: Pki, client: ssl.SSLContext) -> str:
    """Return what a port says, and behind it what every server asks before the first word."""
    async with serving(pki.server_context()) as served:
        told = await in_thread(lambda: shown(served, client))
        if not served.arrivals:
            return told
        try:
            pki.peers().identify(served.arrivals[0].peer_der, now=utc_now(), revoked=NONE_REVOKED)
        except CertificateRefusedError as error:
            return str(error.details["cause"])
        return "let in"


def test_there_are_at_least_forty_of_them() -> None:
    """The recipes are those of the verifier's own tests."""
    assert len(BAD) >= LEAST


@pytest.mark.parametrize("case", list(BAD))
async def test_t02_a_bad_certificate_of_our_own_issuer_does_not_come_in(pki: Pki, case: str) -> None:
    """Refused by the handshake with an alert, or by the profile with the cause that its recipe names."""
    recipe, cause = BAD[case]
    try:
        client = client_of(pki, case, recipe, pki.intermediate)
    except (ConfigurationError, ValueError) as error:
        pytest.skip(f"no client can show it: {error}")
    told = await verdict(pki, client)
    assert told == cause or told.isupper(), told


@pytest.mark.parametrize("case", ["root", "other account", "other installation", "itself"])
async def test_t02_a_good_certificate_of_another_issuer_does_not_come_in(pki: Pki, case: str, tmp_path: Path) -> None:
    """The alert says that the authority is not known."""
    itself = Authority(pki.intermediate.certificate, ec.generate_private_key(ec.SECP256R1()))
    issuers = {
        "root": pki.root,
        "other account": pki.other("lycee.example").intermediate,
        "other installation": Pki.create(tmp_path, now=pki.now.replace(year=pki.now.year - 1)).intermediate,
        "itself": itself,
    }
    told = await verdict(pki, client_of(pki, case, Leaf(), issuers[case]))
    assert told.isupper(), told


async def test_the_recipe_they_are_made_from_comes_in(pki: Pki) -> None:
    """Each of them fails for its one difference."""
    good = replace(Leaf(), serial=0x777)
    assert await verdict(pki, client_of(pki, "good", good, pki.intermediate)) == "let in"
