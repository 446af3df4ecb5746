"""A diagnosis in French and English: sentences, and the grid as a table. Knows words; decides nothing."""

from typing import Final

from hpserver.base.agreement import fill
from hpserver.base.diagnosis.explained import EditExplained, Named, ReasonExplained, RepairExplained, explain_reason
from hpserver.base.diagnosis.grid import TAKEN, Diagnosis, Reason, Standing, Verdict
from hpserver.base.explain import titled
from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.planning import Planning
from hpserver.base.rules.api import Barrier
from hpserver.base.rules.wording import say as say_rule
from hpserver.base.wording import DAYS, hour, kind_word

ALL_WEEKS: Final = "✓"
SOFT: Final = "·"
IMPOSSIBLE: Final = "\N{EN DASH}"
"""In the table: free in all weeks; after a number or a tick, a soft rule is broken; impossible. A number is weeks."""

VERDICTS: Final[dict[str, dict[Verdict, str]]] = {
    "fr": {
        "free": "libre toutes les semaines ({count})",
        "partly": "libre {count} semaine(s) sur {all}",
        "soft": "possible {count} semaine(s) sur {all}, avec contrainte non respectée ({soft} semaine(s))",
        "impossible": "impossible",
    },
    "en": {
        "free": "free in all weeks ({count})",
        "partly": "free in {count} of {all} weeks",
        "soft": "possible in {count} of {all} weeks, a soft constraint being broken in {soft}",
        "impossible": "impossible",
    },
}

WORDS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "same": "{kind} {who} : en {by}, {count} semaine(s) {weeks}",
        "shared": "{kind} {who} : des étudiants ({other_kind} {other_who}) en {by}, {count} semaine(s) {weeks}",
        "hard": "✗", "soft": "·", "cost": " (coût {cost} par semaine)",
        "move": "déplacer {activity}{since} au {day} {start}, {weeks}",
        "since": " du {day} {start}", "at": ", {day} {start},",
        "room": "donner à {activity}{at} la salle {keys}, {weeks}",
        "instructor": "confier {activity}{at} à {keys}, {weeks}",
        "whole": "toutes ses semaines ({count})", "some": "semaines {weeks}",
        "disturbed": "dérange {students} étudiant(s) et {instructors} enseignant(s), {meetings} séance(s)",
        "rehoused": ", {rehoused} personne(s) ailleurs à la même heure",
        "nobody": "ne dérange personne",
        "untitled": "cours {key}",
        "legend": "✓ libre toutes les semaines ({all})  n libre n semaines  · contrainte enfreinte  {no} impossible",
    },
    "en": {
        "same": "{kind} {who}: in {by}, {count} week(s) {weeks}",
        "shared": "{kind} {who}: students ({other_kind} {other_who}) are in {by}, {count} week(s) {weeks}",
        "hard": "✗", "soft": "·", "cost": " (cost {cost} a week)",
        "move": "move {activity}{since} to {day} {start}, {weeks}",
        "since": " from {day} {start}", "at": ", {day} {start},",
        "room": "give {activity}{at} room {keys}, {weeks}",
        "instructor": "have {activity}{at} taught by {keys}, {weeks}",
        "whole": "all its weeks ({count})", "some": "weeks {weeks}",
        "disturbed": "disturbs {students} student(s) and {instructors} instructor(s), {meetings} meeting(s)",
        "rehoused": ", {rehoused} person(s) elsewhere at the same hour",
        "nobody": "disturbs nobody",
        "untitled": "activity {key}",
        "legend": "✓ free in all weeks ({all})   n free in n weeks   · a soft constraint is broken   {no} impossible",
    },
}  # fmt: skip


def say_standing(standing: Standing, language: str) -> str:
    """Return what holds at a place, in the words of the grid."""
    count = (standing.free | standing.soft).bit_count()
    every = (standing.free | standing.soft | standing.blocked).bit_count()
    language = _known(language)
    words = VERDICTS[language][standing.verdict]
    return fill(words, language, count=count, all=every, soft=standing.soft.bit_count())


