import pytest

from hpserver.imports.spelling import fold, slips


@pytest.mark.parametrize(
    ("one", "other"),
    [("Algèbre", "ALGEBRE"), ("  Génie  civil ", "genie civil"), ("Cœur", "COEUR"), ("l\u2019eau", "l'eau")],
)
def test_case_accents_and_spaces_do_not_count(one: str, other: str) -> None:
    """People type them as they like."""
    assert fold(one) == fold(other)


def near(one: str, other: str) -> bool:
    """Say whether two names are near."""
    return not set(slips(one)).isdisjoint(slips(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("B 101", "B101"),
        ("DURAND Paul", "Paul Durand"),
        ("DURAND", "DURANT"),
        ("Algèbre", "Algèbres"),
        ("Analyse", "Anlayse"),
    ],
)
def test_slips_are_near(one: str, other: str) -> None:
    """A sign, the order of words, one letter."""
    assert near(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Salle 1", "Salle 2"),
        ("6A", "6B"),
        ("Maths II", "Maths III"),
        ("A1 gr4.1", "A4 gr1.1"),
        ("Algèbre", "Géométrie"),
        ("TD", "TP"),
    ],
)
def test_names_that_differ_by_design_are_not_near(one: str, other: str) -> None:
    """Numbers and short words tell objects apart."""
    assert not near(one, other)
