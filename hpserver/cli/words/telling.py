"""What is in a base and what happens to it, as lines for people. Pure; knows no connection and no screen."""

from typing import Any, Final

from hpserver.base.agreement import fill
from hpserver.base.calendar import date_of
from hpserver.base.changes import MAX_FACTS, Change, Create, Delete, decode_changes
from hpserver.base.explain import group_name, label_of, name_of, title_of, titled
from hpserver.base.model import Group, activity_and_week
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.timetable import Item
from hpserver.base.weeks import format_weeks
from hpserver.base.wording import DAYS, hour, kind_word
from hpserver.cli.words.when import written
from hpserver.errors import InvalidChangeError, NotFoundError
from hpserver.imports.spelling import fold
from hpserver.protocol.messages import Transaction

MAX_DIGITS: Final = 16
"""Digits of a key or a revision, at most: those of `MAX_KEY`."""

MOST_CHANGES: Final = 8
"""Changes of one transaction that are told one by one; an import has thousands."""

MOST_CHOICES: Final = 4
"""Objects named when a beginning fits several."""

WORDS: Final = {
    "fr": {
        "created": "créé", "deleted": "supprimé", "placed": "placé {place}", "unplaced": "retiré de la grille",
        "cancelled": "séance annulée", "restored": "séance rétablie", "moved": "séance déplacée {place}",
        "usual": "séance à sa place habituelle", "week": "semaine {week}",
        "more": "et {count} autre(s) modification(s)",
        "untitled": "cours {key}", "off": "{what}, non placé", "on": "{what}, {place}",
        "nothing": "rien", "yes": "oui", "no": "non", "empty": "aucune séance",
    },
    "en": {
        "created": "created", "deleted": "deleted", "placed": "placed on {place}", "unplaced": "taken off the grid",
        "cancelled": "meeting cancelled", "restored": "meeting restored", "moved": "meeting moved to {place}",
        "usual": "meeting at its usual place", "week": "week {week}", "more": "and {count} more change(s)",
        "untitled": "activity {key}", "off": "{what}, unplaced", "on": "{what}, {place}",
        "nothing": "nothing", "yes": "yes", "no": "no", "empty": "no meeting",
    },
}  # fmt: skip


PLURALS: Final = {
    "TD ou option": "TD ou options", "Cours": "cours", "Champ personnalisé": "champs personnalisés",
    "Document type": "documents types", "Type de cours": "types de cours", "Temps de trajet": "temps de trajet",
    "Groupe de salles": "groupes de salles", "Cursus": "cursus", "Ligne de cursus": "lignes de cursus",
    "Service d'enseignement": "services d'enseignement", "Indisponibilité ou vœu": "indisponibilités ou vœux",
    "Demande de réservation": "demandes de réservation", "Oral": "oraux", "Jury d'oral": "jurys d'oraux",
    "Évaluation des cours": "évaluations des cours", "Réponse à une évaluation": "réponses à une évaluation",
    "Service de notation": "services de notation", "Valeur personnalisée": "valeurs personnalisées",
    "Horaire possible": "horaires possibles", "Salle possible": "salles possibles",
    "Activity": "activities", "Category": "categories", "Staff": "staff", "Curriculum": "curricula",
    "Availability": "availabilities", "Lateness": "late arrivals", "Company": "companies",
    "Series": "series", "Criterion": "criteria",
}  # fmt: skip
"""Of the names of kinds, those that do not take an s."""


def counted(count: int, kind: str, language: str) -> str:
    """Return `12 rooms`; a kind that is none of the base's is said as it is."""
    if kind not in KINDS:
        return f"{count} {kind}"
    name = kind_word(kind, language)
    many = PLURALS.get(name, f"{name}s")
    word = many if count > 1 or (count == 0 and language == "en") else name
    return f"{count} {word if word.startswith('TD') else word.lower()}"


