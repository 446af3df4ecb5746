from hpserver.base.rules import RULES
from hpserver.imports.fet_rules import BETWEEN, LIMITS


def test_every_word_of_fet_leads_to_a_rule_that_there_is() -> None:
    """With parameters that the rule has."""
    for limit in LIMITS.values():
        assert limit.parameter in {parameter.name for parameter in RULES[limit.rule].parameters}
    for between in BETWEEN.values():
        names = {parameter.name for parameter in RULES[between.rule].parameters}
        assert {name for name, _ in between.parameters} <= names
        assert not between.number[0] or between.number[0] in names
