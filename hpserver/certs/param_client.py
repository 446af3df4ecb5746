"""The `ParamClient` file: where a school's controller is, which root to trust, and a ticket to enrol. Knows no socket.

It is signed by the account's intermediate, whose chain it carries: a copy that was changed, even in one letter, is
refused. Which root to trust is what the file brings; whoever hands it over must be trusted for that.
"""

import base64
import binascii
from typing import Annotated

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.certs.authority import Authority, account_of
from hpserver.errors import ConfigurationError

FORMAT = 1
"""Version of the file."""

MAX_FILE = 32 << 10
"""Bytes of a file: three certificates and some names take 4 KiB."""

_Text = Annotated[str, msgspec.Meta(max_length=300)]
_Pem = Annotated[str, msgspec.Meta(max_length=8 << 10)]


class ParamClient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client is told of its school.

    `host` and `port` are where to connect; `server_name` is the controller's domain, `enrol_name` the name to ask
    for without a certificate. `ticket` is hexadecimal, empty in a file for devices that are enrolled already;
    `expires_ms` is when it ends (UTC milliseconds). `root` and `chain` are PEM.
    """

    format: int
    account: _Text
    school: _Text
    host: _Text
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    server_name: _Text
    enrol_name: _Text
    ticket: Annotated[str, msgspec.Meta(max_length=64)]
    expires_ms: int
    root: _Pem
    chain: _Pem
    signature: Annotated[str, msgspec.Meta(max_length=200)] = ""


def write_param_client(param: ParamClient, issuer: Authority) -> bytes:
    """The file: JSON, signed by the account's intermediate."""
    signature = issuer.key.sign(_signed_bytes(param), ec.ECDSA(hashes.SHA256()))
    signed = msgspec.structs.replace(param, signature=base64.b64encode(signature).decode())
    return msgspec.json.format(msgspec.json.encode(signed), indent=2) + b"\n"


def read_param_client(data: bytes) -> ParamClient:
    """What a file says: checked up to the root it names, and to be of the account whose names it says.

    Raises:
        ConfigurationError: it is no such file, of a newer format, was changed since it was signed, or speaks for
            another account than the one that signed it.
    """
    if len(data) > MAX_FILE:
        raise ConfigurationError(f"A ParamClient file has at most {MAX_FILE} bytes.")
    try:
        param = msgspec.json.decode(data, type=ParamClient)
        root = x509.load_pem_x509_certificate(param.root.encode())
        intermediate = x509.load_pem_x509_certificate(param.chain.encode())
        key = intermediate.public_key()
        intermediate.verify_directly_issued_by(root)
        if not isinstance(key, ec.EllipticCurvePublicKey) or param.format != FORMAT:
            raise ConfigurationError(f"The ParamClient file is of format {param.format}, this program reads {FORMAT}.")
        key.verify(base64.b64decode(param.signature, validate=True), _signed_bytes(param), ec.ECDSA(hashes.SHA256()))
        domain = account_of(intermediate)
    except InvalidSignature as error:
        raise ConfigurationError(
            "The ParamClient file was changed since it was signed: ask for another one."
        ) from error
    except (msgspec.MsgspecError, ValueError, TypeError, binascii.Error) as error:
        raise ConfigurationError(f"This is not a ParamClient file: {error}") from error
    if param.server_name != domain or not param.enrol_name.endswith(f".{domain}"):
        raise ConfigurationError("The ParamClient file speaks for another school than the one that signed it.")
    return param


def pem(certificate: x509.Certificate) -> str:
    """The certificate as the file carries it."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _signed_bytes(param: ParamClient) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(param, signature=""))
