import msgspec
import pytest

from hpserver.base.explain import UNSEEN, Explanation
from hpserver.base.wording import hour, say

SHARED = Explanation("group", "TD1", "cohort", "L1", "Algèbre TD (TD1)", "Analyse CM (L1)", "[1..2,4]", 1, 510, 540)
WHEN = {
    "fr": "le mardi de 08:30 à 09:00, semaines [1..2,4]",
    "en": "on Tuesday from 08:30 to 09:00, weeks [1..2,4]",
}
UNSEEN_OTHER = msgspec.structs.replace(SHARED, other_who=UNSEEN, other=UNSEEN)
SAME = msgspec.structs.replace(SHARED, other_kind="group", other_who="TD1", other="")


@pytest.mark.parametrize(
    ("explanation", "language", "sentence"),
    [
        (
            SHARED,
            "fr",
            f"Algèbre TD (TD1) : TD ou option TD1 a des étudiants (Promotion L1) déjà en Analyse CM (L1) {WHEN['fr']}",
        ),
        (SAME, "fr", f"Algèbre TD (TD1) : TD ou option TD1 déjà en cours sans matière {WHEN['fr']}"),
        (
            UNSEEN_OTHER,
            "fr",
            "Algèbre TD (TD1) : TD ou option TD1 a des étudiants (Promotion (hors de votre vue)) "
            "déjà en (hors de votre vue) " + WHEN["fr"],
        ),
        (SHARED, "en", f"Algèbre TD (TD1): Group TD1 has students (Cohort L1) already in Analyse CM (L1) {WHEN['en']}"),
        (SAME, "en", f"Algèbre TD (TD1): Group TD1 already in an activity without subject {WHEN['en']}"),
    ],
)
def test_a_clash_is_one_sentence(explanation: Explanation, language: str, sentence: str) -> None:
    """In the words of the people who read it."""
    assert say(explanation, language) == sentence


def test_an_unknown_language_is_english() -> None:
    """Somebody with another locale still reads a sentence."""
    assert say(SHARED, "de") == say(SHARED, "en")


def test_hours_past_midnight_start_again() -> None:
    """A clock shows 00:45, not 24:45."""
    assert hour(24 * 60 + 45) == "00:45"
