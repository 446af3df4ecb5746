import shutil
from pathlib import Path

import pytest

from hpserver.certs.files import load_certificates
from hpserver.errors import ConfigurationError
from hpserver.hosting.contexts import ServerContexts
from hpserver.hosting.keyring import Keyring, server_names, utc_now

ACCOUNT, DOMAIN = "123456789012", "ecole.example"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates of one account and of its servers: their slow hashes are paid once."""
    folder = tmp_path_factory.mktemp("keyring") / "certs"
    keyring = Keyring(folder)
    keyring.ensure_root("test", utc_now())
    keyring.create_account(ACCOUNT, DOMAIN, ["127.0.0.1"], utc_now())
    keyring.ensure_server(ACCOUNT, server_names(DOMAIN, ["planning01"]), utc_now())
    return folder


@pytest.fixture
def keyring(made_once: Path, tmp_path: Path) -> Keyring:
    """A keyring with one account whose servers have a certificate."""
    shutil.copytree(made_once, tmp_path / "certs")
    return Keyring(tmp_path / "certs")


def test_the_same_certificate_is_given_once(keyring: Keyring) -> None:
    """A server replaces its settings only when there is something to replace."""
    contexts = ServerContexts(keyring, ACCOUNT)

    assert contexts.maybe_newer() is not None
    assert contexts.maybe_newer() is None


def test_a_renewed_certificate_is_taken(keyring: Keyring) -> None:
    """A certificate that lacks a name is replaced, and servers that run take the new one; a good one stays."""
    chain, _ = keyring.server_files(ACCOUNT)
    contexts = ServerContexts(keyring, ACCOUNT)
    contexts.maybe_newer()
    before = load_certificates(chain)[0].serial_number

    keyring.ensure_server(ACCOUNT, server_names(DOMAIN, ["planning01"]), utc_now())
    assert contexts.maybe_newer() is None

    keyring.ensure_server(ACCOUNT, server_names(DOMAIN, ["planning01", "planning02"]), utc_now())
    assert load_certificates(chain)[0].serial_number != before
    assert contexts.maybe_newer() is not None


def test_files_that_are_half_there_change_nothing(keyring: Keyring) -> None:
    """A server that runs keeps its settings; one that starts says what is missing."""
    contexts = ServerContexts(keyring, ACCOUNT)
    contexts.maybe_newer()
    chain, _ = keyring.server_files(ACCOUNT)
    chain.write_text("not a certificate")

    assert contexts.maybe_newer() is None
    with pytest.raises(ConfigurationError):
        ServerContexts(keyring, ACCOUNT).maybe_newer()
