"""ITC-2019 problems and solutions as XML. Knows no base."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from hpserver.costs.itc2019_problem import Course, Distribution, Problem, Room, Section, Solution, Time

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_TYPE = '<!DOCTYPE problem PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">'


def write_problem(problem: Problem) -> bytes:
    """Return a problem as the competition's solvers read it."""
    size = f'nrDays="{problem.days}" nrWeeks="{problem.weeks}" slotsPerDay="{problem.slots}"'
    weights = problem.weights
    parts = " ".join(f'{part}="{getattr(weights, part)}"' for part in weights.__struct_fields__)
    lines = [
        *(_HEAD, _TYPE, f"<problem name={quoteattr(problem.name)} {size}>"),
        f"  <optimization {parts}/>",
        *("  <rooms>", *(line for room in problem.rooms.values() for line in _room(problem, room)), "  </rooms>"),
        *("  <courses>", *(line for course in problem.courses for line in _course(problem, course)), "  </courses>"),
        *("  <distributions>", *(line for one in problem.distributions for line in _distribution(one))),
        *("  </distributions>", "  <students>"),
    ]
    for student, courses in problem.students.items():
        inside = "".join(f"<course id={quoteattr(course)}/>" for course in courses)
        lines.append(f"    <student id={quoteattr(student)}>{inside}</student>")
    return "\n".join([*lines, "  </students>", "</problem>", ""]).encode()


def write_solution(problem: Problem, solution: Solution) -> bytes:
    """Return a solution as the competition's validator reads it."""
    lines = [_HEAD, f"<solution name={quoteattr(problem.name)}>"]
    for name, placed in solution.placed.items():
        room = "" if placed.room is None else f" room={quoteattr(placed.room)}"
        when = f'days="{_bits(placed.days, problem.days)}" start="{placed.start}"'
        lines.append(f'  <class id={quoteattr(name)} {when} weeks="{_bits(placed.weeks, problem.weeks)}"{room}>')
        lines += [f"    <student id={quoteattr(student)}/>" for student in placed.students]
        lines.append("  </class>")
    return "\n".join([*lines, "</solution>", ""]).encode()


def _room(problem: Problem, room: Room) -> Iterator[str]:
    yield f'    <room id={quoteattr(room.id)} capacity="{room.capacity}">'
    for other, value in room.travel.items():
        yield f'      <travel room={quoteattr(other)} value="{value}"/>'
    yield from (f"      <unavailable {_when(problem, time)}/>" for time in room.unavailable)
    yield "    </room>"


def _course(problem: Problem, course: Course) -> Iterator[str]:
    yield f"    <course id={quoteattr(course.id)}>"
    for config in course.configs:
        yield f"      <config id={quoteattr(config.id)}>"
        for subpart in config.subparts:
            yield f"        <subpart id={quoteattr(subpart.id)}>"
            for name in subpart.sections:
                yield from _section(problem, problem.sections[name])
            yield "        </subpart>"
        yield "      </config>"
    yield "    </course>"


def _section(problem: Problem, section: Section) -> Iterator[str]:
    limit = "" if section.limit is None else f' limit="{section.limit}"'
    parent = "" if section.parent is None else f" parent={quoteattr(section.parent)}"
    room = "" if section.needs_room else ' room="false"'
    yield f"          <class id={quoteattr(section.id)}{limit}{parent}{room}>"
    for key, penalty in section.rooms.items():
        yield f'            <room id={quoteattr(key)} penalty="{penalty}"/>'
    for time in section.times:
        yield f'            <time {_when(problem, time)} penalty="{time.penalty}"/>'
    yield "          </class>"


def _distribution(one: Distribution) -> Iterator[str]:
    numbers = f"({','.join(map(str, one.parameters))})" if one.parameters else ""
    sort = 'required="true"' if one.required else f'penalty="{one.penalty}"'
    yield f'    <distribution type="{one.type}{numbers}" {sort}>'
    yield from (f"      <class id={quoteattr(name)}/>" for name in one.sections)
    yield "    </distribution>"


def _when(problem: Problem, time: Time) -> str:
    days, weeks = _bits(time.days, problem.days), _bits(time.weeks, problem.weeks)
    return f'days="{days}" start="{time.start}" length="{time.length}" weeks="{weeks}"'


def _bits(value: int, length: int) -> str:
    return f"{value:0{length}b}"[::-1]
