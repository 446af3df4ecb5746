"""From an ITC-2019 problem, and a solution of it, to a base: one activity per class and day. Reads bytes only."""

from collections import Counter
from itertools import combinations
from typing import Any

from hpserver.base.grid import DIVISIONS, MAX_DAY_MINUTES, Grid
from hpserver.base.model import MAX_MANY, MAX_PEOPLE
from hpserver.base.weeks import each_week
from hpserver.costs.itc2019_problem import Course, Placed, Problem, Section, Solution, Time
from hpserver.costs.itc2019_types import FORMS, parameters_of
from hpserver.imports.draft import Draft
from hpserver.imports.itc2019_sites import sites_of
from hpserver.imports.itc2019_text import parse_problem, parse_solution
from hpserver.imports.result import Imported
from hpserver.imports.school import first_monday_of_september


def read_itc2019(data: bytes, year: int, solution: bytes | None = None) -> Imported:
    """Read a problem (`.xml`, `.xml.gz`), placed as a solution says if one is given, from September of `year` on.

    A course is a subject and a cohort (who asks for it); a class is a series with its possible times and rooms, a
    combined group (who is in it) and one activity per day it meets, with the code `<class>/<number>`. A class is placed
    when the problem leaves one time, or as the solution says; one with several times is as long as the cheapest.
    Raises ImportRefusedError, line and column.
    """
    problem = parse_problem(data)
    solved = Solution({}) if solution is None else parse_solution(solution, problem)
    return _Writer(problem, solved).write(year)


