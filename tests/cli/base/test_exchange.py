import pytest

from hpserver.cli.base.exchange import FRENCH_RULES, rule_word
from hpserver.costs import itc2019, ud
from hpserver.costs.ud import FORMULATIONS
from tests.cli.shell import WEEKS, Shell
from tests.schools import a_school


def test_any_base_has_a_cost(shell: Shell) -> None:
    """An empty one costs nothing; one that does not exist is said not to."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    value = shell.json("base", "cost", "Base")
    assert (value["formulation"], value["cost"], value["hard"]) == ("ud2", 0, 0)
    assert shell.hp("base", "cost", "Nope").status == 3
    assert shell.hp("base", "cost", "Base", "--formulation", "ud9").status == 2


def test_what_a_format_cannot_say_is_refused(shell: Shell) -> None:
    """A year of weeks is no problem of ITC-2007, and no file is left behind."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    out = shell.folder / "out"
    refused = shell.hp("base", "write", "Base", "--as", "itc2007", "--out", out)
    assert (refused.status, out.exists()) == (1, False)
    assert "ExportRefused" in refused.err
    assert shell.json("base", "write", "Base", "--as", "untis", "--out", out)["files"][0] == "GPU001.TXT"


def test_every_rule_of_a_formulation_has_its_french(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of costs is read by planners."""
    planning = a_school(10)
    rules = {one.rule for form in FORMULATIONS for one in ud.cost(planning, form).items}
    rules |= {*itc2019.HARD, "time", "room", "distribution", "student"}
    assert rules == FRENCH_RULES.keys()
    monkeypatch.setenv("HP_LANG", "fr")
    assert rule_word("isolated_lectures") == "leçons isolées"
    monkeypatch.setenv("HP_LANG", "en")
    assert rule_word("isolated_lectures") == "isolated lectures"
