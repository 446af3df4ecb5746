"""Real handshakes in memory: what each end is told, alert for alert."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from hpserver.certs import contexts, files
from hpserver.certs.contexts import ENROLMENT_PROTOCOL, PROTOCOL
from hpserver.certs.requests import make_key
from hpserver.errors import ConfigurationError
from tests.leaves import CLIENT, SERVER, Leaf
from tests.pki import SERVER_NAMES, Pki, handshake

HOUR = timedelta(hours=1)


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """Return authorities that live now, as handshakes need."""
    return Pki.create(tmp_path)


def reason(error: ssl.SSLError | None) -> str:
    """Return OpenSSL's word for what went wrong, empty when nothing did."""
    return "" if error is None else error.reason


def client_with(pki: Pki, leaf: Leaf, name: str = "by hand") -> ssl.SSLContext:
    """Return the settings of a client that holds a leaf made by hand, signed by the account's intermediate."""
    key = make_key()
    made = leaf.made_for(key.public_key(), pki.now - HOUR, pki.now + HOUR).signed(pki.intermediate)
    mine = pki.keep(name, x509.load_der_x509_certificate(made), key)
    return contexts.client_context(pki.root.certificate, mine.chain_file, mine.key_file)


@pytest.mark.parametrize("name", SERVER_NAMES)
def test_a_device_reaches_its_servers(pki: Pki, name: str) -> None:
    """Every name a server has is accepted under the account's constraints, and both ends know who is there."""
    met = handshake(pki.server_context(), pki.client_context(), name)
    assert (met.server_error, met.client_error) == (None, None)
    assert met.server.version() == "TLSv1.3"
    assert met.server.selected_alpn_protocol() == met.client.selected_alpn_protocol() == PROTOCOL
    assert met.server.getpeercert(binary_form=True) == pki.device().der


def test_a_device_without_a_certificate_reaches_enrolment(pki: Pki) -> None:
    """The way to a first certificate asks for none, and speaks another protocol."""
    met = handshake(pki.enrolment_context(), pki.enrolling_client_context(), "enrol.monecole.example")
    assert (met.server_error, met.client_error) == (None, None)
    assert met.server.selected_alpn_protocol() == met.client.selected_alpn_protocol() == ENROLMENT_PROTOCOL
    assert met.server.getpeercert(binary_form=True) is None


def test_a_client_of_another_protocol_can_be_told_apart(pki: Pki) -> None:
    """The handshake goes on without a protocol: whoever drives it sees None, and closes."""
    client = pki.client_context()
    client.set_alpn_protocols(["http/1.1"])
    assert handshake(pki.server_context(), client).server.selected_alpn_protocol() is None


@pytest.mark.parametrize("name", ["lycee.example", "planning03.monecole.example", "127.0.0.2"])
def test_a_device_refuses_a_server_of_another_name(pki: Pki, name: str) -> None:
    """A connection led astray ends at the handshake."""
    met = handshake(pki.server_context(), pki.client_context(), name)
    assert reason(met.client_error) == "CERTIFICATE_VERIFY_FAILED"


def test_a_device_refuses_a_server_of_another_root(pki: Pki) -> None:
    """A device trusts the one root it was given at enrolment, whatever its system trusts."""
    stranger = Pki.create(pki.folder / "..", now=pki.now - HOUR)
    met = handshake(stranger.enrolment_context(), pki.client_context())
    assert reason(met.client_error) == "CERTIFICATE_VERIFY_FAILED"
    assert reason(met.server_error) == "TLSV1_ALERT_UNKNOWN_CA"


def test_a_device_refuses_a_device_that_plays_the_server(pki: Pki) -> None:
    """A stolen device certificate serves nobody."""
    device = pki.device()
    impostor = contexts.enrolment_context(device.chain_file, device.key_file)
    assert reason(handshake(impostor, pki.client_context()).client_error) == "CERTIFICATE_VERIFY_FAILED"


