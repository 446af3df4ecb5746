"""Activities that stand alone in a day: the compactness of a curriculum of ITC-2007."""

from collections.abc import Iterator

from hpserver.base.model import Constraint
from hpserver.base.references import Ident
from hpserver.base.rules import lines
from hpserver.base.rules.api import Breach, Candidate, Sentences, Unit
from hpserver.base.rules.days import ALL, mask_of
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import Lined, weeks_of


class Compactness(Lined):
    """An activity is alone when nothing of the same line ends right before it or begins right after it."""

    name = "compactness"
    fr = "Cours isolés"
    en = "Activities that stand alone"
    about = (
        "No activity of those named stands alone: another one ends when it begins, or begins when it ends, on the same "
        "day (curriculum compactness of ITC-2007). Soft: the weight for each one that does, in each week."
    )
    applies_to = lines.PEOPLE
    counts = False
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{kind} {who} : {activities} isolé le {day}, semaines {weeks}",
            "{kind} {who} : ni juste avant ni juste après un autre cours, semaines {weeks}"),
        en=("{kind} {who}: {activities} stands alone on {day}, weeks {weeks}",
            "{kind} {who}: neither right before nor right after another activity, weeks {weeks}"),
    )  # fmt: skip

    def starts(self, index: Index, _constraint: Constraint, line: Ident, candidate: Candidate) -> int:
        """Return where nothing is right before or right after."""
        wide, steps = [0, *lines.busy(index, line, candidate.key), 0], index.grid.steps_per_day
        after = candidate.duration + 1
        alone = [ALL & ~(wide[step] | wide[step + after]) for step in range(steps - candidate.duration + 1)]
        return mask_of(alone, steps)

    def told_of(self, index: Index, key: int, constraint: Constraint, line: Ident) -> Iterator[Breach]:
        """Yield one breach per activity that is alone."""
        steps_per_day = index.grid.steps_per_day
        wide = [0, *lines.busy(index, line), 0]
        for activity, segments in sorted(set(lines.holders(index, line))):
            for place, steps, weeks in segments:
                day, step = divmod(place, steps_per_day)
                near = lines.weeks_on(day, wide[step] | wide[step + steps + 1])
                alone = weeks & ~near & weeks_of(constraint)
                if alone:
                    cost = constraint.weight * alone.bit_count()
                    about = (self.name, key, constraint.hard, cost, *line)
                    yield Breach(*about, (activity,), alone, place, 1, 0)


RULE = Compactness()
