"""What the errors say, in French: all of it, with its values."""

import re

import pytest

from hpserver.cli.words.french.translate import SENTENCES, in_french, maybe_known
from hpserver.protocol.password_rules import checklist
from tests.sentences import HOLE, sentences

ROOMS = {
    "base": ("base", "planning"),
    "people": (
        "identity",
        "directory",
        "administration",
        "certs",
        "client",
        "routing",
        "desk.py",
        "controller.py",
        "net/dial.py",
    ),
    "house": ("hosting", "config.py", "cli", "agent.py", "children.py"),
    "files": ("imports", "exports"),
    "console": ("web", "web_server.py", "reaching.py"),
}
"""Whose errors reach a screen. The store speaks to an operator: its errors have a French name and next step."""


def told(text: str) -> bool:
    """Say whether a sentence is known, with the sentences in it."""
    known = maybe_known(text)
    inner = [] if known is None else [value for name, value in known[1].items() if name.startswith("why")]
    return known is not None and all(value.strip(f"{HOLE} ") == "" or told(value) for value in inner)


@pytest.mark.parametrize("rooms", ROOMS)
def test_every_sentence_of_an_error_has_its_french(rooms: str) -> None:
    """Half a sentence in another language is read by nobody: who adds an error adds its French."""
    assert {text: where for text, where in sentences(*ROOMS[rooms]).items() if not told(text)} == {}


def test_every_rule_of_a_password_has_its_french() -> None:
    """The very words that the screen shows while it is typed."""
    for line in checklist(""):
        assert in_french(f"A password needs more: {line.en}.") == f"Il manque au mot de passe : {line.fr}"


@pytest.mark.parametrize(("english", "french"), SENTENCES.items())
def test_a_french_sentence_has_no_hole_of_its_own(english: str, french: str) -> None:
    """What it says comes from the English one."""
    holes = re.compile(r"\{(\w+)\}")
    assert set(holes.findall(french)) <= set(holes.findall(english))


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("1 clash", "1 conflit"),
        ("2 clashes, 1 broken rule", "2 conflits, 1 contrainte non respectée"),
        ("weeks of activity 3: [1..50] exceed 44 weeks", "cours 3, Semaines : [1..50] dépasse les 44 semaines"),
        ("name of room: Expected `str` of length >= 1", "salle, Nom : un texte est nécessaire"),
        (
            "capacity of room: Expected `int`, got `str`",
            "salle, Capacité : un nombre entier est attendu, et non un texte",
        ),
        ("custom_field 3 does not exist", "champ personnalisé 3 n'existe pas"),
        (
            "rooms of activity: there is no room of the key or name 'Z9: x'",
            "cours, Salles : il n'y a pas de salle de cette clé ou de ce nom : 'Z9: x'",
        ),
        (
            "'opt' may be 2 of kind activity: 9 Optique TD (TD1), Wednesday 10:00; 29 activity 29, unplaced",
            "'opt' peut être 2 objets (cours) : 9 Optique TD (TD1), mercredi 10:00; 29 cours 29, non placé",
        ),
        (
            "line 3, column 2: Salle: not there, but near: 'A1: A10'; wrong rows: 1",
            "ligne 3, colonne 2 : Salle : pas dans la base, mais proche de : 'A1: A10' ; lignes fausses : 1",
        ),
        (
            "the profile P may not change room 1: it is not for that profile. Ask an administrator of the planning.",
            "le profil P ne permet pas de modifier salle 1 : ce n'est pas pour ce profil",
        ),
        ("/srv/x: Permission denied", "/srv/x : accès refusé"),
        ("ce texte est en français : oui", "ce texte est en français : oui"),
    ],
)
def test_values_are_put_into_the_french_sentence(english: str, french: str) -> None:
    """Kinds and fields by their labels, numbers agreed with, sentences in sentences; the rest as it is."""
    assert in_french(english) == french


def test_de_before_a_vowel() -> None:
    """« d'enseignant », « de salle »."""
    assert in_french("there is no instructor of the key or name 'x'").startswith("il n'y a pas d'enseignant de")
    assert in_french("there is no room of the key or name 'x'").startswith("il n'y a pas de salle de")
