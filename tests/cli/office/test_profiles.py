"""`hp profile`."""

import pytest

from tests.cli.shell import Shell


def test_a_profile_is_made_shown_changed_and_deleted(shell: Shell) -> None:
    """What is not said stays as it was."""
    made = shell.json("profile", "create", "planning01", "Vœux", "--others", "read", "--domain", "wishes=edit",
                      "--kind", "grade=none", "--category", "3", "--allow", "force")  # fmt: skip
    assert made == {
        "name": "Vœux", "type": "modifier", "others": "read", "domains": {"wishes": "edit"},
        "kinds": {"grade": "none"}, "categories": [3], "actions": ["force"], "users": 0, "places": -1, "reserved": 0,
    }  # fmt: skip
    shown = shell.json("profile", "show", "planning01", "vœux")
    levels = [shown["levels"][kind] for kind in ("availability", "grade", "room")]
    assert levels == ["edit", "none", "read"]
    changed = shell.json(
        "profile", "set", "planning01", "Vœux", "--kind", "room=none", "--all-categories", "--refuse", "force"
    )
    assert changed == {**made, "kinds": {"grade": "none", "room": "none"}, "categories": [], "actions": []}
    assert "grade=none, room=none" in shell.ok("profile", "list", "planning01").out
    assert "Vœux" in shell.ok("profile", "show", "planning01", "Vœux").out
    shell.ok("profile", "delete", "planning01", "Vœux")
    names = [one["name"] for one in shell.json("profile", "list", "planning01")]
    assert names == ["Administration", "Modification", "Consultation"]


def test_a_profile_begins_with_the_rights_of_another(shell: Shell) -> None:
    """As the usual ones, but for what is said; what only administrators have is left out."""
    made = shell.json("profile", "create", "planning01", "Chef", "--like", "administration", "--kind", "grade=none")
    assert (made["others"], made["kinds"]) == ("edit", {"grade": "none"})
    assert made["actions"] == ["force", "undo_others", "import", "export"]
    consultant = shell.json("profile", "create", "planning01", "Lecteur", "--like", "Chef", "--type", "consultant")
    assert (consultant["others"], consultant["actions"]) == ("read", ["export"])


def test_users_get_profiles_of_the_school(shell: Shell) -> None:
    """Wherever a profile is given, by the name it has in that planning."""
    shell.ok("profile", "create", "planning01", "Vœux")
    shell.ok("user", "add", "ada", "--name", "L", "--profile", "planning01=vœux")
    shell.ok("user", "add", "bob", "--name", "B")
    assert shell.json("user", "assign", "bob", "planning01", "vœux")["profile"] == "Vœux"
    assert shell.hp("user", "assign", "bob", "planning02", "Vœux").status == 3
    assert shell.hp("profile", "delete", "planning01", "Vœux").status == 4


@pytest.mark.parametrize(
    "words",
    [
        ("--domain", "moon=read"), ("--kind", "room=write"), ("--kind", "room"), ("--allow", "rule"),
        ("--category", "0"), ("--category", "1", "--all-categories"), ("--others", "all"),
    ],
)  # fmt: skip
def test_a_right_that_does_not_exist_is_refused(shell: Shell, words: tuple[str, ...]) -> None:
    """Status 2, and no profile."""
    assert shell.hp("profile", "create", "planning01", "Vœux", *words).status == 2
    assert len(shell.json("profile", "list", "planning01")) == 3


def test_the_usual_profiles_are_not_changed(shell: Shell) -> None:
    """Status 4: it is not a mistake, it is not allowed."""
    assert shell.hp("profile", "set", "planning01", "Consultation", "--others", "edit").status == 4
    assert shell.hp("profile", "show", "planning01", "Rien").status == 3
