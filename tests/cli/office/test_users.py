import pytest

from tests.cli.shell import PASSWORD, Shell


def test_a_user_is_added_with_a_password_from_a_file(shell: Shell) -> None:
    """No secret is ever a word of the command line: the options take files."""
    file = shell.file("pw", PASSWORD + "\n")
    value = shell.json("user", "add", "Ada", "--name", "Lovelace", "--initial-password-file", file,
                       "--profile", "planning01=modification")  # fmt: skip
    assert value == {"login": "ada", "status": "user", "password": "", "until": 0}
    [listed] = shell.json("user", "list")
    assert (listed["login"], listed["measure"]) == ("ada", "")
    assert "Lovelace" in shell.ok("user", "list").out


def test_a_generated_password_is_shown_once(shell: Shell) -> None:
    """And is nowhere afterwards."""
    generated = shell.json("user", "add", "ada", "--name", "L")["password"]
    assert len(generated) >= 16
    assert generated not in shell.ok("user", "list").out


@pytest.mark.parametrize(
    "words",
    [
        ("--profile", "planning01=Foo"), ("--profile", "Consultation"), ("--profile", "planning01=Administration"),
        ("--measure", "pin"), ("--status", "king"), ("--initial-password-file", "/nonexistent"),
        ("--initial-password-file", "/"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_before_anything_is_kept(shell: Shell, words: tuple[str, ...]) -> None:
    """Status 2, or 3 for what does not exist, and no half-made user."""
    refused = shell.hp("user", "add", "ada", "--name", "L", *words)
    assert (refused.status, refused.out) == (3 if "Foo" in words[1] else 2, "")
    assert shell.json("user", "list") == []


def test_weak_secrets_and_taken_names_have_their_status(shell: Shell) -> None:
    """The secret itself is not repeated."""
    weak = shell.file("weak", "abc")
    refused = shell.hp("user", "add", "ada", "--name", "L", "--initial-password-file", weak)
    assert (refused.status, "abc" in refused.err) == (2, False)
    binary = shell.file("binary", b"\xff")
    assert shell.hp("user", "add", "ada", "--name", "L", "--initial-password-file", binary).status == 78
    pin = shell.file("pin", "12345678")
    assert shell.hp("user", "add", "ada", "--name", "L", "--measure", "pin", "--initial-pin-file", weak).status == 2
    assert shell.hp("user", "add", "bob", "--name", "B", "--initial-pin-file", pin).status == 2
    shell.ok("user", "add", "ada", "--name", "L")
    taken = shell.hp("user", "add", "ADA", "--name", "L")
    assert (taken.status, "the login is taken already" in taken.err) == (5, True)


def test_a_profile_is_given(shell: Shell) -> None:
    """To who exists, where it exists, within what the status allows."""
    shell.ok("user", "add", "ada", "--name", "L")
    value = shell.json("user", "assign", "ada", "planning01", "Consultation")
    assert value == {"login": "ada", "planning": "planning01", "profile": "Consultation", "closed": 0}
    assert shell.hp("user", "assign", "ada", "planning09", "Consultation").status == 3
    assert shell.hp("user", "assign", "bob", "planning01", "Consultation").status == 3
    assert shell.hp("user", "assign", "ada", "planning01", "Administration").status == 4
    assert shell.hp("user", "assign", "ada", "planning01", "Foo").status == 3


def test_a_user_is_shut_out_and_let_in_again(shell: Shell) -> None:
    """Where no controller runs, the command does it itself."""
    shell.ok("user", "add", "ada", "--name", "Lovelace")
    assert shell.json("user", "disable", "ADA") == {"login": "ADA", "enabled": False, "closed": 0}
    assert [one["enabled"] for one in shell.json("user", "list")] == [False]
    shell.ok("user", "enable", "ada")
    assert [one["enabled"] for one in shell.json("user", "list")] == [True]
    assert shell.hp("user", "disable", "bob").status == 3


def test_users_travel_as_a_table(shell: Shell) -> None:
    """Tried first, refused as a whole when a line is wrong, and the same table again changes nothing."""
    shell.ok("user", "add", "ada", "--name", "Lovelace", "--phone", "+33 1", "--profile", "planning01=Modification")
    assert "Lovelace" in shell.ok("user", "export", "-").out
    table = shell.file("users.csv", "login;name;profiles\nzoe;Zola;planning01=Consultation\nada;L;\n")
    tried = shell.json("user", "import", table, "--dry-run")
    assert (tried["added"], tried["changed"], tried["assigned"]) == (1, 1, 1)
    assert shell.hp("user", "import", table).status == 2
    passwords = shell.folder / "passwords.csv"
    shell.ok("user", "import", table, "--passwords", str(passwords))
    assert passwords.stat().st_mode & 0o077 == 0
    assert [line.partition(";")[0] for line in passwords.read_text().splitlines()] == ["login", "zoe"]
    assert shell.json("user", "import", table)["same"] == 2
    wrong = shell.file("wrong.csv", "login;status\neve;king\n")
    assert shell.hp("user", "import", wrong).status != 0
    assert [one["login"] for one in shell.json("user", "list")] == ["ada", "zoe"]


def test_an_import_that_is_refused_half_way_says_what_was_done(shell: Shell) -> None:
    """Who is in already, where their passwords are, and that the rest can be brought in by the same table."""
    shell.ok("user", "add", "ada", "--name", "L", "--status", "superadmin")
    table = shell.file("users.csv", "login;name;status\nzoe;Zola;user\nada;L;user\n")
    passwords = shell.folder / "passwords.csv"
    refused = shell.hp("user", "import", table, "--passwords", str(passwords))
    assert refused.status == 4
    assert "Stopped at: ~ ada: Status" in refused.err
    assert "(1 of 2)" in refused.err
    assert f"are in {passwords}: keep that file" in refused.err
    assert "zoe;" in passwords.read_text()
    shell.file("users.csv", "login;name;status\nzoe;Zola;user\nada;L;superadmin\n")
    assert shell.json("user", "import", table)["same"] == 2


def test_a_change_of_nothing_is_refused(shell: Shell) -> None:
    """It would say that somebody was changed, and the log would keep it."""
    shell.ok("user", "add", "ada", "--name", "L")
    refused = shell.hp("user", "change", "ada")
    assert (refused.status, refused.out) == (2, "")
    assert "nothing to change" in refused.err
    assert "ada changed" in shell.ok("user", "change", "ada", "--email", "").out


def test_the_language_of_letters_is_shown_and_changed(shell: Shell) -> None:
    """French, English, or that of the installation."""
    shell.ok("user", "add", "ada", "--name", "L", "--language", "en")
    assert shell.json("user", "show", "ada")["language"] == "en"
    assert "Language of mail: en" in shell.ok("user", "show", "ada").out
    shell.ok("user", "change", "ada", "--language", "fr")
    shell.ok("user", "change", "ada", "--title", "Mme")
    assert shell.json("user", "show", "ada")["language"] == "fr"
    assert shell.hp("user", "change", "ada", "--language", "de").status == 2


def test_who_may_open_a_planning_is_listed(shell: Shell) -> None:
    """With the profile of each, for who looks after one planning."""
    for login, profile in (("zoe", "Consultation"), ("ada", "Modification")):
        shell.ok("user", "add", login, "--name", login.title(), "--profile", f"planning01={profile}")
    told = shell.json("user", "assigned", "planning01")
    assert [(one["login"], one["profile"]) for one in told] == [("ada", "Modification"), ("zoe", "Consultation")]
    assert shell.json("user", "assigned", "planning02") == []
    assert shell.hp("user", "assigned", "planning09").status == 3
