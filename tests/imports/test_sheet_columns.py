import pytest

from hpserver.base.registry import KINDS
from hpserver.errors import ImportRefusedError, InvalidChangeError
from hpserver.imports.sheet_columns import columns_of, virtual
from hpserver.imports.table_text import read_text


def fields(titles: str, kind: str, **chosen: str) -> list[str]:
    """Return the field of each column."""
    return [column.field for column in columns_of(read_text(titles.encode()), KINDS[kind], chosen)]


@pytest.mark.parametrize(
    ("titles", "kind", "found"),
    [
        ("Nom;Capacité;Site", "room", ["name", "capacity", "site"]),
        ("NAME,capacity,building", "room", ["name", "capacity", "site"]),
        ("Salle,Code,Couleur", "room", ["name", "code", ""]),
        ("Nom,PRENOM,Courriel,Date de naissance", "student", ["name", "first_name", "email", "born_on"]),
        ("Matière,Prof,Promo,Salle,Jour,Heure,Durée,Semaines,Type", "activity",
         ["subject", "instructors", "cohorts", "rooms", "day", "hour", "duration", "weeks", "instructional_type"]),
        ("Nom,Nom", "subject", ["name", ""]),
        ("Clé,Promotion,Nom", "group", ["key", "cohort", "name"]),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_their_titles(titles: str, kind: str, found: list[str]) -> None:
    """Labels in French and English, names of fields, usual words; case and accents do not count."""
    assert fields(titles, kind) == found


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "meeting"])
def test_every_label_of_every_kind_is_known(kind: str) -> None:
    """A new field is importable by its labels and its name without a line of code."""
    for field in KINDS[kind].fields():
        assert fields(field.name, kind) == [field.name]
        assert fields(field.fr.replace(",", " "), kind) != [""]
        assert fields(field.en.replace(",", " "), kind) != [""]


def test_what_is_said_comes_before_what_is_guessed() -> None:
    """By title or by number, by label or by name; `-` leaves a column out."""
    assert fields("A;Nom;C", "room", A="Nom", nom="-", **{"3": "capacity"}) == ["name", "", "capacity"]


def test_a_wrong_wish_is_refused() -> None:
    """No such column, no such field, two columns for one field, none at all."""
    for chosen in ({"Z": "name"}, {"Nom": "taille"}, {"9": "name"}):
        with pytest.raises(InvalidChangeError):
            fields("Nom,Code", "room", **chosen)
    with pytest.raises(ImportRefusedError):
        fields("A,B", "room", A="name", B="name")
    with pytest.raises(ImportRefusedError):
        fields("x,y", "room")


def test_only_kinds_with_a_place_have_a_day_and_an_hour() -> None:
    """In columns of their own."""
    assert virtual(KINDS["activity"]) == ("key", "day", "hour")
    assert virtual(KINDS["room"]) == ("key",)
