"""A small curriculum-based problem with everything the extended format has, and its cost counted the long way."""

import random

ECTT = """Name: Little school
Courses: 5
Rooms: 3
Days: 3
Periods_per_day: 4
Curricula: 3
Min_Max_Daily_Lectures: 2 3
UnavailabilityConstraints: 4
RoomConstraints: 3

COURSES:
Algebra Rossi 3 3 30 1
Optics Verdi 2 2 42 0
Logic Rossi 3 2 40 1
Music Bianchi 1 1 18 0
Latin Bruno 2 1 7 0

ROOMS:
rA 32 1
rB 50 0
rC 20 0

CURRICULA:
q1 3 Algebra Optics Logic
q2 2 Logic Music
q3 0

UNAVAILABILITY_CONSTRAINTS:
Logic 2 0
Logic 2 1
Optics 0 0
Music 1 3

ROOM_CONSTRAINTS:
Algebra rA
Music rB
Algebra rC

END.
"""


def plain(text: str) -> str:
    """Return an extended problem as the plain format states it."""
    lines = text.splitlines()
    courses, rooms = lines.index("COURSES:"), lines.index("ROOMS:")
    curricula, constraints = lines.index("CURRICULA:"), lines.index("ROOM_CONSTRAINTS:")
    cut = [*lines[:6], lines[7].replace("UnavailabilityConstraints", "Constraints"), "", "COURSES:"]
    cut += [line.rpartition(" ")[0] for line in lines[courses + 1 : curricula - 1] if line and line != "ROOMS:"]
    cut.insert(cut.index("COURSES:") + rooms - courses - 1, "ROOMS:")
    return "\n".join([*cut, *lines[curricula:constraints], "END."]) + "\n"


def solution(text: str, seed: int) -> str:
    """Return a solution drawn by chance: most lectures placed, clashes and all."""
    chance = random.Random(seed)
    problem = _Problem(text)
    lines = []
    for course, (_, lectures, *_rest) in problem.courses.items():
        lines += [
            f"{course} {chance.choice(list(problem.rooms))} {chance.randrange(problem.days)} "
            f"{chance.randrange(problem.periods)}"
            for _ in range(lectures)
            if chance.random() < 0.9
        ]
    return "\n".join(lines) + "\n"


def mutated(text: str, solved: str, seed: int, moves: int = 12) -> str:
    """Return a solution with some lectures elsewhere, some in another room, some gone."""
    chance = random.Random(seed)
    problem = _Problem(text)
    lines = [line.split() for line in solved.splitlines() if line.strip()]
    for _ in range(moves):
        line = chance.choice(lines)
        what = chance.randrange(5)
        if what == 0:
            lines.remove(line)
        elif what == 1:
            line[1] = chance.choice(list(problem.rooms))
        else:
            line[2:] = [str(chance.randrange(problem.days)), str(chance.randrange(problem.periods))]
    return "\n".join(" ".join(line) for line in lines) + "\n"


class _Problem:
    """The words of a file, read with nothing of the code under test."""

    def __init__(self, text: str) -> None:
        section = ""
        self.courses: dict[str, tuple[str, int, int, int, str]] = {}
        self.rooms: dict[str, tuple[int, str]] = {}
        self.curricula: list[list[str]] = []
        self.never: set[tuple[str, int, int]] = set()
        self.unsuitable: set[tuple[str, str]] = set()
        self.low, self.high = 0, 10**6
        for line in text.splitlines():
            words = line.split()
            if not words:
                continue
            if words[0].endswith((":", "END.")) and words[0].isupper():
                section = words[0]
            elif section == "":
                self._head(words)
            else:
                self._row(section, words)

    def _head(self, words: list[str]) -> None:
        if words[0] == "Days:":
            self.days = int(words[1])
        elif words[0] == "Periods_per_day:":
            self.periods = int(words[1])
        elif words[0] == "Min_Max_Daily_Lectures:":
            self.low, self.high = int(words[1]), int(words[2])

    def _row(self, section: str, words: list[str]) -> None:
        if section == "COURSES:":
            double = words[5] if len(words) > 5 else "0"
            self.courses[words[0]] = (words[1], int(words[2]), int(words[3]), int(words[4]), double)
        elif section == "ROOMS:":
            self.rooms[words[0]] = (int(words[1]), words[2] if len(words) > 2 else "")
        elif section == "CURRICULA:":
            self.curricula.append(words[2:])
        elif section.startswith("UNAVAIL"):
            self.never.add((words[0], int(words[1]), int(words[2])))
        else:
            self.unsuitable.add((words[0], words[1]))


def naive(text: str, solved: str) -> dict[str, int]:  # noqa: C901 - the specification, rule after rule
    """Return how often each rule is broken, counted as the specification says it, without any index."""
    problem = _Problem(text)
    rows = [(c, r, int(d), int(p)) for c, r, d, p in (line.split() for line in solved.splitlines() if line.strip())]
    found = dict.fromkeys(
        (
            *("lectures", "conflicts", "room_occupation", "availability", "room_capacity", "minimum_working_days"),
            *("isolated_lectures", "room_stability", "windows", "student_min_max_load", "travel_distance"),
            *("room_suitability", "double_lectures"),
        ),
        0,
    )
    for course, (_, lectures, days, _, double) in problem.courses.items():
        mine = [row for row in rows if row[0] == course]
        found["lectures"] += lectures - len({(day, period) for _, _, day, period in mine})
        found["minimum_working_days"] += max(0, days - len({day for _, _, day, _ in mine}))
        found["room_stability"] += max(0, len({room for _, room, _, _ in mine}) - 1)
        if double == "1":
            for _, room, day, period in mine:
                same = [row for row in mine if row[2] == day]
                beside = [row for row in same if row[1] == room and row[3] in {period - 1, period + 1}]
                found["double_lectures"] += len(same) > 1 and not beside
    for index, (course, room, day, period) in enumerate(rows):
        found["availability"] += (course, day, period) in problem.never
        found["room_capacity"] += max(0, problem.courses[course][3] - problem.rooms[room][0])
        found["room_suitability"] += (course, room) in problem.unsuitable
        found["room_occupation"] += any(other[1:] == (room, day, period) for other in rows[:index])
        for other, _, its_day, its_period in rows[:index]:
            if (its_day, its_period) == (day, period) and other != course:
                together = any(course in members and other in members for members in problem.curricula)
                found["conflicts"] += together or problem.courses[course][0] == problem.courses[other][0]
    for members in problem.curricula:
        mine = [row for row in rows if row[0] in members]
        for day in range(problem.days):
            today = [row for row in mine if row[2] == day]
            taken = {period for _, _, _, period in today}
            if not today:
                continue
            found["student_min_max_load"] += max(0, problem.low - len(today)) + max(0, len(today) - problem.high)
            found["windows"] += max(taken) - min(taken) + 1 - len(taken)
            for _, room, _, period in today:
                found["isolated_lectures"] += period - 1 not in taken and period + 1 not in taken
                for _, other, _, its_period in today:
                    moved = problem.rooms[room][1] != problem.rooms[other][1]
                    found["travel_distance"] += its_period == period + 1 and moved
    return found
