"""Long actions have words for all that they may be."""

from typing import get_args

from hpserver.cli.words.tasks import KINDS, STATES, STEPS, failure, progress
from hpserver.errors import QuotaExceededError
from hpserver.hosting import tasks


def test_everything_that_is_told_has_its_words_in_both_languages() -> None:
    """Whoever adds a kind, a state or a step finds its words."""
    for words, literal in ((KINDS, tasks.Kind), (STATES, tasks.State), (STEPS, tasks.Step)):
        assert set(words) == set(get_args(literal))
        assert all(french and english for french, english in words.values())


def test_why_one_failed_is_a_sentence() -> None:
    """As everywhere; what a process said of itself is said as it is; nothing for what did not fail."""
    assert failure(0, "", {}, french=True) == ""
    assert failure(0, "the port is taken", {}, french=True) == "the port is taken"
    assert failure(QuotaExceededError.code, "no", {"limit": 3}, french=True).startswith("Le compte n'a plus de place")


def test_how_far_it_is_is_a_part_or_an_amount() -> None:
    """Never more than the whole; nothing before it began."""
    assert (progress(0, 0), progress(5, 10), progress(11, 10)) == ("", "50 %", "100 %")
    assert progress(3 << 20, 0) == "3.0 Mio"