def say_reason(planning: Planning, reason: Reason, language: str) -> str:
    """Return one sentence for a reason, with a mark in front: a cross for a hard one, a dot for a soft one."""
    language = _known(language)
    words = WORDS[language]
    if reason.rule == TAKEN:
        sentence = _say_taken(explain_reason(planning, reason), language)
    else:
        barrier = Barrier(
            reason.rule, reason.constraint, reason.hard, reason.cost, reason.kind, reason.key, reason.other,
            reason.weeks,
        )  # fmt: skip
        sentence = say_rule(planning, barrier, language)
    cost = "" if reason.hard else words["cost"].format(cost=reason.cost)
    return f"{words['hard' if reason.hard else 'soft']} {sentence}{cost}"


def say_cause(cause: Named, language: str) -> str:
    """Return a cause: its kind and name."""
    language = _known(language)
    return f"{kind_word(cause.kind, language)} {_name(cause, language)}".strip()


def say_repair(repair: RepairExplained, language: str) -> list[str]:
    """Return a line on whom a repair disturbs, and one for each of its edits."""
    language = _known(language)
    words = WORDS[language]
    head = fill(
        words["disturbed" if repair.students or repair.instructors else "nobody"],
        language,
        students=repair.students,
        instructors=repair.instructors,
        meetings=repair.meetings,
    )
    if repair.rehoused:
        head += fill(words["rehoused"], language, rehoused=repair.rehoused)
    return [head, *(f"  {say_edit(edit, language)}" for edit in repair.edits)]


def say_edit(edit: EditExplained, language: str) -> str:
    """Return what to do."""
    language = _known(language)
    words = WORDS[language]
    weeks = words["whole" if edit.whole else "some"].format(weeks=edit.weeks, count=edit.count)
    known = edit.from_day is not None and edit.from_start is not None
    now = {"day": DAYS[language][edit.from_day or 0], "start": hour(edit.from_start or 0)}
    since, at = (words[one].format(**now) if known else "" for one in ("since", "at"))
    return words[edit.what].format(
        since=since, at=at, activity=_name(edit.activity, language), weeks=weeks,
        keys=", ".join(_name(one, language) for one in edit.keys),
        day="" if edit.day is None else DAYS[language][edit.day], start="" if edit.start is None else hour(edit.start),
    )  # fmt: skip


def table(grid: Grid, diagnosis: Diagnosis, language: str) -> list[str]:
    """Return the grid of a diagnosis: a line per step of the day, a column per working day, and the legend."""
    language = _known(language)
    days = [day for day in range(DAYS_IN_WEEK) if grid.works_on(day)]
    known = diagnosis.places()
    titles = ["", *(DAYS[language][day] for day in days)]
    rows = [titles]
    for step in range(grid.steps_per_day):
        cells = [cell(known.get(day * grid.steps_per_day + step)) for day in days]
        rows.append([hour(grid.minutes_of(step)), *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    lines = ["  ".join(text.center(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, WORDS[language]["legend"].format(all=diagnosis.weeks.bit_count(), no=IMPOSSIBLE)]


def cell(standing: Standing | None) -> str:
    """Return what a place shows: how many weeks it is possible in, a tick for all, a dot when a soft rule is broken."""
    if standing is None or not standing.possible:
        return IMPOSSIBLE
    weeks = str(standing.possible.bit_count()) if standing.blocked else ALL_WEEKS
    return weeks + (SOFT if standing.soft else "")


def _say_taken(reason: ReasonExplained, language: str) -> str:
    return fill(
        WORDS[language]["same" if reason.who == reason.through else "shared"], language,
        kind=kind_word(reason.who.kind, language), who=_name(reason.who, language), by=_name(reason.by, language),
        other_kind=kind_word(reason.through.kind, language), other_who=_name(reason.through, language),
        weeks=reason.weeks, count=reason.count,
    )  # fmt: skip


def _name(one: Named, language: str) -> str:
    if one.kind == "activity":
        return titled(one.name, WORDS[language]["untitled"].format(key=one.key))
    return one.name or (str(one.key) if one.key else "")


def _known(language: str) -> str:
    return language if language in WORDS else "en"
