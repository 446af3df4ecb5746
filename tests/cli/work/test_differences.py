"""What differs is told in both languages."""

from collections.abc import Sequence

import pytest

from hpserver.base.changes import Change, create, update
from hpserver.base.edits.diff import differences
from hpserver.base.edits.rebase import rebase
from hpserver.base.planning import Planning
from hpserver.cli.work.differences import conflict_lines, difference_lines
from tests.base.edits.test_diff import copy
from tests.schools import a_grid

FOUNDED: Sequence[Change] = (
    create("room", 1, name="A1", capacity=20),
    create("subject", 1, name="Algèbre"),
    create("activity", 1, subject=1, duration=2, weeks=15, place=0, rooms=[1]),
)


def test_both_languages_have_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, places and weeks, never a number of the code."""
    before = Planning(a_grid(10))
    before.apply(list(FOUNDED))
    after, current = copy(before), copy(before)
    after.apply([update("activity", 1, place=None, weeks=3, locked=True), update("room", 1, name="B")])
    current.apply([update("room", 1, name="C")])
    monkeypatch.setenv("HP_LANG", "fr")
    lines = [line for one in differences(before, after) for line in difference_lines(before, after, one)]
    assert "    Place : lundi 08:00 → rien" in lines
    assert "    Verrouillé : non → oui" in lines
    (line,) = conflict_lines(after, rebase(before, after, current).conflicts)
    assert line == "! Salle 1 B, Nom : branche B, base C"
