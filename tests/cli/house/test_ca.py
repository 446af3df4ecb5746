"""`hp ca` as an operator types it."""

import pytest
from cryptography import x509

from hpserver.certs.param_client import read_param_client
from tests.cli.shell import Shell


def test_the_certificates_of_an_account_are_told(shell: Shell) -> None:
    """Until when, for whom, and the digest that a device can be compared with."""
    value = shell.json("ca", "status")
    assert (value["devices"], value["warnings"], value["overlap_until"]) == (0, [], "")
    told = shell.ok("ca", "status").out
    assert value["root_sha256"] in told
    root = shell.json("ca", "export-root", shell.folder / "root.pem")
    assert root["sha256"] == value["root_sha256"]
    assert x509.load_pem_x509_certificate((shell.folder / "root.pem").read_bytes())
    assert "BEGIN CERTIFICATE" in shell.ok("ca", "export-root", "-").out


def test_servers_get_another_certificate_on_wish(shell: Shell) -> None:
    """And its names stay."""
    [file] = (shell.state / "certs").glob("*/server.pem")
    before = file.read_bytes()
    assert "planning01.ecole.example" in shell.json("ca", "renew-servers")["names"]
    assert file.read_bytes() != before


@pytest.mark.slow
def test_an_authority_is_replaced_with_its_overlap(shell: Shell) -> None:
    """What was signed stays good; a file for devices is signed by the new one."""
    passphrase = shell.state / "certs" / "root.passphrase"
    secret = shell.file("secret", passphrase.read_bytes())
    passphrase.unlink()
    assert shell.hp("ca", "rotate", "--passphrase-file", shell.file("wrong", "no\n")).status == 78
    made = shell.json("ca", "rotate", "--passphrase-file", secret)
    status = shell.json("ca", "status")
    assert status["intermediates"][0]["serial"] == made["serial"]
    assert status["overlap_until"]
    assert "former authority" in shell.ok("ca", "status").out
    piped = read_param_client(shell.ok("hosting", "param-client", "--out", "-").out.encode())
    assert x509.load_pem_x509_certificate(piped.chain.encode()).serial_number == int(made["serial"], 16)


def test_a_device_that_is_not_there_is_not_revoked(shell: Shell) -> None:
    """3, and nothing is changed."""
    assert shell.hp("ca", "revoke", "12").status == 3
    assert shell.json("ca", "devices") == []
