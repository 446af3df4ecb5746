"""What people type as names: the same thing has one spelling, and nothing harmful gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.directory import names
from hpserver.errors import InvalidNameError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Dupont", "dupont"),
        ("  DUPONT ", "dupont"),
        ("\uff24\uff35\uff30", "dup"),
        ("Straße", "strasse"),
        ("ÉLODIE", "élodie"),
    ],
)
def test_a09_spellings_of_a_login_are_one(typed: str, kept: str) -> None:
    """Case, spaces and look-alike forms do not dodge a counter."""
    assert names.login(typed) == kept


@given(st.text(max_size=40))
def test_a09_a_kept_login_is_its_own_spelling(text: str) -> None:
    """Normalising twice changes nothing: the counter and the search always agree."""
    try:
        kept = names.login(text)
    except InvalidNameError:
        return
    assert names.login(kept) == kept


@pytest.mark.parametrize("text", ["", "   ", "a" * 65, "a\nb", "a\u202eb", "a\x00", "a\u200bb"])
def test_logins_and_titles_are_visible(text: str) -> None:
    """No log line, no screen and no mail is forged by an invisible character."""
    with pytest.raises(InvalidNameError):
        names.login(text)
    with pytest.raises(InvalidNameError):
        names.title(text)


def test_titles_keep_their_accents() -> None:
    """A school's words are shown as the school writes them."""
    assert names.title(" Anne\u0301e en cours ") == "Année en cours"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("MonEcole.Hyperplanning.fr", "monecole.hyperplanning.fr"),
        ("ecole.example.org.", "ecole.example.org"),
        ("école.fr", "xn--cole-9oa.fr"),
    ],
)
def test_domains_have_one_spelling(typed: str, kept: str) -> None:
    """A domain is compared as the network does."""
    assert names.domain(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "10.0.0.1",
        "a..b",
        "-a.fr",
        "a-.fr",
        "a_b.fr",
        "a b.fr",
        "a.fr/x",
        "a" * 64 + ".fr",
        "*.fr",
        "a." * 130 + "fr",
    ],
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    """No address, no wildcard, no path."""
    with pytest.raises(InvalidNameError):
        names.domain(text)


@pytest.mark.parametrize(
    "text", ["straße.fr", "σας.example", "a\u200db.fr", "\u2603.example", "xn--zca.fr\u200c", "a—b.fr"]
)
def test_what_programs_read_in_two_ways_is_no_domain(text: str) -> None:
    """A browser of today would look for another name than the one that was certified, or for none."""
    with pytest.raises(InvalidNameError):
        names.domain(text)


@given(st.text(max_size=20))
def test_a_kept_domain_is_its_own_spelling(text: str) -> None:
    """Normalising twice changes nothing, and people read what they may type."""
    try:
        kept = names.domain(f"{text}.example")
    except InvalidNameError:
        return
    assert kept.isascii()
    assert names.domain(kept) == names.domain(names.decoded(kept)) == kept


def test_names_below_the_domain_of_an_account() -> None:
    """One label will do; outside of it no certificate holds, and the server's own names are kept free."""
    for typed in ("edt", "EDT.Ecole.example.", " edt.ecole.example "):
        assert names.below(typed, "ecole.example") == "edt.ecole.example"
    assert names.below("été", "ecole.example") == "xn--t-9fab.ecole.example"
    assert names.decoded("xn--t-9fab.ecole.example") == "été.ecole.example"
    for typed in ("edt.autre.example", "ecole.example", "notecole.example", "", "."):
        with pytest.raises(InvalidNameError):
            names.below(typed, "ecole.example")
    for reserved in names.RESERVED:
        for typed in (reserved, f"{reserved}.ecole.example", reserved.upper()):
            with pytest.raises(InvalidNameError, match="the server itself"):
                names.below(typed, "ecole.example")
        with pytest.raises(InvalidNameError, match="the server itself"):
            names.new_planning(reserved)
    assert names.new_planning(" Planning01 ") == "planning01"


def test_names_fit_before_the_domain_of_an_account() -> None:
    """The longest name of a planning with the longest domain is a domain name still."""
    longest = ".".join(["a" * 43] * 5)[: names.MAX_ZONE]
    assert len(longest) > names.MAX_ZONE - 3
    assert names.domain(f"{'p' * 32}.{names.zone(longest)}")
    with pytest.raises(InvalidNameError, match="at most"):
        names.zone(f"{'a' * 10}.{longest}")


@pytest.mark.parametrize("text", ["", "1a", "../x", "a b", "a/b", "é", "a" * 33])
def test_planning_names_are_plain(text: str) -> None:
    """The name of a planning is safe in a path, a log and a server name."""
    assert names.planning(" Planning01 ") == "planning01"
    with pytest.raises(InvalidNameError):
        names.planning(text)


@pytest.mark.parametrize("text", ["", "../x", "a/b", ".hidden", "a\\b", "a\nb", "a" * 61, "a\x00"])
def test_a_base_name_stays_in_its_folder(text: str) -> None:
    """The name of a base is a file name and never a path."""
    assert names.base("Année 2026-2027 (essai)") == "Année 2026-2027 (essai)"
    with pytest.raises(InvalidNameError):
        names.base(text)


def test_numbers_are_digits() -> None:
    """A number read from a letter may be typed in groups."""
    assert names.hosting_number("1234 5678 9012") == "123456789012"
    assert names.invoice_number(" 1234567890 ") == "1234567890"
    for text in ("", "12345678901", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢"):
        with pytest.raises(InvalidNameError):
            names.hosting_number(text)
