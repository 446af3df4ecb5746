"""A diagnosis, a report and free rooms as values and as lines for people. Pure; knows no connection and no file."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from hpserver.base.agreement import fill
from hpserver.base.diagnosis.explained import explain_reason, explain_repair, named
from hpserver.base.diagnosis.grid import Diagnosis, PlaceDiagnosis, Standing, diagnose
from hpserver.base.diagnosis.repairs import Repairs
from hpserver.base.diagnosis.report import Report
from hpserver.base.diagnosis.rooms import RoomFit
from hpserver.base.diagnosis.smallest import Smallest, smallest, smallest_of_all
from hpserver.base.diagnosis.student_clashes import StudentClash
from hpserver.base.diagnosis.wording import say_cause, say_reason, say_repair, say_standing, table
from hpserver.base.explain import explain
from hpserver.base.grid import Grid
from hpserver.base.planning import Planning
from hpserver.base.rules.wording import say as say_rule
from hpserver.base.weeks import format_weeks
from hpserver.base.wording import say
from hpserver.cli.words.fields import weeks_given
from hpserver.cli.words.telling import find
from hpserver.cli.words.telling import named as called
from hpserver.cli.words.when import written
from hpserver.errors import InvalidChangeError

Shown = tuple[dict[str, Any], str]
"""The same thing for programs and for people."""

WORDS: Final = {
    "fr": {
        "nowhere": "aucune place : le cours n'a aucune séance à placer, ou elle ne tient dans aucune journée",
        "causes": "il suffirait de lever : {causes}", "best": "le plus facile, {at} : lever {causes}",
        "none": "aucune réparation trouvée", "cut": "recherche interrompue : il peut y en avoir d'autres",
        "repair": "réparation {number} : ", "here": "{name}, {at} : {verdict}", "cost": "coût {cost}",
        "clean": "aucun conflit, aucune contrainte enfreinte",
        "no_room": "aucune salle n'est libre dans toutes les semaines {weeks}",
        "total": "{clashes} conflit(s), {meetings} semaine(s) ; {breaches} contrainte(s) enfreinte(s), dont {hard} "
        "obligatoire(s) ; coût {cost}",
        "resource": "{name} : {clashes} conflit(s), {breaches} contrainte(s)", "rest": "… {count} de plus",
        "more": "… et {count} de plus",
        "room": "{name} : {count} semaine(s) {weeks}, {spare} place(s) de plus",
        "students": "{count} étudiant(s) en deux endroits à la fois",
        "student_clash": "{activity}, et {other} : {count} étudiant(s), semaine(s) {weeks}",
        "nobody": "aucun étudiant n'est attendu en deux endroits à la fois",
    },
    "en": {
        "nowhere": "no place: the activity has no meeting to place, or it fits in no day",
        "causes": "it would be enough to lift: {causes}", "best": "easiest, {at}: lift {causes}",
        "none": "no repair was found", "cut": "the search was cut short: there may be others",
        "repair": "repair {number}: ", "here": "{name}, {at}: {verdict}", "cost": "cost {cost}",
        "clean": "no clash, no rule broken", "no_room": "no room is free in all of weeks {weeks}",
        "total": "{clashes} clash(es), {meetings} week(s); {breaches} rule(s) broken, {hard} of them hard; cost {cost}",
        "resource": "{name}: {clashes} clash(es), {breaches} rule(s)", "rest": "… {count} more",
        "more": "… and {count} more",
        "room": "{name}: {count} week(s) {weeks}, {spare} seat(s) to spare",
        "students": "{count} student(s) in two places at once",
        "student_clash": "{activity}, and {other}: {count} student(s), week(s) {weeks}",
        "nobody": "no student is expected in two places at once",
    },
}  # fmt: skip

MOST_NAMES: Final = 8
"""Students named for one clash: a list that is read. Programs are given all."""


def diagnosis_shown(planning: Planning, activity: int, rooms: Sequence[int], place: int | None, language: str) -> Shown:
    """Return the whole grid, or with `place` everything about it."""
    found = diagnose(planning, activity, rooms or None)
    name = called(planning, "activity", activity, language)
    value: dict[str, Any] = {"activity": activity, "name": name, "weeks": format_weeks(found.weeks)}
    if place is not None:
        if place not in found.places():
            raise InvalidChangeError(f"activity {activity} does not fit within a working day there", field="place")
        here, fewest = found.at(place).told(), smallest(planning, found, place)
        value |= _place_value(planning, here) | {"smallest": _causes(planning, fewest)}
        return value, "\n".join(_place_lines(planning, name, here, fewest, language))
    least = smallest_of_all(planning, found)
    places = {str(one): _standing(planning.grid, one, standing) for one, standing in found.places().items()}
    value |= {"places": places, "easiest": None if least is None else least.place}
    value["smallest"] = [] if least is None else _causes(planning, least)
    return value, "\n".join([name, *_grid_lines(planning, found, least, language)])


def repairs_shown(planning: Planning, found: Repairs, language: str) -> Shown:
    """Return repairs, numbered from 1."""
    words, lines = WORDS[language], []
    told = [explain_repair(planning, one) for one in found.found]
    for number, one in enumerate(told, 1):
        head, *edits = say_repair(one, language)
        lines += [words["repair"].format(number=number) + head, *edits]
    lines += [] if told else [words["none"]]
    lines += [] if found.complete else [words["cut"]]
    return {"repairs": msgspec.to_builtins(told), "complete": found.complete}, "\n".join(lines)


def report_shown(planning: Planning, found: Report, of_students: Sequence[StudentClash], language: str) -> Shown:
    """Return a report: totals, then by resource what is listed, last how many students are in two places."""
    words = WORDS[language]
    value: dict[str, Any] = {
        name: getattr(found, name) for name in ("clashes", "meetings", "breaches", "hard", "cost", "listed")
    }
    value["resources"] = [
        {
            **named_value(planning, one.kind, one.key),
            "clash_count": one.clash_count, "breach_count": one.breach_count, "cost": one.cost,
            "clashes": [msgspec.structs.asdict(clash) for clash in one.clashes],
            "breaches": [msgspec.structs.asdict(breach) for breach in one.breaches],
        }
        for one in found.resources
    ]  # fmt: skip
    value |= {"students": _concerned(of_students), "student_clashes": len(of_students)}
    if not found.clashes and not found.breaches and not of_students:
        return value, words["clean"]
    lines = [
        fill(
            words["total"],
            language,
            **{name: value[name] for name in ("clashes", "meetings", "breaches", "hard", "cost")},
        )
    ]
    for one in found.resources:
        name = say_cause(named(planning, (one.kind, one.key)), language)
        lines.append(fill(words["resource"], language, name=name, clashes=one.clash_count, breaches=one.breach_count))
        lines += [f"  {say(explain(planning, clash), language)}" for clash in one.clashes]
        lines += [f"  {say_rule(planning, breach, language)}" for breach in one.breaches]
    rest = found.clashes + found.breaches - found.listed
    lines += [words["rest"].format(count=rest)] if rest else []
    if of_students:
        lines.append(fill(words["students"], language, count=_concerned(of_students)) + " (student-clashes)")
    return value, "\n".join(lines)


def student_clashes_shown(planning: Planning, found: Sequence[StudentClash], limit: int, language: str) -> Shown:
    """Return who is expected in two places: those of most students first, `limit` of them, each with some names."""
    words = WORDS[language]
    concerned = _concerned(found)
    value: dict[str, Any] = {"students": concerned, "student_clashes": len(found)}
    value["clashes"] = [
        msgspec.structs.asdict(one)
        | {"weeks": format_weeks(one.weeks), "at": written(one.place, planning.grid, "en")}
        | {"students": [named_value(planning, "student", key) for key in one.students]}
        for one in found[:limit]
    ]
    if not found:
        return value, words["nobody"]
    lines = [fill(words["students"], language, count=concerned)]
    for one in found[:limit]:
        sides = (called(planning, "activity", key, language) for key in (one.activity, one.other))
        said = dict(zip(("activity", "other"), sides, strict=True))
        weeks = format_weeks(one.weeks)
        lines.append(fill(words["student_clash"], language, **said, count=len(one.students), weeks=weeks))
        names = [called(planning, "student", key, language) for key in one.students[:MOST_NAMES]]
        rest = len(one.students) - len(names)
        lines.append(f"  {', '.join(names)}" + (f" {words['more'].format(count=rest)}" if rest else ""))
    rest = len(found) - limit
    return value, "\n".join(lines + ([words["rest"].format(count=rest)] if rest > 0 else []))


def rooms_shown(planning: Planning, found: Sequence[RoomFit], language: str, weeks: int) -> Shown:
    """Return the rooms that are free in all of these weeks, the best fit first."""
    value = [
        {**named_value(planning, "room", one.room), "weeks": format_weeks(one.weeks), "spare": one.spare}
        for one in found
    ]
    words = WORDS[language]
    lines = [
        fill(
            words["room"], language, name=called(planning, "room", one.room, language), weeks=format_weeks(one.weeks),
            count=one.weeks.bit_count(), spare=one.spare,
        )
        for one in found
    ]  # fmt: skip
    return {"rooms": value}, "\n".join(lines or [words["no_room"].format(weeks=format_weeks(weeks))])


def slots_shown(planning: Planning, found: dict[int, int], language: str) -> Shown:
    """Return free places, in order."""
    value = {str(place): format_weeks(weeks) for place, weeks in found.items()}
    lines = [f"{written(place, planning.grid, language)}  {format_weeks(weeks)}" for place, weeks in found.items()]
    return {"places": value}, "\n".join(lines)


def steps_of(grid: Grid, minutes: int) -> int:
    """Return a length in steps; 0 minutes are one sequence. Raises InvalidChangeError unless they are whole steps."""
    if not minutes:
        return grid.division
    if minutes % grid.step_minutes:
        raise InvalidChangeError(f"{minutes} minutes are no whole steps of {grid.step_minutes}", field="duration")
    return minutes // grid.step_minutes


def weeks_of(grid: Grid, text: str) -> int:
    """Return the week set written `[1..6]` or `1-6`, all weeks for nothing. Raises InvalidChangeError."""
    given = weeks_given(text, grid)
    return grid.all_weeks if given is None else given


def resource_of(planning: Planning, text: str) -> tuple[str, int]:
    """Return what is written `instructor:Marie` or `room:12`. Raises InvalidChangeError, NotFoundError."""
    kind, _, wanted = text.partition(":")
    return kind, find(planning, kind, wanted)


def named_value(planning: Planning, kind: str, key: int) -> dict[str, Any]:
    """Return an object for programs: kind, key, name."""
    return msgspec.structs.asdict(named(planning, (kind, key)))


def _concerned(found: Sequence[StudentClash]) -> int:
    return len({student for one in found for student in one.students})


def _grid_lines(planning: Planning, found: Diagnosis, least: Smallest | None, language: str) -> list[str]:
    words = WORDS[language]
    if least is None:
        return [words["nowhere"]]
    lines = table(planning.grid, found, language)
    if least.causes:
        causes = _told_causes(planning, least, language)
        lines.append(words["best"].format(at=written(least.place, planning.grid, language), causes=causes))
    return lines


def _place_lines(
    planning: Planning, name: str, here: PlaceDiagnosis, fewest: Smallest, language: str
) -> list[str]:  # fmt: skip
    words = WORDS[language]
    at, verdict = written(here.place, planning.grid, language), say_standing(here.standing, language)
    lines = [words["here"].format(name=name, at=at, verdict=verdict)]
    lines += [f"  {say_reason(planning, one, language)}" for one in here.reasons]
    if here.more:
        lines.append("  " + words["more"].format(count=here.more))
    if fewest.causes:
        lines.append("  " + words["causes"].format(causes=_told_causes(planning, fewest, language)))
    return lines


def _told_causes(planning: Planning, fewest: Smallest, language: str) -> str:
    return ", ".join(say_cause(named(planning, cause), language) for cause in fewest.causes)


def _causes(planning: Planning, fewest: Smallest) -> list[dict[str, Any]]:
    return [named_value(planning, *cause) for cause in fewest.causes]


def _place_value(planning: Planning, here: PlaceDiagnosis) -> dict[str, Any]:
    reasons = [msgspec.to_builtins(explain_reason(planning, one)) for one in here.reasons]
    return {"place": here.place, **_standing(planning.grid, here.place, here.standing), "cost": here.cost,
            "reasons": reasons, "more": here.more}  # fmt: skip


def _standing(grid: Grid, place: int, standing: Standing) -> dict[str, Any]:
    return {
        "at": written(place, grid, "en"), "verdict": standing.verdict, "free": format_weeks(standing.free),
        "soft": format_weeks(standing.soft), "blocked": format_weeks(standing.blocked),
    }  # fmt: skip