@pytest.mark.parametrize("follows_the_profile", [True, False])
def test_a_device_is_strict_about_the_server_s_chain(pki: Pki, follows_the_profile: bool) -> None:
    """A chain that leaves out what RFC 5280 asks for was not made by the house."""
    leaf = Leaf(purposes=(SERVER,), names=(x509.DNSName("localhost"),), authority_identifier=follows_the_profile)
    key = make_key()
    made = leaf.made_for(key.public_key(), pki.now - HOUR, pki.now + HOUR).signed(pki.intermediate)
    server = pki.keep("by hand", x509.load_der_x509_certificate(made), key)
    met = handshake(contexts.enrolment_context(server.chain_file, server.key_file), pki.enrolling_client_context())
    assert (met.client_error is None) == follows_the_profile


# --- T01 ----------------------------------------------------------------------------------------------------


def old_client(pki: Pki, context: ssl.SSLContext, version: ssl.TLSVersion) -> str:
    """Return what a client that speaks at most `version` is told."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, version
    old.load_cert_chain(pki.device().chain_file, pki.device().key_file)
    met = handshake(context, old)
    assert reason(met.server_error) == "UNSUPPORTED_PROTOCOL"
    return reason(met.client_error)


def test_t01_tls_1_2_is_refused_with_the_alert(pki: Pki) -> None:
    """An old client is told that its version is the trouble, on both kinds of port."""
    for context in (pki.server_context(), pki.enrolment_context()):
        assert old_client(pki, context, ssl.TLSVersion.TLSv1_2) == "TLSV1_ALERT_PROTOCOL_VERSION"


def test_t01_a_device_refuses_an_old_server(pki: Pki) -> None:
    """Nobody on the way can talk a device down to an older TLS."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.load_cert_chain(pki.server().chain_file, pki.server().key_file)
    assert reason(handshake(old, pki.client_context()).client_error) == "TLSV1_ALERT_PROTOCOL_VERSION"


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"hello\r\n" * 8, bytes(64), b"\xff" * 64])
def test_t01_plain_text_gets_no_answer(pki: Pki, said: bytes) -> None:
    """Who does not speak TLS learns nothing: the handshake fails without a byte in return."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = pki.server_context().wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(said)
    with pytest.raises(ssl.SSLError):
        server.do_handshake()
    assert outgoing.read() == b""


# --- T02 ----------------------------------------------------------------------------------------------------


def test_t02_no_certificate_is_told_so(pki: Pki) -> None:
    """A device that is not enrolled can tell "enrol first" from "network down"."""
    naked = contexts.enrolling_client_context(pki.root.certificate)
    naked.set_alpn_protocols([PROTOCOL])
    met = handshake(pki.server_context(), naked)
    assert reason(met.server_error) == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
    assert reason(met.client_error) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def test_t02_a_device_of_another_root_is_told_unknown_ca(pki: Pki) -> None:
    """A stranger's certificate ends at the handshake, with the alert that says why."""
    stranger = Pki.create(pki.folder / "..", now=pki.now - HOUR).device()
    client = contexts.client_context(pki.root.certificate, stranger.chain_file, stranger.key_file)
    met = handshake(pki.server_context(), client)
    assert reason(met.server_error) == "CERTIFICATE_VERIFY_FAILED"
    assert reason(met.client_error) == "TLSV1_ALERT_UNKNOWN_CA"


def test_t02_a_device_of_another_account_is_told_unknown_ca(pki: Pki) -> None:
    """Two accounts share a root, and a device sends its intermediate along: it still is a stranger next door."""
    other = pki.other("lycee.example")
    met = handshake(pki.server_context(), other.client_context())
    assert reason(met.client_error) == "TLSV1_ALERT_UNKNOWN_CA"
    assert handshake(other.server_context(), other.client_context()).client_error is None


