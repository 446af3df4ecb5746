"""How what is hosted is found, asked for and changed from a shell."""

from tests.cli.shell import WEEKS, Shell


def test_a_controller_and_its_plannings_have_other_names(shell: Shell) -> None:
    """One label will do; what is not below the account's domain is a wrong word, what is taken a conflict."""
    assert shell.json("controller", "domain", "edt") == {
        "domain": "edt.ecole.example", "zone": "ecole.example", "port": 21200,
    }  # fmt: skip
    assert "edt.ecole.example" in shell.json("ca", "status")["server_names"]
    named = shell.json("planning", "domain", "planning01", "été.ecole.example", "--account", "edt.ecole.example")
    assert named["domain"] == "xn--t-9fab.ecole.example"
    assert "été.ecole.example" in shell.ok("planning", "net", "planning01", "--on", "--account", "ecole.example").out
    assert shell.json("planning", "timezone", "planning01", "Indian/Reunion")["timezone"] == "Indian/Reunion"
    assert shell.hp("planning", "domain", "planning02", "autre.example").status == 2
    assert shell.hp("planning", "domain", "planning02", "edt").status == 5
    assert shell.hp("planning", "timezone", "planning02", "Europe/Paname").status == 2
    assert shell.json("controller", "domain")["domain"] == "ecole.example"
    events = [row["event"] for row in shell.json("audit", "show")]
    assert events.count("controller.named") == 2
    assert "planning.set" in events


def test_what_is_hosted_is_shown(shell: Shell) -> None:
    """The same as the console shows: for people with its words, for programs with every field."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01")
    assert shell.json("hosting", "show")["plannings"][0]["saved_at"] == 0
    shell.ok("base", "edit", "add", "Base", "subject", "name=Latin")
    shell.ok("planning", "start", "planning01")
    told = shell.json("hosting", "show")
    one, two = told["plannings"]
    assert (told["domain"], told["state"], told["bases"]) == ("ecole.example", "stopped", ["Base"])
    assert (one["base"], one["desired"], two["base"]) == ("Base", "up", "")
    assert one["saved_at"] > two["saved_at"] == 0
    text = shell.ok("hosting", "show", "ecole.example").out
    assert "planning01.ecole.example" in text
    assert shell.hp("hosting", "show", "autre.example").status == 3


def test_lines_for_the_dns_are_shown(shell: Shell) -> None:
    """Ready to be copied: a zone, or hosts files."""
    zone = shell.ok("hosting", "dns", "--address", "192.0.2.9").out.splitlines()
    assert "ecole.example. 3600 IN A 192.0.2.9" in zone
    assert "console.ecole.example. 3600 IN CNAME ecole.example." in zone
    hosts = shell.ok("hosting", "dns", "ecole.example", "--hosts", "--address", "192.0.2.9").out.splitlines()
    assert "192.0.2.9 planning01.ecole.example" in hosts
    assert shell.json("hosting", "dns")["addresses"] == ["127.0.0.1"]
    assert shell.hp("hosting", "dns", "--address", "here").status == 2


def test_a_base_is_taken_out_of_its_planning(shell: Shell) -> None:
    """Only while it is stopped; it stays."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.hp("base", "unload", "planning01").status == 5
    shell.ok("planning", "stop", "planning01")
    assert shell.json("base", "unload", "planning01") == {"planning": "planning01", "base": "", "was": "Base"}
    assert [(one["base"], one["planning"]) for one in shell.json("base", "list")] == [("Base", "")]
