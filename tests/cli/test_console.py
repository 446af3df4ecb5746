"""The launcher, as it is typed."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from hpserver.client.console import Workstation
from tests.cli.shell import Shell
from tests.web.conftest import accounts, prepared, site
from tests.web.site import CONSOLE_PASSWORD, Site

__all__ = ["accounts", "prepared", "site"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Somebody with a shell and a folder of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HP_LANG", "fr")
    return Shell(tmp_path)


async def typed(desk: Shell, *words: str, given: str = "") -> tuple[int, str, str]:
    """Run `hp console` beside the site."""
    done = await asyncio.to_thread(desk.hp, "console", *words, given=given)
    return done.status, done.out, done.err


@pytest.mark.asyncio_only
async def test_a_workstation_is_installed_from_the_letter(site: Site, desk: Shell, tmp_path: Path) -> None:
    """The file, the number, the password and the invoice: a certificate; a wrong one says what is wrong."""
    file = tmp_path / "Console"
    file.write_bytes(site.address)
    secret = tmp_path / "secret"
    secret.write_text("faux\n")
    number, invoice = site.account.number, site.account.invoice
    words = (str(file), "--install-only", "--password-file", str(secret), "--number", number, "--invoice", invoice)
    status, _, error = await typed(desk, *words)
    assert (status, "numéro d'hébergement ou le mot de passe" in error) == (4, True), error
    secret.write_text(CONSOLE_PASSWORD + "\n")
    status, out, error = await typed(desk, *words)
    assert (status, "Certificat installé" in out) == (0, True), error
    assert "racine" in error
    assert Workstation(tmp_path / "config" / "hp" / "console").is_installed
    out_file = tmp_path / "console.p12"
    status, _, error = await typed(desk, "--p12", str(out_file), given="une phrase\n")
    assert status == 0, error
    key, _, _ = pkcs12.load_key_and_certificates(out_file.read_bytes(), b"une phrase")
    assert key is not None
    assert out_file.stat().st_mode & 0o077 == 0


def test_what_is_missing_is_said(desk: Shell, tmp_path: Path) -> None:
    """No file, a file that is none, an administrator whose device is not enrolled."""
    assert "donnez le fichier" in desk.hp("console", "--install-only").err
    (tmp_path / "x").write_text("{}")
    assert desk.hp("console", str(tmp_path / "x"), "--install-only").status == 78
    assert "inscrivez" in desk.hp("console", "--as", "superadmin", "--install-only").err
