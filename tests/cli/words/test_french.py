"""The tables of French sentences: each is found by its own words, and what readers say of a file has one."""

import re

import pytest

from hpserver.cli.words.french import base, files, house, people
from hpserver.cli.words.french.translate import in_french, maybe_known
from hpserver.exports import faults
from hpserver.imports import safe_xml

NAMED = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("table", [base, files, house, people])
def test_its_sentences_are_found_by_their_own_words(table: object) -> None:
    """A sentence that a wider one hides would be told in the other's words."""
    sentences: dict[str, str] = vars(table)["SENTENCES"]
    for english, french in sentences.items():
        plain = english.replace("(s)", "s").replace("(es)", "es")
        for hole, value in (("{kind}", "room"), ("{kind_by}", "room"), ("{why}", "Too many failures")):
            plain = plain.replace(hole, value)
        found = maybe_known(NAMED.sub(lambda one: "7" if one[1].startswith(("key", "count")) else "'x'", plain))
        assert found is not None
        assert found[0] == french, english


def test_what_readers_say_of_a_fault_has_its_french() -> None:
    """Of documents and of XML: both take their words from a table."""
    said = [re.sub(r"\\1", "7", words) for _, words in faults._FAULTS] + [faults.OTHERWISE]
    said += [*safe_xml._FAULTS.values(), safe_xml._OTHERWISE]
    said += [words for one in faults._TYPES.values() for words in (one, f"{one} or nothing") if "names" not in words]
    never = ("true or false or nothing", "nothing or nothing", "a number or nothing")  # no field is like that
    assert [one for one in said if maybe_known(one) is None and one not in never] == []
    assert in_french("line 4, column 2: site: it needs a whole number or nothing, and has a text") == (
        "ligne 4, colonne 2 : site : il faut un nombre entier ou rien au lieu d'un texte"
    )
