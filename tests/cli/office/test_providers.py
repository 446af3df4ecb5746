"""`hp provider`: the services that say who signs in, from a shell."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.cli.shell import Shell
from tests.pki import Pki


def test_a_configuration_is_added_used_changed_and_removed(shell: Shell, tmp_path: Path) -> None:
    """What is said is kept, what is not said stays, and the file of an authority is read here."""
    ca = tmp_path / "ca.pem"
    root = Pki.create(tmp_path).root.certificate.public_bytes(Encoding.PEM)
    ca.write_bytes(root)
    added = shell.json("provider", "add", "CAS", "https://cas.example/cas/", "--ca", str(ca), "--local", "superadmins")
    row = {
        "name": "CAS", "protocol": "cas", "address": "https://cas.example/cas", "authority": root.decode(),
        "attribute": "", "local": "superadmins", "active": False,
    }  # fmt: skip
    assert added == [row] == shell.json("provider", "list")
    assert shell.json("provider", "activate", "CAS") == [row | {"active": True}]
    told = shell.ok("provider", "list").out
    assert "https://cas.example/cas" in told
    assert "BEGIN" not in told
    changed = shell.json("provider", "change", "CAS", "--attribute", "uid", "--system-ca", "--name", "Lycée")
    assert changed == [row | {"active": True, "attribute": "uid", "authority": "", "name": "Lycée"}]
    assert shell.json("provider", "deactivate", "Lycée")[0]["active"] is False
    assert shell.json("provider", "remove", "Lycée") == []
    assert "https://host/path" in shell.hp("provider", "add", "x", "http://cas.example").err
