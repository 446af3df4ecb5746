"""The request for a device's certificate: made by the device, read by the server. It knows no ticket and no name.

Only the public key is taken from a request. Whatever else it asks for (names, CA rights, dates) is not looked at:
the certificate is made from the facts of the ticket.
"""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.errors import EnrolmentRefusedError

MAX_REQUEST = 2048  # bytes: ours has about 200, and a frame before login holds 4 KiB

_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def make_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key, drawn by OpenSSL; a device's never leaves it."""
    return ec.generate_private_key(ec.SECP256R1())


def make_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the request (PKCS#10, DER) that proves possession of `key` and asks for nothing else."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def read_request(der: bytes) -> ec.EllipticCurvePublicKey:
    """Return the P-256 public key of a request whose sender proved to hold the private one.

    Raises:
        EnrolmentRefusedError: `cause` is `too_big`, `malformed`, `weak_key`, `weak_signature` or `not_proven`.
    """
    if len(der) > MAX_REQUEST:
        raise EnrolmentRefusedError("The request is too long.", cause="too_big", size=len(der))
    try:
        request = x509.load_der_x509_csr(der)
    except (ValueError, x509.InvalidVersion) as error:
        raise EnrolmentRefusedError("The request is not PKCS#10.", cause="malformed") from error
    public_key = _public_key(request)
    _check_possession(request)
    return public_key


def _public_key(request: x509.CertificateSigningRequest) -> ec.EllipticCurvePublicKey:
    try:
        public_key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EnrolmentRefusedError("The request's key cannot be read.", cause="weak_key") from error
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(public_key.curve, ec.SECP256R1):
        raise EnrolmentRefusedError("Only P-256 keys are certified.", cause="weak_key")
    return public_key


def _check_possession(request: x509.CertificateSigningRequest) -> None:
    try:
        strong = isinstance(request.signature_hash_algorithm, _HASHES)
    except UnsupportedAlgorithm:
        strong = False
    if not strong:
        raise EnrolmentRefusedError("The request is signed with a weak hash.", cause="weak_signature")
    try:
        proven = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        proven = False
    if not proven:
        raise EnrolmentRefusedError("The request is not signed by its own key.", cause="not_proven")