class _Writer:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self._problem = problem
        self._solution = solution
        self._draft = Draft("itc2019")
        self._draft.title = problem.name
        self._series: dict[str, int] = {}
        self._configured: dict[str, dict[str, Any]] = {}
        self._left: Counter[str] = Counter()
        self._pools: dict[tuple[int, ...], int] = {}

    def write(self, year: int) -> Imported:
        self._rooms()
        self._students = {key: self._draft.row("student", name=key, code=key) for key in self._problem.students}
        self._wanted: dict[str, list[str]] = {}
        for key, courses in self._problem.students.items():
            for one in courses:
                self._wanted.setdefault(one, []).append(key)
        for part in ("time", "room", "distribution", "student"):
            self._draft.row("criterion", part=part, weight=getattr(self._problem.weights, part))
        for course in self._problem.courses:
            self._course(course)
        self._make_all()
        self._distributions()
        for what, count in self._left.items():
            self._draft.left(what, count)
        return self._draft.finish(grid_of(self._problem, year))

    # --- rooms ----------------------------------------------------------------------------------------------

    def _rooms(self) -> None:
        minutes = MAX_DAY_MINUTES // self._problem.slots
        sites = sites_of(self._problem)
        if sites is None:
            self._left["travel times between rooms"] = sum(len(room.travel) for room in self._problem.rooms.values())
            sites = []
        keys = [self._draft.row("site", name=", ".join(site)[:200]) for site in sites]
        where = {room: key for site, key in zip(sites, keys, strict=True) for room in site}
        for one, other in combinations(range(len(sites)), 2):
            there, back = self._way(sites[one][0], sites[other][0]), self._way(sites[other][0], sites[one][0])
            if there or back:
                self._draft.row("travel_time", start=keys[one], finish=keys[other], minutes=there * minutes)
            if there != back:
                self._draft.row("travel_time", start=keys[other], finish=keys[one], minutes=back * minutes)
        self._room_keys: dict[str, int] = {}
        for key, room in self._problem.rooms.items():
            fields = {"capacity": min(room.capacity, MAX_PEOPLE), "site": where.get(key)}
            self._room_keys[key] = self._draft.row("room", name=key, **fields)
        for key, room in self._problem.rooms.items():
            for never in room.unavailable:
                for place in self._places(never.days, never.start):
                    row = {"place": place, "steps": never.length, "weeks": never.weeks}
                    self._draft.row("availability", level="impossible", room=self._room_keys[key], **row)

    def _way(self, one: str, other: str) -> int:
        """Return the slots from a room to another; more than a day's are no other than these."""
        return min(self._problem.travel(one, other), self._problem.slots)

    def _places(self, days: int, start: int) -> list[int]:
        return [day * self._problem.slots + start for day in each_week(days)]

    # --- courses and classes --------------------------------------------------------------------------------

    def _course(self, course: Course) -> None:
        subject = self._draft.row("subject", name=course.id, code=course.id)
        wanted = self._wanted.get(course.id, [])
        if wanted:
            cohort = self._draft.row("cohort", name=course.id, size=len(wanted), code=course.id)
            for student in wanted:
                self._draft.row("membership", student=self._students[student], cohort=cohort)
        for config in course.configs:
            for subpart in config.subparts:
                for key in subpart.sections:
                    self._configured[key] = {"subject": subject, "configuration": config.id, "subpart": subpart.id}

    def _make_all(self) -> None:
        """Make every class, its parent before it."""
        for key in self._configured:
            line: dict[str, None] = {}
            above: str | None = key
            while above is not None and above not in self._series and above not in line:
                line[above] = None
                above = self._problem.sections[above].parent
            for one in reversed(line):
                self._section(self._problem.sections[one], self._configured[one])

    def _section(self, section: Section, where: dict[str, Any]) -> None:
        placed = self._solution.placed.get(section.id)
        group = self._draft.row("combined_group", name=section.id, code=section.id)
        for student in placed.students if placed is not None else ():
            self._draft.row("membership", student=self._students[student], combined=group)
        parent = None if section.parent is None else self._series.get(section.parent)
        self._left["parents that go round in a circle"] += parent is None and section.parent is not None
        series = self._series[section.id] = self._draft.row(
            "series", name=section.id, code=section.id, **where, parent=parent, combined=group,
            limit=None if section.limit is None else min(section.limit, MAX_PEOPLE), needs_room=section.needs_room,
        )  # fmt: skip
        self._choices(section, series)
        fields: dict[str, Any] = {
            "subject": where["subject"],
            "combined": (group,),
            "students": min(section.limit or 0, MAX_PEOPLE),
            "series": series,
            **self._room_fields(section, placed),
        }
        time, is_placed = self._time(section, placed)
        if time is None:
            self._draft.note(0, "class without a time: it has no activity", section.id)
            return
        fields["locked"] = is_placed and len(section.times) == 1
        for number, place in enumerate(self._places(time.days, time.start), 1):
            self._draft.activity(
                duration=time.length,
                weeks=time.weeks,
                place=place if is_placed else None,
                code=f"{section.id}/{number}",
                **fields,
            )

    def _choices(self, section: Section, series: int) -> None:
        for time in section.times:
            place = self._places(time.days, time.start)[0]
            row = {"place": place, "steps": time.length, "weeks": time.weeks, "days": time.days}
            self._draft.row("possible_time", series=series, penalty=time.penalty, **row)
        for room, penalty in section.rooms.items():
            self._draft.row("possible_room", series=series, room=self._room_keys[room], penalty=penalty)

    def _time(self, section: Section, placed: Placed | None) -> tuple[Time | None, bool]:
        """Return when a class is, and whether that is settled."""
        if placed is not None:
            when = placed.days, placed.start, placed.weeks
            known = next((time for time in section.times if time.when() == when), None)
            if known is not None:
                return known, True
            self._draft.note(0, "time that the class may not have, left unplaced", section.id)
        if not section.times:
            return None, False
        return min(section.times, key=lambda time: time.penalty), len(section.times) == 1

    def _room_fields(self, section: Section, placed: Placed | None) -> dict[str, Any]:
        """Return the room that is settled, or the pool of those there are."""
        if placed is not None and placed.room is not None:
            return {"rooms": (self._room_keys[placed.room],)}
        rooms = tuple(sorted(self._room_keys[key] for key in section.rooms))
        if len(rooms) <= 1:
            return {"rooms": rooms}
        if len(rooms) > MAX_MANY:
            return {}  # the possible rooms say it all; a pool is for those who look for one by hand
        if rooms not in self._pools:
            self._pools[rooms] = self._draft.row("room_pool", name=f"Rooms {len(self._pools) + 1}", rooms=rooms)
        return {"pool": self._pools[rooms]}

    # --- constraints ----------------------------------------------------------------------------------------

    def _distributions(self) -> None:
        minutes = MAX_DAY_MINUTES // self._problem.slots
        for one in self._problem.distributions:
            series = tuple(self._series[name] for name in one.sections)
            if len(series) > MAX_MANY:
                self._left[f"distribution {one.type}"] += 1
                continue
            form = FORMS[one.type]
            row = {"hard": one.required, "weight": one.penalty, "series": series}
            parameters = parameters_of(form, one.parameters, minutes)
            self._draft.row("constraint", rule=form.rule, parameters=parameters, **row)


def grid_of(problem: Problem, year: int) -> Grid:
    """Return the grid of a problem: its slots from midnight, from the first Monday of September of `year`."""
    minutes = MAX_DAY_MINUTES // problem.slots
    division = max(division for division in DIVISIONS if problem.slots % division == 0)
    days = (1 << problem.days) - 1
    sequences = problem.slots // division
    return Grid(first_monday_of_september(year), problem.weeks, days, sequences, minutes * division, division, 0)
