"""x509-limbo: certificates made to break verifiers, shown to ours. Skipped, and said so, without the cases."""

import base64
import gzip
import json
import os
import warnings
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509

from hpserver.certs.peer import Peers
from hpserver.certs.requests import read_request
from hpserver.certs.revocation import NONE_REVOKED
from hpserver.errors import CertificateRefusedError, ConfigurationError, EnrolmentRefusedError
from tests.pki import Pki

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = Path(os.environ.get("HP_SHARED", ROOT.parent / "shared")) / "data/tls/limbo-nobettertls.json.gz"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="WITHOUT the cases of x509-limbo: set HP_SHARED")

MAIL = "it names a person by mail address: a device is named by one URI of its account, and by nothing else"
DIFFERENCES: Final = {
    "rfc5280::nc::nc-permits-email-exact": MAIL,
    "rfc5280::nc::nc-permits-email-domain": MAIL,
    "rfc5280::nc::nc-permits-email-literal-asterisk-exact-match": MAIL,
    "rfc5280::nc::nc-permits-email-literal-double-asterisk": MAIL,
    "rfc5280::nc::nc-permits-email-literal-mid-asterisk": MAIL,
}
"""Client cases that other verifiers should accept and ours refuses, with the reason."""


@cache
def cases() -> tuple[dict[str, Any], ...]:
    """Return every case."""
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        return tuple(json.load(file)["testcases"])


def refused(peers: Peers, der: bytes, now: datetime) -> bool:
    """Say whether a certificate is no device of ours; any other end than our error is a failure."""
    try:
        peers.identify(der, now=now, revoked=NONE_REVOKED)
    except CertificateRefusedError:
        return True
    return False


def der_of(pem: str) -> bytes:
    """Return a certificate in DER, without reading what is in it."""
    return base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))


def test_t02_every_client_case_has_its_verdict_or_its_reason(tmp_path: Path) -> None:
    """What must be refused is; what we refuse beyond that is listed above, and no more."""
    peers = Pki.create(tmp_path).peers()
    client = [one for one in cases() if one["validation_kind"] == "CLIENT"]
    assert len(client) >= 10
    differing = set()
    for one in client:
        at = one["validation_time"]
        now = datetime.fromisoformat(at) if at else datetime.now(UTC)
        verdict = "FAILURE" if refused(peers, der_of(one["peer_certificate"]), now) else "SUCCESS"
        if verdict != one["expected_result"]:
            differing.add(one["id"])
    assert differing == set(DIFFERENCES)


def test_t02_no_certificate_of_any_case_is_a_device_or_breaks_the_reader(tmp_path: Path) -> None:
    """Leaves, intermediates and roots, of servers too: one error, whatever is in them."""
    peers, seen = Pki.create(tmp_path).peers(), 0
    for one in cases():
        for pem in (one["peer_certificate"], *one["untrusted_intermediates"], *one["trusted_certs"]):
            assert refused(peers, der_of(pem), datetime.now(UTC)), one["id"]
            seen += 1
    assert seen > 500


def test_t02_no_authority_of_any_case_is_an_account_of_ours() -> None:
    """Without the one URI it is constrained to, an authority speaks for nobody here."""
    for one in cases():
        for pem in one["trusted_certs"]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # `cryptography` warns of what its next releases will not read
                try:
                    authority = x509.load_pem_x509_certificate(pem.encode())
                except ValueError:
                    continue
                with pytest.raises((ConfigurationError, ValueError)):
                    Peers([authority])


def test_t06_no_certificate_of_any_case_is_a_request() -> None:
    """What reads requests meets what is almost one."""
    for one in cases():
        with pytest.raises(EnrolmentRefusedError):
            read_request(der_of(one["peer_certificate"]))
