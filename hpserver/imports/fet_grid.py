"""The days and hours of FET as a grid whose weeks repeat. Knows no activity."""

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from hpserver.base.grid import DAYS_IN_WEEK, MAX_DAY_MINUTES, MAX_STEPS_PER_DAY, Grid, check
from hpserver.imports.draft import Draft
from hpserver.imports.fet_xml import Node
from hpserver.imports.school import first_monday_of_september

WEEKS = 36
"""Weeks of teaching in a French school year."""
DAY_START = 8 * 60
"""When a day starts whose hours are names rather than times."""
HOUR_MINUTES = 60
HALF_DAYS = 2
"""In the mornings and afternoons mode of FET, two of its days make one."""
USUAL_DAYS = 5

_TIME = re.compile(r"\D*?(\d{1,2})\s?[:.hH]\s?(\d{2})(?!\d).*", re.DOTALL)


class Days(msgspec.Struct, frozen=True):
    """How FET's days lie in weeks: `per_week` real days a week, `parts` FET days in a real day, `cycle` weeks."""

    names: dict[str, int]
    hours: dict[str, int]
    per_week: int
    parts: int
    cycle: int
    grid: Grid

    def slot(self, day: str, hour: str) -> tuple[int, int]:
        """Return the place of a day and hour by their names, and which week of the cycle. Raises KeyError."""
        number, half = divmod(self.names[day], self.parts)
        week, weekday = divmod(number, self.per_week)
        return weekday * self.grid.steps_per_day + half * len(self.hours) + self.hours[hour], week

    def weeks(self, week: int) -> int:
        """Return the weeks of the year in which a week of the cycle comes."""
        return sum(1 << number for number in range(week % self.cycle, self.grid.weeks, self.cycle))


def days_of(root: Node, draft: Draft, year: int) -> Days:
    """Return the days and hours of a file and the grid that holds them.

    A file with more days than a week has is a cycle of several weeks. Raises ImportRefusedError.
    """
    names = _names(root, "Days_List", "Day")
    hours = _names(root, "Hours_List", "Hour")
    parts = HALF_DAYS if "mornings-afternoons" in root.value("Mode").lower() and len(names) % HALF_DAYS == 0 else 1
    real = len(names) // parts
    per_week = _per_week(root, real)
    cycle = -(-real // per_week)
    if cycle > WEEKS:
        raise root.refused(f"{len(names)} days: a cycle of more than {WEEKS} weeks")
    steps = len(hours) * parts
    if steps > MAX_STEPS_PER_DAY:
        raise root.refused(f"{steps} hours a day, at most {MAX_STEPS_PER_DAY}")
    start, minutes = _times(list(hours), steps, draft)
    days = (1 << min(per_week, DAYS_IN_WEEK)) - 1
    grid = Grid(first_monday_of_september(year), WEEKS, days, steps, minutes, 1, start)
    check(grid)
    if cycle > 1:
        draft.note(0, "days beyond one week: a cycle of weeks", f"{real} days, {cycle} weeks of {per_week} days")
    return Days(names, hours, per_week, parts, cycle, grid)


def _names(root: Node, listed: str, name: str) -> dict[str, int]:
    nodes = [node for node in root.within(listed) if node.name == name]
    found = {(node.exact("Name") or node.text): index for index, node in enumerate(nodes)}
    if not found or len(found) != len(nodes):
        raise (nodes[0] if nodes else root).refused(f"{listed}: none, or the same name twice")
    return found


def _per_week(root: Node, real: int) -> int:
    term = root.value("Number_of_Days_Per_Term")
    if root.value("Number_of_Terms").isdecimal() and term.isdecimal() and 1 <= int(term) <= DAYS_IN_WEEK:
        return int(term)
    if real <= DAYS_IN_WEEK:
        return real
    return next((days for days in (USUAL_DAYS, USUAL_DAYS + 1, DAYS_IN_WEEK) if real % days == 0), USUAL_DAYS)


def _times(hours: Sequence[str], steps: int, draft: Draft) -> tuple[int, int]:
    """Return the start of the day and the length of an hour, in minutes; FET has only names for them."""
    most = min(HOUR_MINUTES, MAX_DAY_MINUTES // steps)
    found = [_TIME.fullmatch(hour) for hour in hours]
    times = [int(match[1]) * 60 + int(match[2]) for match in found if match is not None]
    if len(times) != len(hours) or any(time >= MAX_DAY_MINUTES for time in times):
        draft.note(0, "hours without times", f"{', '.join(hours)}: {most} minutes each")
        return DAY_START, most
    gaps = {after - before for before, after in pairwise(times)}
    if len(gaps) == 1 and 0 < (gap := gaps.pop()) * steps <= MAX_DAY_MINUTES:
        return times[0], gap
    if len(hours) > 1:
        draft.note(0, "hours not evenly spaced", f"{', '.join(hours)}: {most} minutes each")
    return times[0], most
