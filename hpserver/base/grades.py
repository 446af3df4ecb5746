"""Averages of grades, weighted, in hundredths out of 20. Reads a planning; changes nothing."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final, cast

import msgspec

from hpserver.base.model import Assessment, Grade
from hpserver.base.planning import Planning

OUT_OF: Final = 2_000
"""Hundredths of the scale of averages: the French one, out of 20."""


class Average(msgspec.Struct, frozen=True):
    """What a student has on average: `points` hundredths out of `OUT_OF`, None without a mark; `marks` that count."""

    student: int
    points: int | None
    marks: int


def averages(planning: Planning, gradebook: int) -> tuple[Average, ...]:
    """Return the average of every student of a gradebook, by student. Raises UnknownObjectError.

    A mark counts for its share of what it is out of, as often as the weight of its assessment says. Whoever was
    absent, exempt, or has still to be marked has no mark: it counts neither for nor against.
    """
    planning.get("gradebook", gradebook)
    parts: dict[int, list[tuple[Fraction, int]]] = {}
    for key in planning.references.users("assessment", "gradebook", gradebook):
        one = cast(Assessment, planning.get("assessment", key))
        for number in planning.references.users("grade", "assessment", key):
            grade = cast(Grade, planning.get("grade", number))
            counted = parts.setdefault(grade.student, [])
            if grade.points is not None and one.out_of and one.weight:
                counted.append((Fraction(grade.points * OUT_OF, one.out_of), one.weight))
    return tuple(Average(student, _rounded(_mean(parts[student])), len(parts[student])) for student in sorted(parts))


def mean_of(found: Iterable[Average]) -> int | None:
    """Return the average of those who have one: hundredths out of `OUT_OF`."""
    return _rounded(_mean([(Fraction(one.points), 1) for one in found if one.points is not None]))


def _mean(parts: list[tuple[Fraction, int]]) -> Fraction | None:
    weights = sum(weight for _, weight in parts)
    return sum((points * weight for points, weight in parts), Fraction()) / weights if weights else None


def _rounded(points: Fraction | None) -> int | None:
    """Halves go up, as in every school."""
    return None if points is None else (2 * points.numerator + points.denominator) // (2 * points.denominator)
