from pathlib import Path

import pytest

from hpserver.base.rules import RULES, Rule
from hpserver.cli import rules_reference


def test_the_document_is_what_the_code_says() -> None:
    """After a change of a rule, `./run docs` is part of it."""
    assert rules_reference.main(["--check"]) == 0, "docs/rules.md is stale: run ./run docs"


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_every_rule_is_there_with_both_labels_and_each_parameter(rule: Rule) -> None:
    """Whoever sets a constraint reads one page."""
    section = rules_reference.rules().partition(f"### `{rule.name}`: {rule.fr} / {rule.en}\n")[2].partition("\n### ")[0]
    assert rule.about in section
    for parameter in rule.parameters:
        assert f"| `{parameter.name}` | {parameter.fr} | {parameter.en} |" in section


def test_a_stale_document_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build fails on it, and writing it again cures it."""
    monkeypatch.setattr(rules_reference, "TARGET", tmp_path / "rules.md")
    assert rules_reference.main(["--check"]) == 1
    assert rules_reference.main([]) == 0
    assert rules_reference.main(["--check"]) == 0
