"""docs/rules.md, from the rules: every word about one is its own. Knows how the document is laid out."""

from collections.abc import Sequence
from typing import Final

from hpserver.base.registry import KINDS
from hpserver.base.rules import RULES, Rule
from hpserver.base.rules.wording import quantity
from hpserver.cli.documents.target import DOCS, write_or_check

TARGET: Final = DOCS / "rules.md"

INTRODUCTION: Final = """\
# The rules of a timetable

<!-- Written by `./run docs` from the rules in hpserver/base/rules. Change those, never this file. -->

Beside clashes, a timetable is judged by {count} rules. The built-in ones always hold; any other holds for whom and what
a constraint names, with its parameters, in its weeks (every week when none are given). A constraint that names nobody
holds for nobody.

- A **hard** constraint refuses an edit that newly breaks it, or breaks it more, unless it is forced. What was broken
  before is no obstacle.
- A **soft** one costs its weight for each unit beyond the limit, in each week. A dry run tells by how much an edit
  makes the cost grow.
- The students of a *cohort* are judged group by group: what their group does, and what the whole cohort does. A cohort
  without groups is judged by itself.
- A rule *between* activities is about each two of them: of those listed, of those of different series, of those of
  different subjects that share students. They may be thousands: nobody is compared with everybody, so a report takes
  the time to tell what is broken and to go through those named. `day_span` alone, and the rules that ask for something
  the same, compare each two that differ.

Parameters of time are in minutes; hours of the day are minutes after midnight; truths are 0 or 1. How a rule is added
is in [extending](extending.md).
"""


def rules() -> str:
    """Return the document."""
    parts = [INTRODUCTION.format(count=len(RULES))]
    for title, built_in in (("Built in", True), ("By constraint", False)):
        parts.append(f"## {title}\n")
        parts += [_rule(rule) for rule in RULES.values() if rule.built_in is built_in]
    return "\n".join(parts).rstrip() + "\n"


def write(arguments: Sequence[str]) -> int:
    """Write the document, or with `--check` say whether it is up to date. Return the exit code."""
    return write_or_check(TARGET, rules(), arguments)


def _rule(rule: Rule) -> str:
    lines = [f"### `{rule.name}`: {rule.fr} / {rule.en}\n", f"{rule.about}\n"]
    if rule.applies_to:
        labels = KINDS["constraint"].by_name
        lines.append(f"Names: {', '.join(f'`{name}` ({labels[name].fr})' for name in rule.applies_to)}.\n")
    if rule.parameters:
        lines.append("| parameter | French | English | default | from | to |\n|---|---|---|---|---|---|")
        for one in rule.parameters:
            shown = quantity(one.default, one.unit, "en")
            default = str(one.default) if shown == str(one.default) else f"{one.default} ({shown})"
            lines.append(f"| `{one.name}` | {one.fr} | {one.en} | {default} | {one.least} | {one.most} |")
        lines.append("")
    return "\n".join(lines)
