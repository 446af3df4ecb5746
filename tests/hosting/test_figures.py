"""Figures of a planning, as people know them."""

from hpserver.base.registry import KINDS
from hpserver.hosting.figures import GROUPS, figures


def test_every_figure_is_of_a_kind_that_is_counted() -> None:
    """A figure that nobody counts would be nought for ever."""
    kinds = [one.kind for group in GROUPS for one in group.figures]
    assert set(kinds) <= set(KINDS)
    assert len(kinds) == len(set(kinds))


def test_figures_are_told_in_their_groups() -> None:
    """All of them, nought too; nothing of a planning that is not in service."""
    told = dict(figures({"subject": 3, "sessions": 7}, french=True))
    assert list(told) == ["Ressources", "Emploi du temps et enseignements", "Notation, assiduité, stages"]
    assert told["Ressources"][0] == ("Matières", 3)
    assert dict(figures({"subject": 3}, french=False))["Resources"][3] == ("Groups", 0)
    assert figures({"sessions": 7}, french=True) == []
