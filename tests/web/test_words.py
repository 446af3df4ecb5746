"""French in the source, English in the catalogue: whole, and nothing more."""

import re
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from hpserver.web.words import CATALOGUE, preferred, words
from tests.web.texts import said

HOLE = re.compile(r"\{\w+\}")


def english() -> dict[str, str]:
    """Return the catalogue."""
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def test_every_text_has_its_english_and_no_english_is_left_over() -> None:
    """Who adds a sentence adds its English; who takes one away takes that away."""
    assert said() == english().keys()


def test_english_has_the_holes_of_the_french() -> None:
    """A translation neither loses a name nor asks for one that is not there."""
    wrong = {fr: en for fr, en in english().items() if not en or set(HOLE.findall(en)) - set(HOLE.findall(fr))}
    assert not wrong


def test_days_and_instants_are_written_as_people_do() -> None:
    """Nothing for never."""
    french, inglese = words("fr"), words("en")
    assert french.moment(0) == inglese.moment(0) == ""
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", french.moment(1_700_000_000))
    assert french("Les {count} lignes du journal sont intactes.", count=3).startswith("Les 3 lignes")
    assert inglese("Oui") == "Yes"
    assert french.either("a", "b") + inglese.either("a", "b") == "ab"


@pytest.mark.parametrize(
    ("accepted", "language"), [("en-GB,en;q=0.9", "en"), ("fr-FR", "fr"), ("de,en", "en"), ("", "fr"), ("zz", "fr")]
)
def test_a_browser_s_language_is_followed(accepted: str, language: str) -> None:
    """French when it names neither."""
    assert preferred(accepted) == language


def test_the_zone_of_what_is_told_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """In winter and in summer, in the reader's language."""
    monkeypatch.setattr("hpserver.web.words.LOCALTZ", ZoneInfo("Europe/Paris"))
    assert words("fr").zone(1_763_942_400.0) == "heure normale d\u2019Europe centrale"
    assert words("en").zone(1_751_328_000.0) == "Central European Summer Time"