def listed(planning: Planning, kind: str, beginning: str, language: str) -> list[tuple[int, str]]:
    """Return the keys and labels of a kind that may be called so or begin so, in the order of their names."""
    begin = fold(beginning)
    found = {key: spellings(planning, kind, key) for key in planning.rows(kind)}
    chosen = [key for key, names in found.items() if any(name.startswith(begin) for name in names)]
    return [(key, label(planning, kind, key, language)) for key in sorted(chosen, key=lambda one: (found[one][0], one))]


def maybe_key(text: str) -> int | None:
    """Return the key, or the revision, that is written in digits; None for a name, or more digits than any has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def find(planning: Planning, kind: str, wanted: str) -> int:
    """Return the key of an object given by key, by name or code, or by the beginning or a part of only one name.

    People are found by `Marie Curie` and by `Curie Marie`; accents and capitals do not count.
    Raises InvalidChangeError for an unknown kind, NotFoundError: which ones it may be, when there are several.
    """
    if kind not in KINDS:
        raise InvalidChangeError(f"there is no kind {kind[:32]!r}: one of {', '.join(KINDS)}")
    rows = planning.rows(kind)
    if (key := maybe_key(wanted)) is not None and key in rows:
        return key
    found = _called(planning, kind, fold(wanted))
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFoundError(f"there is no {kind} of the key or name {wanted!r}", kind=kind)
    some = "; ".join(f"{key} {label(planning, kind, key, 'en')}" for key in found[:MOST_CHOICES])
    more = "; …" if len(found) > MOST_CHOICES else ""
    raise NotFoundError(f"{wanted!r} may be {len(found)} of kind {kind}: {some}{more}", kind=kind)


def _called(planning: Planning, kind: str, wanted: str) -> list[int]:
    """Return the keys of what is called so; of what begins so, when nothing is; of what has it, when nothing does."""
    names = {key: spellings(planning, kind, key) for key in planning.rows(kind)}
    ways = (str.__eq__, str.startswith, str.__contains__)
    for fits in ways[:1] if wanted.isdecimal() else ways:  # the number of no key is no part of a name either
        found = [key for key, all_of_it in names.items() if any(fits(one, wanted) for one in all_of_it)]
        if found or not wanted:
            return found
    return []


def spellings(planning: Planning, kind: str, key: int) -> tuple[str, ...]:
    """Return what an object may be called, folded; first that by which it is sorted."""
    row = planning.get(kind, key)
    name, first = getattr(row, "name", ""), getattr(row, "first_name", "")
    if first:
        names = [f"{name} {first}", f"{first} {name}"]
    elif isinstance(row, Group):
        names = [group_name(planning, row), name]
    elif name:
        names = [name]
    else:
        names = [named(planning, kind, key, language) for language in WORDS]
    if kind == "activity":
        names.append(title_of(planning, key))
    return tuple(fold(one) for one in (*names, getattr(row, "code", "")) if one)


def label(planning: Planning, kind: str, key: int, language: str) -> str:
    """Return what tells an object from the others in a list: of an activity, also when it takes place."""
    name = named(planning, kind, key, language)
    if kind != "activity":
        return name
    place, words = planning.activity(key).place, WORDS[language]
    if place is None:
        return words["off"].format(what=name)
    return words["on"].format(what=name, place=written(place, planning.grid, language))


def named(planning: Planning, kind: str, key: int, language: str) -> str:
    """Return what an object is called; its kind and key when it is gone or has no name."""
    row = planning.maybe_get(kind, key)
    if kind == "activity":
        label = label_of(planning, key) if row is not None else ""
        return titled(label, WORDS[language]["untitled"].format(key=key))
    if isinstance(row, Group):
        return group_name(planning, row)
    name = name_of(row) if row is not None else ""
    return name or f"{kind_word(kind, language)} {key}"


def bare(planning: Planning, activity: int, language: str) -> str:
    """Return what an activity is called where who attends and who teaches is shown beside it."""
    return title_of(planning, activity) or WORDS[language]["untitled"].format(key=activity)


def tell(planning: Planning, transaction: Transaction, language: str) -> list[str]:
    """Return one line per change of a transaction, as the planning is now."""
    changes = decode_changes(bytes(transaction.changes), MAX_FACTS)
    lines = [_told(planning, change, language) for change in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        lines.append(fill(WORDS[language]["more"], language, count=len(changes) - MOST_CHANGES))
    return lines


def week_lines(planning: Planning, items: tuple[Item, ...], week: int, language: str) -> list[str]:
    """Return the meetings of a week, day by day."""
    grid, lines, last = planning.grid, [], -1
    for item in items:
        day = grid.day_and_step(item.place)[0]
        if day != last:
            date = date_of(grid, week, day)
            lines.append(f"{DAYS[language][day]} {date:%d/%m}" if language == "fr" else f"{DAYS[language][day]} {date}")
            last = day
        lines.append("  " + _meeting(planning, item, language))
    return lines or [WORDS[language]["empty"]]


def _meeting(planning: Planning, item: Item, language: str) -> str:
    start = planning.grid.minutes_of(item.place)
    end = start + item.duration * planning.grid.step_minutes
    who = [
        ", ".join(named(planning, kind, key, language) for key in keys)
        for kind, keys in (
            ("cohort", item.cohorts), ("group", item.groups), ("instructor", item.instructors), ("room", item.rooms)
        )
        if keys
    ]  # fmt: skip
    words = [f"{hour(start)}-{hour(end)}", bare(planning, item.activity, language), *who]
    if item.cancelled:
        words.append(f"({WORDS[language]['cancelled']})")
    return "  ".join(words)


def subject_of(planning: Planning, kind: str, key: int, language: str) -> str:
    """Return what an object is called; of an exception, its activity and week."""
    if kind != "meeting":
        return named(planning, kind, key, language)
    activity, week = activity_and_week(key)
    return f"{named(planning, 'activity', activity, language)}, {WORDS[language]['week'].format(week=week + 1)}"


def label_of_field(kind: str, name: str, language: str) -> str:
    """Return the label of a field; its name when a newer program has it."""
    field = KINDS[kind].by_name.get(name) if kind in KINDS else None
    return name if field is None else field.fr if language == "fr" else field.en


def yes_or_no(value: bool, language: str) -> str:
    """Return a truth as people read it."""
    return WORDS[language]["yes" if value else "no"]


def told_value(planning: Planning, kind: str, name: str, value: Any, language: str) -> str:
    """Return a value of a field as people read it: names, places and weeks in words."""
    field, words = KINDS[kind].by_name[name], WORDS[language]
    if value is None or value in ("", ()):
        return words["nothing"]
    if isinstance(value, bool):
        return yes_or_no(value, language)
    if field.ref is not None:
        keys = value if isinstance(value, tuple) else (value,)
        return ", ".join(named(planning, field.ref, key, language) for key in keys)
    if field.unit == "place":
        return written(value, planning.grid, language)
    return format_weeks(value) if field.unit == "weeks" else str(value)


def _told(planning: Planning, change: Change, language: str) -> str:
    words = WORDS[language]
    subject = subject_of(planning, change.kind, change.key, language)
    if isinstance(change, Delete):
        what = words["usual" if change.kind == "meeting" else "deleted"]
    elif isinstance(change, Create) and change.kind != "meeting":
        what = words["created"]
    else:
        what = "; ".join(_changed(planning, change.kind, KINDS[change.kind].decode(change.fields), language))
    return f"{subject}: {what}" if language == "en" else f"{subject} : {what}"


def _changed(planning: Planning, kind: str, fields: dict[str, Any], language: str) -> list[str]:
    words, told = WORDS[language], []
    for name, value in fields.items():
        if name == "place":
            moved = words["moved" if kind == "meeting" else "placed"]
            absent = words["usual" if kind == "meeting" else "unplaced"]
            told.append(absent if value is None else moved.format(place=written(value, planning.grid, language)))
        elif name == "cancelled":
            told.append(words["cancelled" if value else "restored"])
        else:
            shown = told_value(planning, kind, name, value, language)
            told.append(f"{label_of_field(kind, name, language)} = {shown}")
    return told
