import json

from tests.cli.shell import WEEKS, Shell


def names(shell: Shell) -> list[tuple[str, str]]:
    """The plannings, and what people see of them."""
    return [(row["name"], row["publication"]) for row in shell.json("planning", "list")]


def test_a_stopped_planning_takes_another_name(shell: Shell) -> None:
    """For the commands, for people, or both; never that of another."""
    shell.ok("planning", "rename", "planning01", "annee", "--publication", "Année 2026")
    assert names(shell)[0] == ("annee", "Année 2026")
    assert shell.hp("planning", "rename", "annee", "planning02").status == 5
    assert shell.hp("planning", "rename", "annee").status == 2
    shell.ok("base", "create", "annee", "Base", *WEEKS)
    assert shell.hp("planning", "rename", "annee", "autre").status == 5


def test_a_planning_is_deleted_and_its_base_stays(shell: Shell) -> None:
    """Its name is typed again; what is in service is not touched."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.hp("planning", "delete", "planning01", "--yes").status == 5
    shell.ok("planning", "stop", "planning01")
    assert shell.hp("planning", "delete", "planning01", given="no\n").status == 2
    shell.ok("planning", "delete", "planning01", given="planning01\n")
    assert [name for name, _ in names(shell)] == ["planning02"]
    assert [(one["base"], one["planning"]) for one in shell.json("base", "list")] == [("Base", "")]
    assert "planning.deleted" in [row["event"] for row in shell.json("audit", "show")]


def test_an_account_goes_once_all_of_it_is_elsewhere(shell: Shell) -> None:
    """Every base with its history, who was there without their secrets, and what was done."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    out = shell.folder / "out"
    assert shell.hp("hosting", "delete", "ecole.example", "--out", out, "--yes").status == 5
    shell.ok("planning", "stop", "planning01")
    assert shell.hp("hosting", "delete", "ecole.example", "--out", shell.state, "--yes").status == 78
    told = shell.ok("hosting", "delete", "ecole.example", "--out", out, given="ecole.example\n")
    assert sorted(path.name for path in out.iterdir()) == ["Base.hpx", "account.json", "audit.log"]
    assert "hash" not in (out / "account.json").read_text()
    assert json.loads((out / "account.json").read_bytes())["account"]["domain"] == "ecole.example"
    assert b"account.deleted" in next((shell.state / "audit").glob("*.log")).read_bytes()
    assert shell.json("hosting", "list") == []
    assert list((shell.state / "trash").rglob("Base.hpbase"))
    assert shell.hp("planning", "list").status == 3
    number = next((shell.state / "audit").glob("*.log")).stem
    assert str(shell.state / "trash" / number) in told.out
    assert not list((shell.state / "certs").rglob(f"*{number}*")), "no certificate of it is ever issued again"


def test_nothing_of_an_erased_account_stays(shell: Shell) -> None:
    """The school has it all in one folder; this machine has its name and number nowhere."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("base", "backup", "Base")
    shell.ok("planning", "stop", "planning01")
    (number,) = (row["number"] for row in shell.json("hosting", "list"))
    out = shell.folder / "out"
    words = ("--output", "json", "hosting", "delete", "ecole.example", "--out", out, "--erase", "--yes")
    assert shell.ok(*words).value["kept"] == {}
    assert sorted(path.name for path in out.iterdir()) == ["Base.hpx", "account.json", "audit.log"]
    assert b"account.deleted" not in (out / "audit.log").read_bytes()
    assert not list(shell.state.rglob(f"*{number}*"))
