from stat import S_IMODE

import pytest

from hpserver.certs.param_client import read_param_client
from tests.cli.shell import Shell


@pytest.mark.slow
def test_an_account_is_opened_with_all_it_needs(bare: Shell) -> None:
    """Numbers, ports, two plannings, and the password that is shown once."""
    value = bare.json("hosting", "create", "École", "--domain", "ecole.example", "--port", "24000")
    assert value["port"] == 24000
    assert [one["name"] for one in value["plannings"]] == ["planning01", "planning02"]
    assert value["console_password"]
    [listed] = bare.json("hosting", "list")
    assert listed["number"] == value["number"]
    assert value["console_password"] not in bare.ok("hosting", "list").out


@pytest.mark.slow
def test_it_is_told_in_french(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """For who reads French."""
    monkeypatch.setenv("HP_LANG", "fr")
    assert "Compte d'hébergement créé" in bare.ok("hosting", "create", "École", "--domain", "ecole.example").out


@pytest.mark.slow
def test_a_name_or_a_port_that_is_taken_or_wrong_is_refused(shell: Shell) -> None:
    """Status 5 for what is taken, 2 for what is no name; nothing is left of it."""
    assert shell.hp("hosting", "create", "B", "--domain", "ecole.example").status == 5
    assert shell.hp("hosting", "create", "B", "--domain", "no domain").status == 2
    assert shell.hp("hosting", "create", "", "--domain", "b.example").status == 2
    assert shell.hp("hosting", "create", "B", "--domain", "b.example", "--port", "99999").status == 2
    assert len(shell.json("hosting", "list")) == 1


def test_a_param_client_file_is_for_its_owner_alone(shell: Shell) -> None:
    """It holds a ticket; the console shows none of it."""
    out = shell.file("ParamClient", "old")
    told = shell.ok("hosting", "param-client", "--out", out, "--uses", "3", "--host", "10.0.0.1")
    assert S_IMODE(out.stat().st_mode) == 0o600
    param = read_param_client(out.read_bytes())
    assert param.host == "10.0.0.1"
    assert param.ticket not in told.out
    assert shell.json("hosting", "param-client", "--out", out)["uses"] == 1
    piped = shell.ok("hosting", "param-client", "--out", "-")
    assert "secret" in piped.err
    assert read_param_client(piped.out.encode()).school == "École"


def test_an_account_that_is_not_there_or_a_place_that_cannot_be_written(shell: Shell, bare: Shell) -> None:
    """3 and 78, and what to do."""
    assert shell.hp("hosting", "param-client", "--account", "nope").status == 3
    refused = shell.hp("hosting", "param-client", "--out", "/nonexistent/x")
    assert (refused.status, "/nonexistent/x" in refused.err) == (78, True)
    assert bare.folder


@pytest.mark.slow
def test_a_lost_passphrase_is_said_with_its_file(shell: Shell) -> None:
    """The root cannot sign without it."""
    (shell.state / "certs" / "root.passphrase").write_text("wrong")
    refused = shell.hp("hosting", "create", "B", "--domain", "b.example")
    assert (refused.status, refused.out) == (78, "")
    assert "root.key" in refused.err
