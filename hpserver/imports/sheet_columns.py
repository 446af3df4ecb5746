"""Which column of a table fills which field of a kind: guessed from its title, or said. Reads the registry, no row."""

from collections.abc import Mapping
from typing import Final

from hpserver.base.registry import KINDS, Kind
from hpserver.errors import InvalidChangeError
from hpserver.imports.sheet_plan import Column
from hpserver.imports.spelling import fold
from hpserver.imports.table import Table, refused

IGNORED: Final = ("", "-", "ignore", "champ ignoré")
"""What one says of a column that is to be left out."""
DAY: Final = "day"
"""The day of a place, when its hour is in a column of its own."""
HOUR: Final = "hour"
"""The hour of a place, when its day is in a column of its own."""
KEY: Final = "key"
"""The number of the object in the base."""

_OTHER_TITLES: Final = {
    DAY: ("jour", "day"),
    HOUR: ("heure", "hour", "debut", "start", "heure de debut", "horaire"),
    KEY: ("cle", "key"),
    "name": ("libelle", "intitule", "designation", "label", "title", "nom de famille", "last name", "surname"),
    "first_name": ("prenom", "first name", "given name"),
    "code": ("code", "numero", "number", "identifiant", "id", "uid", "reference"),
    "email": ("email", "e-mail", "mail", "courriel", "adresse mail", "adresse e-mail", "adresse electronique"),
    "phone": ("tel", "telephone", "tel.", "portable", "mobile", "phone"),
    "capacity": ("capacite", "places", "nb places", "seats", "effectif max"),
    "size": ("effectif", "nb etudiants", "nombre d'etudiants", "size", "headcount"),
    "born_on": ("date de naissance", "naissance", "ne le", "nee le", "ne(e) le", "birth date", "born on"),
    "instructors": ("enseignant", "enseignants", "professeur", "prof", "intervenant", "intervenants", "teacher",
                    "teachers", "instructor", "enseignant(s)"),
    "cohorts": ("promotion", "promotions", "promo", "classe", "classes", "class", "cohort", "promotion(s)"),
    "groups": ("td", "groupe", "groupes", "group", "groups", "tds", "td et options"),
    "combined": ("regroupement", "regroupements", "combined group"),
    "rooms": ("salle", "salles", "room", "rooms", "lieu", "salle(s)"),
    "subject": ("matiere", "matieres", "subject", "module", "cours", "ue"),
    "instructional_type": ("type", "type de cours", "nature"),
    "duration": ("duree", "duration", "length"),
    "weeks": ("semaines", "semaine", "weeks", "week", "numeros de semaines"),
    "memo": ("memo", "remarque", "commentaire", "note", "comment"),
    "site": ("site", "batiment", "building", "campus"),
    "students": ("effectif", "effectif attendu"),
}  # fmt: skip
"""Further titles seen in real files, without case and accents; they count where a kind has the field."""


def columns_of(table: Table, kind: Kind, chosen: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the columns, each with its field. `chosen` says fields by title, or by number from 1.

    A field is guessed from its labels, its name, and other usual titles, whatever their case and accents; the first
    column that fits gets it. Raises ImportRefusedError: two columns chosen for one field, or none fits;
    InvalidChangeError: what is chosen is not there.
    """
    titles = table.titles()
    said = _said(titles, kind, chosen)
    taken = set(said.values()) - {""}
    if len(taken) < sum(1 for field in said.values() if field):
        raise refused("two columns are chosen for the same field", 1, 1 + min(said))
    columns = []
    guesses = _guesses(kind)
    for at, title in enumerate(titles):
        field = said[at] if at in said else next((one for one in guesses.get(fold(title), ()) if one not in taken), "")
        taken.add(field)
        columns.append(Column(at + 1, title, field))
    if not any(column.field for column in columns):
        labels = ", ".join(field.fr for field in kind.fields())
        raise refused(f"no column of it is a field of {kind.fr}: {labels}", 1, 1)
    return tuple(columns)


def virtual(kind: Kind) -> tuple[str, ...]:
    """Return the names that a column may fill beside the fields of a kind."""
    return (KEY, DAY, HOUR) if "place" in kind.by_name else (KEY,)


def _said(titles: tuple[str, ...], kind: Kind, chosen: Mapping[str, str]) -> dict[int, str]:
    said: dict[int, str] = {}
    for title, field in chosen.items():
        found = [at for at, one in enumerate(titles) if fold(one) == fold(title)]
        if not found and title.isdecimal() and 1 <= int(title[:6]) <= len(titles):
            found = [int(title) - 1]
        if not found:
            raise InvalidChangeError(f"no column has the title or number {title[:64]!r}", kind=kind.name)
        said[found[0]] = "" if fold(field) in map(fold, IGNORED) else _field(kind, field)
    return said


def _field(kind: Kind, wanted: str) -> str:
    if wanted in kind.by_name or wanted in virtual(kind):
        return wanted
    found = _guesses(kind).get(fold(wanted), [])
    if not found:
        names = ", ".join((*kind.by_name, *virtual(kind)))
        raise InvalidChangeError(f"{kind.name} has no field {wanted[:64]!r}: {names}", kind=kind.name)
    return found[0]


def _guesses(kind: Kind) -> dict[str, list[str]]:
    """Return the fields by title, the likeliest first."""
    found: dict[str, list[str]] = {}
    for field in kind.fields():
        target = KINDS.get(field.ref or "")
        labels = [field.name, field.fr, field.en, field.fr.partition(" (")[0], field.en.partition(" (")[0]]
        for label in labels if target is None else [*labels, target.fr]:
            found.setdefault(fold(label), []).append(field.name)
    for name in virtual(kind):
        found.setdefault(name, []).append(name)
    if kind.one_of or "name" in kind.by_name:
        found.setdefault(fold(kind.fr), []).append("name")
        found.setdefault(fold(kind.en), []).append("name")
    for name, titles in _OTHER_TITLES.items():
        if name in kind.by_name or name in virtual(kind):
            for title in titles:
                found.setdefault(title, []).append(name)
    return {title: [name for name in dict.fromkeys(names) if name in kind.by_name or name in virtual(kind)]
            for title, names in found.items()}  # fmt: skip