ALERTS: dict[str, tuple[Leaf, timedelta, str]] = {
    "expired": (Leaf(), 2 * -HOUR, "SSLV3_ALERT_CERTIFICATE_EXPIRED"),
    "not_yet_valid": (Leaf(), 2 * HOUR, "SSLV3_ALERT_BAD_CERTIFICATE"),
    "server_usage": (Leaf(purposes=(SERVER,)), 0 * HOUR, "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"),
    "device_of_another_account": (
        Leaf(names=(x509.UniformResourceIdentifier("hp://lycee.example/device/1"),)),
        0 * HOUR,
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    ),
    "host_of_another_account": (
        Leaf(names=(x509.DNSName("lycee.example"),)),
        0 * HOUR,
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    ),
    "urn": (Leaf(names=(x509.UniformResourceIdentifier("urn:a:b"),)), 0 * HOUR, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
    "no_authority_identifier": (Leaf(authority_identifier=False), 0 * HOUR, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
}


@pytest.mark.parametrize("case", list(ALERTS))
def test_t02_a_bad_leaf_is_told_why(pki: Pki, case: str) -> None:
    """What OpenSSL finds by itself, name constraints included, ends the handshake with the right alert."""
    leaf, shift, alert = ALERTS[case]
    key = make_key()
    bad = leaf.made_for(key.public_key(), pki.now - HOUR + shift, pki.now + HOUR + shift).signed(pki.intermediate)
    mine = pki.keep(case, x509.load_der_x509_certificate(bad), key)
    client = contexts.client_context(pki.root.certificate, mine.chain_file, mine.key_file)
    met = handshake(pki.server_context(), client)
    assert reason(met.server_error) == "CERTIFICATE_VERIFY_FAILED"
    assert reason(met.client_error) == alert


def test_t02_the_handshake_alone_is_not_enough(pki: Pki) -> None:
    """OpenSSL lets a nameless leaf, and one that is an authority, through: `peer` has to look at every connection."""
    for leaf in (Leaf(names=None), Leaf(basic=x509.BasicConstraints(ca=True, path_length=None))):
        assert handshake(pki.server_context(), client_with(pki, leaf)).server_error is None
    assert handshake(pki.server_context(), client_with(pki, Leaf(purposes=(CLIENT, SERVER)))).server_error is None


# --- T03 ----------------------------------------------------------------------------------------------------


def test_t03_no_session_ticket_is_ever_issued(pki: Pki) -> None:
    """A resumed session would skip every check of the certificate: there is nothing to resume, on either port."""
    for server, client in (
        (pki.server_context(), pki.client_context()),
        (pki.enrolment_context(), pki.enrolling_client_context()),
    ):
        assert server.num_tickets == 0
        assert server.options & ssl.OP_NO_TICKET
        for _ in range(3):
            met = handshake(server, client)
            assert met.client_error is None
            assert met.client.session is None or not met.client.session.has_ticket
            assert server.session_stats()["hits"] == 0


def test_t03_a_forced_session_falls_back_to_a_full_handshake(pki: Pki) -> None:
    """A client that insists on a ticket, taken where tickets are given, shows its certificate again all the same."""
    generous = pki.server_context()
    generous.num_tickets = 2
    generous.options &= ~ssl.OP_NO_TICKET
    client = pki.client_context()
    client.options &= ~ssl.OP_NO_TICKET
    first = handshake(generous, client)
    session = first.client.session
    assert session is not None
    assert session.has_ticket
    assert handshake(generous, client, session=session).server.session_reused
    met = handshake(pki.server_context(), client, session=session)
    assert met.client_error is None
    assert not met.server.session_reused
    assert met.server.getpeercert(binary_form=True) == pki.device().der


# --- files --------------------------------------------------------------------------------------------------


def test_t09_a_key_open_to_others_serves_nobody(pki: Pki) -> None:
    """A server does not start on a key that other users of the machine may have copied."""
    server = pki.server()
    server.key_file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        contexts.enrolment_context(server.chain_file, server.key_file)


def test_a_server_without_intermediate_is_a_mistake(pki: Pki) -> None:
    """Nobody could come in."""
    server = pki.server()
    with pytest.raises(ConfigurationError):
        contexts.server_context(server.chain_file, server.key_file, [])


def test_a_key_of_another_certificate_is_a_mistake(pki: Pki) -> None:
    """Mixed-up files are found at start and named."""
    with pytest.raises(ConfigurationError) as refused:
        contexts.enrolment_context(pki.server().chain_file, pki.device().key_file)
    assert refused.value.details["key"] == str(pki.device().key_file)


def test_a_sealed_key_is_a_mistake(pki: Pki, tmp_path: Path) -> None:
    """A daemon given an encrypted key says so at start; it does not ask on a terminal."""
    sealed = tmp_path / "sealed.key"
    files.save_key(sealed, pki.server().key, passphrase=b"secret", cost=1024)
    with pytest.raises(ConfigurationError):
        contexts.enrolment_context(pki.server().chain_file, sealed)


def test_a_missing_chain_is_a_mistake(pki: Pki, tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(ConfigurationError):
        contexts.enrolment_context(tmp_path / "none.pem", pki.server().key_file)
