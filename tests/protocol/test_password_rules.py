"""Passwords: the rules at setting them, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hpserver.errors import WeakSecretError
from hpserver.hosting.common_passwords import common_passwords
from hpserver.protocol import password_rules as rules

GOOD = "Lune-4-Papier"
FIVE = ("too_short", "letter", "digit", "special", "case")


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Court-1", "too_short"),
        ("x" * 129, "too_long"),
        ("1234-5678-90", "letter"),
        ("Lune-de-Papi", "digit"),
        ("Lune4Papier9", "special"),
        ("lune-4-papier", "case"),
        ("Motdepasse2026!", "common"),
        ("P@ssw0rd-1234", "common"),
        ("azertyazerty2026!!", "common"),
        ("aaaaaaaaaaaaaaaa", "repetition"),
        ("Ab1!Ab1!Ab1!Ab1!", "repetition"),
        ("MonLycée-2026!", "context"),
        ("Durand-2026!!", "context"),
    ],
)
def test_a03_a_password_that_is_tried_first_is_not_set(password: str, rule: str) -> None:
    """Rules of length, of kinds below 15 characters, of the usual words and of the place itself."""
    with pytest.raises(WeakSecretError) as refused:
        rules.check_password(password, ["durand", "monlycee.example"])
    assert refused.value.details["rule"] == rule


@pytest.mark.parametrize(
    "password", [GOOD, "quatre mots et un cheval", "ééééèèèèààààùùùù ça", "\u0416\u0438\u0437\u043d\u044c" * 3]
)
def test_a_good_password_is_set(password: str) -> None:
    """From 15 characters on, only what is guessable is refused: a sentence is a good password."""
    rules.check_password(password, ["durand", "monlycee.example", "ENS"], common_passwords())


def unmet(password: str) -> set[str]:
    """Return the rules that a password does not meet."""
    return {line.rule for line in rules.checklist(password, ["durand"], common_passwords()) if not line.met}


def test_the_checklist_has_the_five_rules_of_the_guide_first() -> None:
    """In the order of the guide, in both languages."""
    lines = rules.checklist("")
    assert tuple(line.rule for line in lines[:5]) == FIVE
    assert [line.fr for line in lines[:5]] == [
        "au moins 12 caractères",
        "au moins une lettre",
        "au moins un chiffre",
        "au moins un caractère spécial",
        "des majuscules et des minuscules",
    ]
    assert all(line.en and line.fr != line.en for line in lines)
    assert not any(line.met for line in lines)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("l", {*FIVE} - {"letter"} | {"repetition"}),
        ("lune", {"too_short", "digit", "special", "case", "repetition"}),
        ("Lune-", {"too_short", "digit"}),
        ("Lune-4", {"too_short"}),
        ("Lune-4-Papi", {"too_short"}),
        (GOOD, set()),
        ("lune et papier", {"digit", "special", "case"}),
        ("lune et papiers", set()),
        ("Mustang-2026!!", {"common"}),
        ("Durand-2026!!", {"context"}),
    ],
)
def test_the_checklist_follows_the_typing(typed: str, left: set[str]) -> None:
    """Each rule turns when its character comes; the kinds are waived at the fifteenth."""
    assert unmet(typed) == left


@given(some.text(max_size=140))
def test_what_the_checklist_shows_is_what_the_server_takes(password: str) -> None:
    """A password whose lines are all met is set, and no other: nobody is surprised after the last key."""
    unmet = [line.rule for line in rules.checklist(password, ["durand"]) if not line.met]
    if len(password) > rules.MAX_CHARACTERS:
        unmet = ["too_long"]
    if not unmet:
        rules.check_password(password, ["durand"])
        return
    with pytest.raises(WeakSecretError) as refused:
        rules.check_password(password, ["durand"])
    assert refused.value.details == {"rule": unmet[0]}


@given(some.text(min_size=15, max_size=60))
def test_from_fifteen_characters_no_kind_is_asked_for(password: str) -> None:
    """A sentence needs no digit."""
    lines = {line.rule: line for line in rules.checklist(password)}
    assert all(lines[rule].waived and lines[rule].met for rule in FIVE[1:])


@pytest.mark.parametrize("length", [12, 14, 15, 128, 129])
def test_the_bounds_of_length(length: int) -> None:
    """12 is enough, 128 is not too much."""
    password = (GOOD * 10)[:length]
    if length <= rules.MAX_CHARACTERS:
        rules.check_password(password)
    else:
        with pytest.raises(WeakSecretError):
            rules.check_password(password)


@pytest.mark.parametrize(
    ("password", "name", "refused"),
    [
        ("Anne-26-jan!", "Anne", False),
        ("!Anne-26-ja", "Anne", True),
        ("Durand-2026!!", "Durand", True),
        ("Durand-2026!!!", "Durand", False),
        ("Ens-2026-Ens-!", "Ens", False),
        ("Li\u00e8ge-2026!a", "LIEGE", True),
        ("Jean.Petit-12", "jean.petit@ecole.example", True),
        ("Jean.Petit-12-juin", "jean.petit@ecole.example", False),
        ("Petit-Petit-26", "Petit", True),
        ("Petitjean-12!", "petitjean@ecole.example", True),
    ],
)
def test_a03_a_name_known_here_needs_eight_more_characters(password: str, name: str, *, refused: bool) -> None:
    """From four letters on, in any case, with or without accents, in every part of an address."""
    lines = {line.rule: line for line in rules.checklist(password, [name])}
    assert lines["context"].met is not refused
    assert not any(line.waived for line in lines.values() if line.rule in {"too_short", "context", "common"})


def test_a03_a_word_twice_is_no_better() -> None:
    """Nor is one in disguise, nor with the year behind it."""
    for password in ("Dragon-dragon-1", "Dr4g0nDr4g0n!!!", "dragon/dragon 2026", "!!!MustangMustang1"):
        assert "common" in unmet(password), password
    assert "common" not in unmet("Dragon-et-lutin-4")
