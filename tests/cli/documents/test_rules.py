import pytest

from hpserver.base.rules import RULES, Rule
from hpserver.cli.documents import rules


def test_the_document_is_what_the_code_says() -> None:
    """After a change of a rule, `./run docs` is part of it."""
    assert rules.write(["--check"]) == 0, "docs/rules.md is stale: run ./run docs"


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_every_rule_is_there_with_both_labels_and_each_parameter(rule: Rule) -> None:
    """Whoever sets a constraint reads one page."""
    section = rules.rules().partition(f"### `{rule.name}`: {rule.fr} / {rule.en}\n")[2].partition("\n### ")[0]
    assert rule.about in section
    for parameter in rule.parameters:
        assert f"| `{parameter.name}` | {parameter.fr} | {parameter.en} |" in section
