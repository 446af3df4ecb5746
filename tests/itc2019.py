"""A small problem of ITC-2019 with every kind of constraint, solutions drawn by chance, and their cost the long way."""

import random
import xml.etree.ElementTree as ET
from itertools import combinations

_CLASSES = (("1", "", "2"), ("2", "1", "2"), ("3", "1", "2"), ("4", "", "3"), ("5", "", "3"), ("6", "", "9"))
_TYPES = (
    *("SameStart", "SameTime", "DifferentTime", "SameDays", "DifferentDays", "SameWeeks", "DifferentWeeks"),
    *("Overlap", "NotOverlap", "SameRoom", "DifferentRoom", "SameAttendees", "Precedence", "WorkDay(8)"),
    *("MinGap(3)", "MaxDays(2)", "MaxDayLoad(7)", "MaxBreaks(0,2)", "MaxBlock(6,1)"),
)


def problem(seed: int = 0) -> str:
    """Return a problem whose choices and penalties are drawn by chance: 2 weeks of 3 days of 24 slots."""
    chance = random.Random(seed)
    when = {(_bits(chance, 3), chance.randrange(18), _bits(chance, 2)) for _ in range(10)}
    times = [
        f'<time days="{days}" start="{start}" length="{chance.choice((2, 3, 5))}" weeks="{weeks}" '
        f'penalty="{chance.randrange(5)}"/>'
        for days, start, weeks in sorted(when)
    ]
    sections = {}
    for key, parent, limit in _CLASSES:
        own = "".join(dict.fromkeys(chance.choices(times, k=4)))
        rooms = "".join(f'<room id="{room}" penalty="{chance.randrange(4)}"/>' for room in chance.sample("123", 2))
        head = f'<class id="{key}" limit="{limit}"' + (f' parent="{parent}"' if parent else "")
        sections[key] = f'{head} room="false">{own}</class>' if key == "6" else f"{head}>{rooms}{own}</class>"
    distributions = ""
    for kind in _TYPES:
        for sort in ('required="true"', f'penalty="{chance.randrange(1, 9)}"'):
            names = chance.sample("123456", chance.randrange(2, 5))
            inside = "".join(f'<class id="{name}"/>' for name in names)
            distributions += f'<distribution type="{kind}" {sort}>{inside}</distribution>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE problem PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">
