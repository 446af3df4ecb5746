"""No more than so many activities of one subject in a day of the same students."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.references import Ident
from hpserver.base.rules import lines
from hpserver.base.rules.api import Barrier, Breach, Candidate, Sentences, Unit, setting
from hpserver.base.rules.days import ALL, ONE, Count, above, levels, mask_of, tally
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import number_parameter, weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

MOST = 24
"""Beyond, nobody would call it a limit."""


class SubjectPerDay:
    """Counts, day by day, the activities of each subject named in the lines of those who have it."""

    name = "subject_per_day"
    fr = "Maximum par jour d'une matière"
    en = "A subject in a day"
    about = (
        "The same students have each of the subjects at most `limit` times a day; naming cohorts or groups narrows "
        "down whose. Soft: the weight for each activity beyond."
    )
    parameters = (number_parameter(1, MOST),)
    applies_to = ("subjects", *lines.STUDENTS)
    built_in = False
    counts = True
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{kind} {who} : {amount} cours de la même matière le {day} au lieu de {limit} au plus, semaines {weeks}",
            "{kind} {who} : plus de {limit} cours de la matière dans la journée, semaines {weeks}"),
        en=("{kind} {who}: {amount} activities of one subject on {day} instead of {limit} at most, weeks {weeks}",
            "{kind} {who}: more than {limit} activities of the subject in the day, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base."""
        for subject in constraint.subjects:
            activities = planning.index.with_subject(subject)
            yield from self._breaches(planning.index, key, constraint, subject, activities)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield the breaches in the lines of these activities."""
        index = planning.index
        for subject in constraint.subjects:
            here = [activity for activity in activities if index.subject_of(activity) == subject]
            yield from self._breaches(index, key, constraint, subject, here)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per line that has enough of the subject on some days."""
        index, subject = planning.index, candidate.row.subject
        if subject is None or subject not in constraint.subjects:
            return
        steps = index.grid.steps_per_day
        for line in _lines(index, constraint, [candidate.key]):
            full = above(_count(index, line, subject, candidate.key), setting(self, constraint, "limit") - 1) & ALL
            starts = mask_of([full] * steps, steps) & candidate.starts & index.everywhere * weeks_of(constraint)
            if starts:
                yield Barrier(self.name, key, constraint.hard, constraint.weight, *line, 0, starts)

    def _breaches(
        self, index: Index, key: int, constraint: Constraint, subject: int, activities: Collection[int]
    ) -> Iterator[Breach]:
        limit = setting(self, constraint, "limit")
        for line in _lines(index, constraint, activities):
            count = _count(index, line, subject, 0)
            for value, bits in levels(count, above(count, limit) & weeks_of(constraint) * ONE):
                for day, weeks in lines.each_day(bits):
                    those = lines.those_in(index, line, weeks << day * LANE)
                    who = tuple(activity for activity in those if index.subject_of(activity) == subject)
                    cost = constraint.weight * (value - limit) * weeks.bit_count()
                    about = (self.name, key, constraint.hard, cost, *line)
                    yield Breach(*about, who, weeks, day * index.grid.steps_per_day, value, limit)


def _lines(index: Index, constraint: Constraint, activities: Collection[int]) -> list[Ident]:
    """Return the lines in which the activities are, those named if any is."""
    if constraint.cohorts or constraint.groups:
        return lines.lines_near(index, constraint, activities)
    found: dict[Ident, None] = {}
    for activity in activities:
        for kind, key in index.audience(activity):
            found.update(dict.fromkeys(lines.cohort_lines(index, key) if kind == "cohort" else [(kind, key)]))
    return sorted(found)


def _count(index: Index, line: Ident, subject: int, without: int) -> Count:
    those = {activity for activity, _ in lines.holders(index, line)} - {without}
    return tally(index.days_of(activity) for activity in sorted(those) if index.subject_of(activity) == subject)


RULE = SubjectPerDay()
