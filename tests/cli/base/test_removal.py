import pytest

from tests.cli.shell import WEEKS, Shell


@pytest.fixture
def stopped(shell: Shell) -> Shell:
    """A base in a planning that is stopped."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01")
    return shell


def told(shell: Shell) -> list[tuple[str, str]]:
    """The bases, and the plannings they are in."""
    return [(row["base"], row["planning"]) for row in shell.json("base", "list")]


def audited(shell: Shell) -> list[str]:
    """The events of the audit log."""
    return [row["event"] for row in shell.json("audit", "show")]


def test_a_base_takes_another_name_and_its_planning_follows(stopped: Shell) -> None:
    """Who loads it tomorrow finds it; its document has the name of today."""
    stopped.ok("base", "rename", "Base", "Année 2026")
    assert told(stopped) == [("Année 2026", "planning01")]
    assert "base.renamed" in audited(stopped)
    stopped.ok("base", "export", "Année 2026", "--out", stopped.folder / "out.hpx")
    assert stopped.json("base", "verify", stopped.folder / "out.hpx")["base"] == "Année 2026"
    assert stopped.hp("base", "rename", "Base", "Other").status == 3


def test_a_base_is_deleted_by_who_types_its_name(stopped: Shell) -> None:
    """What is deleted is told where it is, and comes back."""
    assert stopped.hp("base", "delete", "Base", given="Bas\n").status == 2
    assert told(stopped) == [("Base", "planning01")]
    gone = stopped.ok("base", "delete", "Base", given="Base\n")
    (row,) = stopped.json("base", "trash")
    assert row["base"] == "Base"
    assert str(stopped.state / "trash") in gone.out
    assert told(stopped) == []
    assert "put back" in stopped.ok("base", "put-back", "Base").out
    stopped.ok("base", "load", "planning01", "Base")
    assert told(stopped) == [("Base", "planning01")]
    assert {"base.deleted", "base.put_back"} <= set(audited(stopped))


def test_a_base_that_is_needed_stays(shell: Shell) -> None:
    """In service, or with a branch that would come from nowhere."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.hp("base", "delete", "Base", "--yes").status == 5
    assert shell.hp("base", "rename", "Base", "Other").status == 5
    shell.ok("planning", "stop", "planning01")
    shell.ok("base", "branch", "create", "Base", "Essai")
    assert "Essai" in shell.hp("base", "delete", "Base", "--yes").err
    assert shell.hp("base", "rename", "Essai", "Other").status == 5
    shell.ok("base", "delete", "Essai", "--yes")
    shell.ok("base", "put-back", "Essai")
    assert [row["branch"] for row in shell.json("base", "branch", "list")] == ["Essai"]
