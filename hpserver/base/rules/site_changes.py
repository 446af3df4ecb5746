"""No more than so many changes of site in a day."""

from collections.abc import Iterator

from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.references import Ident
from hpserver.base.rules import lines
from hpserver.base.rules.api import Breach, Candidate, Parameter, Sentences, Unit, setting
from hpserver.base.rules.days import ALL, ONE, ZERO, Count, above, add, columns, levels, mask_of, more, plus
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Lined, number_parameter, weeks_of

MOST_CHANGES = 10
"""Beyond, nobody would call it a limit."""

Marks = dict[int, int]
"""By site, where it was the last one, or will be the next one."""


class SiteChanges(Lined):
    """From one activity to the next in another site is a change; what has no site changes nothing."""

    name = "site_changes"
    fr = "Maximum de changements de site par jour"
    en = "Changes of site in a day"
    about = "Nobody named changes site more than `limit` times in a day. Soft: the weight for each change beyond."
    applies_to = lines.PEOPLE
    unit: Unit = "count"
    parameters: tuple[Parameter, ...] = (number_parameter(1, MOST_CHANGES),)
    sentences = Sentences(
        fr=("{kind} {who} : {amount} changements de site le {day} au lieu de {limit} au plus, semaines {weeks}",
            "{kind} {who} : plus de {limit} changements de site dans la journée, semaines {weeks}"),
        en=("{kind} {who}: {amount} changes of site on {day} instead of {limit} at most, weeks {weeks}",
            "{kind} {who}: more than {limit} changes of site in the day, weeks {weeks}"),
    )  # fmt: skip

    def starts(self, index: Index, constraint: Constraint, line: Ident, candidate: Candidate) -> int:
        """Return the starts from which there would be more changes than allowed, and more than without."""
        limit, steps = setting(self, constraint, "limit"), index.grid.steps_per_day
        by_site = _by_site(index, line, candidate.key)
        until, before = _changes(by_site, steps)
        since, after = _changes({site: cut[::-1] for site, cut in by_site.items()}, steps)
        since, after = since[::-1], after[::-1]
        found = 0
        for site, weeks in index.sites(candidate.needs).items():
            bad = []
            for start in range(steps - candidate.duration + 1):
                count = plus(until[start], since[start + candidate.duration])
                for marks in (before[start], after[start + candidate.duration]):
                    count = add(count, _others(marks, site))
                bad.append(above(count, limit) & more(count, until[-1]) & ALL)
            found |= mask_of(bad, steps) & index.everywhere * weeks
        return found

    def told_of(self, index: Index, key: int, constraint: Constraint, line: Ident) -> Iterator[Breach]:
        """Yield the days with too many changes."""
        limit, steps = setting(self, constraint, "limit"), index.grid.steps_per_day
        count = _changes(_by_site(index, line, 0), steps)[0][-1]
        for value, bits in levels(count, weeks_of(constraint) * ONE & above(count, limit)):
            for day, weeks in lines.each_day(bits):
                cost = constraint.weight * (value - limit) * weeks.bit_count()
                about = (self.name, key, constraint.hard, cost, *line)
                who = lines.those_in(index, line, weeks << day * LANE)
                yield Breach(*about, who, weeks, day * steps, value, limit)


def _by_site(index: Index, line: Ident, without: int) -> dict[int, list[int]]:
    masks: dict[int, int] = {}
    for activity, segments in lines.holders(index, line):
        if activity != without:
            mask = index.occupancy.mask(segments)
            for site, weeks in index.sites_of(activity).items():
                masks[site] = masks.get(site, 0) | mask & index.everywhere * weeks
    return {site: columns(mask, index.grid.steps_per_day) for site, mask in sorted(masks.items())}


def _changes(by_site: dict[int, list[int]], steps: int) -> tuple[list[Count], list[Marks]]:
    """Return, for each step and one more, the changes before it, and which site was the last."""
    counts, marks = [ZERO], [Marks()]
    count, last = ZERO, Marks()
    for step in range(steps):
        for site, cut in by_site.items():
            here = cut[step]
            if here:
                elsewhere = 0
                for other, bits in last.items():
                    if other != site and bits & here:
                        elsewhere |= bits & here
                        last[other] = bits & ~here
                if elsewhere:
                    count = add(count, elsewhere)
                last[site] = last.get(site, 0) | here
        counts.append(count)
        marks.append(dict(last))
    return counts, marks


def _others(marks: Marks, site: int) -> int:
    found = 0
    for other, bits in marks.items():
        if other != site:
            found |= bits
    return found


RULE = SiteChanges()