<problem name="little" nrDays="3" slotsPerDay="24" nrWeeks="2">
<optimization time="2" room="3" distribution="5" student="7"/>
<rooms>
<room id="1" capacity="30"><travel room="2" value="2"/><unavailable days="100" start="4" length="4" weeks="01"/></room>
<room id="2" capacity="20"/><room id="3" capacity="10"><travel room="1" value="1"/></room>
</rooms>
<courses>
<course id="A"><config id="a1"><subpart id="s1">{sections["1"]}</subpart>
<subpart id="s2">{sections["2"]}{sections["3"]}</subpart></config></course>
<course id="B"><config id="b1"><subpart id="s3">{sections["4"]}</subpart></config>
<config id="b2"><subpart id="s4">{sections["5"]}</subpart><subpart id="s5">{sections["6"]}</subpart></config></course>
</courses>
<distributions>{distributions}</distributions>
<students><student id="x"><course id="A"/></student><student id="y"><course id="A"/><course id="B"/></student>
<student id="z"><course id="B"/></student></students>
</problem>"""


def solution(text: str, seed: int, *, lawful: bool = False) -> str:
    """Return a solution drawn by chance; unless `lawful`, with times, rooms and students that are not allowed."""
    chance = random.Random(seed)
    root = ET.fromstring(text)  # noqa: S314 - made here, or of the project's own data
    rooms = [room.get("id") for room in root.iter("room") if room.get("capacity")]
    students = [student.get("id") for student in root.iter("student")]
    lines = []
    for section in root.iter("class"):
        times = section.findall("time")
        if not times or (not lawful and chance.random() < 0.1):
            continue
        time = chance.choice(times)
        weeks, start = time.get("weeks", ""), time.get("start")
        if not lawful and chance.random() < 0.1:
            weeks, start = weeks[::-1] if "1" in weeks else weeks, str(chance.randrange(10))
        own = [room.get("id") for room in section.findall("room")]
        some = rooms if not lawful and chance.random() < 0.2 else own
        room = f' room="{chance.choice(some)}"' if some else ""
        limit = int(section.get("limit", "0"))
        inside = chance.sample(students, min(len(students), chance.randrange(limit + 1 + (not lawful))))
        people = "".join(f'<student id="{student}"/>' for student in inside)
        head = f'<class id="{section.get("id")}" days="{time.get("days")}" start="{start}" weeks="{weeks}"{room}>'
        lines.append(f"{head}{people}</class>")
    return f'<solution name="{root.get("name")}">{"".join(lines)}</solution>'


def _bits(chance: random.Random, length: int) -> str:
    return format(chance.randrange(1, 1 << length), f"0{length}b")


class _At:
    """A class of a solution, its days and weeks as sets of numbers."""

    def __init__(self, found: ET.Element, section: ET.Element) -> None:
        self.id = found.get("id", "")
        self.days = {index for index, bit in enumerate(found.get("days", "")) if bit == "1"}
        self.weeks = {index for index, bit in enumerate(found.get("weeks", "")) if bit == "1"}
        self.start = int(found.get("start", "0"))
        self.room = found.get("room")
        self.students = {student.get("id") for student in found.findall("student")}
        self.section = section
        same = [time for time in section.findall("time") if _when(time) == _when(found)]
        self.penalty = int(same[0].get("penalty", "0")) if same else None
        self.end = self.start + int((same or section.findall("time"))[0].get("length", "0"))
        self.rooms = {room.get("id"): int(room.get("penalty", "0")) for room in section.findall("room")}


def _when(element: ET.Element) -> tuple[object, ...]:
    return element.get("days"), int(element.get("start", "0")), element.get("weeks")


def naive(text: str, solved: str) -> dict[str, int]:
    """Return the parts of the cost, each as the specification says it, without any index."""
    root = ET.fromstring(text)  # noqa: S314 - made here, or of the project's own data
    sections = {section.get("id", ""): section for section in root.iter("class") if section.findall("time")}
    for section in root.iter("class"):
        sections.setdefault(section.get("id", ""), section)
    placed = ET.fromstring(solved)  # noqa: S314 - made here
    at = {one.get("id", ""): _At(one, sections[one.get("id", "")]) for one in placed.findall("class")}
    found = dict.fromkeys(("unplaced", "time_domain", "room_domain", "room_taken", "room_closed", "required"), 0)
    found |= dict.fromkeys(("enrolment", "time", "room", "distribution", "student"), 0)
    found["unplaced"] = len(sections) - len(at)
    for one in at.values():
        found["time_domain"] += one.penalty is None
        found["time"] += one.penalty or 0
        if one.section.get("room") == "false":
            found["room_domain"] += one.room is not None
        else:
            found["room_domain"] += one.room not in one.rooms
            found["room"] += one.rooms.get(one.room, 0)
    _rooms(root, at, found)
    for distribution in root.iter("distribution"):
        _distribution(root, distribution, at, found)
    _students(root, at, sections, found)
    return found


def _slots(one: _At) -> set[tuple[int, int, int]]:
    return {(week, day, slot) for week in one.weeks for day in one.days for slot in range(one.start, one.end)}


def _rooms(root: ET.Element, at: dict[str, _At], found: dict[str, int]) -> None:
    for one, other in combinations(at.values(), 2):
        found["room_taken"] += one.room is not None and one.room == other.room and bool(_slots(one) & _slots(other))
    for one in at.values():
        closed = set()
        for room in root.find("rooms") or ():
            for never in room.findall("unavailable") if room.get("id") == one.room else ():
                start, length = int(never.get("start", "0")), int(never.get("length", "0"))
                closed |= {
                    (week, day, slot)
                    for week, bit in enumerate(never.get("weeks", ""))
                    for day, mark in enumerate(never.get("days", ""))
                    for slot in range(start, start + length)
                    if bit == mark == "1"
                }
        found["room_closed"] += bool(_slots(one) & closed)


def _travel(root: ET.Element, one: str | None, other: str | None) -> int:
    for here, there in ((one, other), (other, one)):
        for room in root.find("rooms") or ():
            if here is not None and here != there and room.get("id") == here:
                for travel in room.findall("travel"):
                    if travel.get("room") == there:
                        return int(travel.get("value", "0"))
    return 0


def _met(root: ET.Element, one: _At, other: _At) -> bool:
    """Say whether whoever is in both can be at both."""
    if not (one.days & other.days and one.weeks & other.weeks):
        return True
    travel = _travel(root, one.room, other.room)
    return one.end + travel <= other.start or other.end + travel <= one.start


def _pair(root: ET.Element, kind: str, value: int, one: _At, other: _At) -> bool:  # noqa: C901, PLR0912 - fifteen constraints, one line each
    apart = not (one.days & other.days and one.weeks & other.weeks)
    if kind == "SameStart":
        return one.start == other.start
    if kind == "SameTime":
        mine, its = set(range(one.start, one.end)), set(range(other.start, other.end))
        return mine <= its or its <= mine
    if kind == "DifferentTime":
        return not set(range(one.start, one.end)) & set(range(other.start, other.end))
    if kind == "SameDays":
        return one.days <= other.days or other.days <= one.days
    if kind == "DifferentDays":
        return not one.days & other.days
    if kind == "SameWeeks":
        return one.weeks <= other.weeks or other.weeks <= one.weeks
    if kind == "DifferentWeeks":
        return not one.weeks & other.weeks
    if kind == "Overlap":
        return bool(_slots(one) & _slots(other))
    if kind == "NotOverlap":
        return not _slots(one) & _slots(other)
    if kind == "SameRoom":
        return one.room == other.room
    if kind == "DifferentRoom":
        return one.room != other.room
    if kind == "SameAttendees":
        return _met(root, one, other)
    if kind == "Precedence":
        first, second = (min(one.weeks), min(one.days)), (min(other.weeks), min(other.days))
        return first < second or (first == second and one.end <= other.start)
    if kind == "WorkDay":
        return apart or max(one.end, other.end) - min(one.start, other.start) <= value
    assert kind == "MinGap"
    return apart or one.end + value <= other.start or other.end + value <= one.start


def _distribution(root: ET.Element, distribution: ET.Element, at: dict[str, _At], found: dict[str, int]) -> None:
    kind, _, rest = (distribution.get("type") or "").partition("(")
    values = [int(value) for value in rest.rstrip(")").split(",") if value]
    names = [one.get("id", "") for one in distribution.findall("class")]
    classes = [at[name] for name in names if name in at]
    weeks = int(root.get("nrWeeks", "0"))
    shared = 1
    if kind == "MaxDays":
        count = max(0, len(set().union(*(one.days for one in classes))) - values[0])
    elif kind.startswith("Max"):
        shared = weeks
        count = sum(_day(kind, values, _on(classes, week, day)) for week in range(weeks) for day in range(7))
    else:
        value = values[0] if values else 0
        count = sum(not _pair(root, kind, value, one, other) for one, other in combinations(classes, 2))
    if distribution.get("required") == "true":
        found["required"] += count
    else:
        found["distribution"] += int(distribution.get("penalty", "0")) * count // shared


def _on(classes: list[_At], week: int, day: int) -> list[_At]:
    return [one for one in classes if week in one.weeks and day in one.days]


def _day(kind: str, values: list[int], today: list[_At]) -> int:
    """Return by how much a day is too much: slots, breaks, or blocks that are too long."""
    if kind == "MaxDayLoad":
        return max(0, sum(one.end - one.start for one in today) - values[0])
    blocks = [{one} for one in today]
    merged = True
    while merged:
        merged = False
        for one, other in combinations(blocks, 2):
            a, b = (
                (min(x.start for x in one), max(x.end for x in one)),
                (min(x.start for x in other), max(x.end for x in other)),
            )
            if a[1] + values[1] >= b[0] and b[1] + values[1] >= a[0]:
                blocks = [block for block in blocks if block is not one and block is not other] + [one | other]
                merged = True
                break
    if kind == "MaxBreaks":
        return max(0, len(blocks) - 1 - values[0])
    return sum(
        len(block) > 1 and max(one.end for one in block) - min(one.start for one in block) > values[0]
        for block in blocks
    )


def _students(root: ET.Element, at: dict[str, _At], sections: dict[str, ET.Element], found: dict[str, int]) -> None:
    for one in at.values():
        found["enrolment"] += max(0, len(one.students) - int(one.section.get("limit", "999999")))
    for student in root.iter("student"):
        mine = [one for one in at.values() if student.get("id") in one.students]
        taken = {one.id for one in mine}
        found["student"] += sum(not _met(root, one, other) for one, other in combinations(mine, 2))
        asked: set[str] = set()
        for wanted in student.findall("course"):
            (course,) = [course for course in root.findall("courses/course") if course.get("id") == wanted.get("id")]
            tries = []
            for index, config in enumerate(course.findall("config")):
                names = {one.get("id", "") for one in config.iter("class")}
                wrong = 0
                for subpart in config.findall("subpart"):
                    here = [one.get("id", "") for one in subpart.findall("class") if one.get("id") in taken]
                    wrong += abs(len(here) - 1)
                    wrong += sum(sections[name].get("parent") not in {None, *taken} for name in here)
                tries.append((wrong, index, names))
            wrong, _, names = min(tries, key=lambda one: one[:2])
            found["enrolment"] += wrong
            asked |= names
        found["enrolment"] += len(taken - asked)
