import re

from hpserver.cli.words.french.files import SENTENCES
from hpserver.cli.words.french.translate import maybe_known

NAMED = re.compile(r"\{(\w+)\}")


def test_its_sentences_are_found_by_their_own_words() -> None:
    """A sentence that a wider one hides would be told in the other's words."""
    for english, french in SENTENCES.items():
        plain = english.replace("(s)", "s").replace("(es)", "es")
        for hole, value in (("{kind}", "room"), ("{kind_by}", "room"), ("{why}", "Too many failures")):
            plain = plain.replace(hole, value)
        found = maybe_known(NAMED.sub(lambda one: "7" if one[1].startswith(("key", "count")) else "'x'", plain))
        assert found is not None
        assert found[0] == french, english
