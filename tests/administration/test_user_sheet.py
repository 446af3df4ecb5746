"""Users as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.administration.user_sheet import Plan, Wrong, read_sheet, write_sheet
from hpserver.errors import ImportRefusedError
from hpserver.protocol.catalogue import administration as w


def row(login: str, **fields: str | bool | tuple[tuple[str, str], ...]) -> w.UserRow:
    """A user there is."""
    usual: dict[str, object] = {
        "user": 1, "login": login, "name": "N", "first_name": "", "title": "", "status": "user", "enabled": True,
        "console": False, "measure": "", "must_change": False, "email": "", "phone": "", "mobile": "", "ldap": "",
        "cas": "", "wsfed": "", "saml": "", "last_sign_in": 0, "profiles": (),
    }  # fmt: skip
    return w.UserRow(**usual | fields)  # type: ignore[arg-type]  # a table of texts


def test_what_is_written_is_read_again_and_changes_nothing() -> None:
    """In both languages; a phone number that begins with + is no formula."""
    users = [
        row("ada", phone="+33 1", profiles=(("planning01", "Modification"), ("planning02", "Vœux"))),
        row("bob", name="=cmd()", status="base_admin", console=True, email="bob@ecole.fr"),
        row("zoe", name="'Apo"),
    ]
    for language in ("fr", "en"):
        content = write_sheet(users, language)
        assert b";=cmd" not in content
        assert read_sheet(content, users) == Plan((), (), (), 3, ())


def test_a_table_adds_changes_and_assigns() -> None:
    """Columns may be left out and stand in any order; what has no column is not touched."""
    content = (
        "Prénom;Identifiant;Nom;Statut;Profils\nZoé;zoe;Zola;;planning01=Consultation\n;ADA;L;Administrateur de base;\n"
    )
    users = [row("ada", phone="1"), row("bob")]
    assert read_sheet(content.encode(), users) == Plan(
        (w.AddUser("zoe", "Zola", first_name="Zoé"),),
        (w.ChangeUser("ada", name="L", status="base_admin"),),
        (w.Assign("planning01", "zoe", "Consultation"),),
        0,
        (),
    )


def test_a_column_that_nobody_knows_is_told_and_usual_titles_are_known() -> None:
    """What a school wrote in a column of its own is not lost unseen."""
    plan = read_sheet(b"Identifiant;Nom;Courriel;Classe;\nzoe;Z;z@ecole.fr;6e A;\n", [])
    assert plan.add == (w.AddUser("zoe", "Z", email="z@ecole.fr"),)
    assert plan.ignored == ("Classe",)


def test_what_is_wrong_is_told_by_line_and_column() -> None:
    """The other lines are planned all the same: the preview shows both."""
    lines = [
        "login,name,status,email,console,profiles",
        "zoe,Z,king,,,",
        "bob,B,,nobody,,",
        "eve,E,,,perhaps,",
        "eva,E,,,,x",
    ]
    lines += ["zac,,,,,", " ,N,,,,", "ada,L,,,,", "ADA,L,,,,"]
    plan = read_sheet("\n".join(lines).encode(), [])
    assert [(one.line, one.field) for one in plan.wrong] == [
        (2, "status"), (3, "email"), (4, "console"), (5, "profiles"), (6, "name"), (7, "login"), (9, "login"),
    ]  # fmt: skip
    assert plan.wrong[-1] == Wrong(9, "login", "ada is there twice")
    assert [one.login for one in plan.add] == ["ada"]


def test_what_the_directory_would_refuse_is_told_before_anything_is_done() -> None:
    """Too long, or with what nobody sees: a table is done wholly, or repaired first."""
    bad = {"name": "a\0b", "first_name": "\u202eeoz", "title": "t" * 65, "ldap": "l" * 300, "phone": "9" * 300}
    lines = [";".join(("login", *bad))]
    for number, field in enumerate(bad):
        lines.append(";".join((f"user{number}", *(bad[one] if one == field else "x" for one in bad))))
    plan = read_sheet("\n".join(lines).encode(), [])
    assert [(one.line, one.field) for one in plan.wrong] == list(enumerate(bad, 2))
    assert not plan.add


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\uff1dcmd|'/C calc'!A0", "\uff0b1", "\uff0d1", "\uff20x", "'=x"]
)
def test_no_spreadsheet_takes_a_name_for_a_formula(text: str) -> None:
    """Whatever somebody calls themselves; and it is read again as it was."""
    written = write_sheet([row("ada", name=text)], "fr").decode("utf-8-sig")
    assert f"'{text}" in written
    assert not read_sheet(written.encode(), [row("ada", name=text)]).wishes()


def test_a_table_of_something_else_is_refused() -> None:
    """Nothing is planned from a file without logins."""
    for content in (b"", b"a;b\n1;2", b"\x00\x00"):
        with pytest.raises(ImportRefusedError):
            read_sheet(content, [])
    with pytest.raises(ImportRefusedError):
        read_sheet(b"login\n" + b"x\n" * 20_001, [])


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: b"login;name;profiles\n" + text.encode("utf-8", "replace"))
)
def test_no_bytes_do_harm(content: bytes) -> None:
    """A plan, or a refusal."""
    try:
        read_sheet(content, [row("ada")])
    except ImportRefusedError:
        return


def test_an_empty_cell_clears_nothing() -> None:
    """A list of last year takes away nothing that was added since."""
    content = b"login;name;email;console\nada;L;;\n"
    users = [row("ada", name="L", email="ada@ecole.fr", console=True)]
    assert read_sheet(content, users) == Plan((), (), (), 1, ())
