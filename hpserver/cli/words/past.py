"""What was done, as lines for people: who, when, what before and after, what was taken back. Pure; knows no screen."""

import datetime as dt
from typing import Any, Final

import msgspec

from hpserver.base.agreement import fill
from hpserver.base.changes import TAGS, encode_fields
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.cli.words.telling import MOST_CHANGES, label_of_field, subject_of, told_value
from hpserver.client.refusals import ConflictsError
from hpserver.errors import InvalidChangeError
from hpserver.protocol import messages as m

WORDS: Final = {
    "fr": {
        "create": "créé", "delete": "supprimé", "undoes": "annule la révision {revision}",
        "redoes": "rétablit ce que {revision} avait annulé",
        "cancelled": "séance annulée", "held again": "séance rétablie", "moved": "séance déplacée au {place}",
        "usual place": "séance à sa place habituelle", "as usual": "séance comme les autres semaines",
        "more": "et {count} autre(s) modification(s)",
        "deleted it": "{what} : {user} l'a supprimé (révision {revision})",
        "changed it": "{what} : {user} y a touché (révision {revision})",
        "conflict": "{what} : {user} a mis {theirs} (révision {revision})",
    },
    "en": {
        "create": "created", "delete": "deleted", "undoes": "takes back revision {revision}",
        "redoes": "does again what {revision} took back",
        "cancelled": "meeting cancelled", "held again": "meeting held again", "moved": "meeting moved to {place}",
        "usual place": "meeting at its usual place", "as usual": "meeting as in the other weeks",
        "more": "and {count} more change(s)",
        "deleted it": "{what}: {user} deleted it (revision {revision})",
        "changed it": "{what}: {user} changed it (revision {revision})",
        "conflict": "{what}: {user} put {theirs} (revision {revision})",
    },
}  # fmt: skip

REASONS: Final = {"fr": "branche ", "en": "branch "}
"""What is before the name of a branch in the reason for what is of that branch (`reason_of` in hosting/branches)."""

DOES: Final = {tag: name for name, tag in TAGS.items()}
"""What a change does, by its number."""

Entry = list[Any]
"""`[do, kind, key, after, before]` as `HistoryRow.changes` has it."""


def row_value(row: m.HistoryRow) -> dict[str, Any]:
    """Return a row as JSON says it."""
    return {
        "revision": row.revision, "user": row.user, "at_ms": row.at_ms, "why": row.why, "session": row.session,
        "device": row.device, "author": row.author, "undoes": row.undoes, "redoes": row.redoes,
        "changes": [_as_value(one) for one in entries_of(row)],
    }  # fmt: skip


def entries_of(row: m.HistoryRow) -> list[Entry]:
    """Return the changes of a row."""
    found: list[Entry] = msgspec.msgpack.decode(row.changes)
    return found


def row_lines(planning: Planning, row: m.HistoryRow, language: str) -> list[str]:
    """Return a line of who and when, and one line for each change, indented."""
    words = WORDS[language]
    at = dt.datetime.fromtimestamp(row.at_ms / 1000, dt.UTC).astimezone()
    moment = f"{at:%d/%m/%Y %H:%M:%S}" if language == "fr" else f"{at:%Y-%m-%d %H:%M:%S}"
    head = [str(row.revision), moment, row.user]
    head += [words["undoes"].format(revision=row.undoes)] * bool(row.undoes)
    head += [words["redoes"].format(revision=row.redoes)] * bool(row.redoes)
    head += [f"({_reason(row.why, language)})"] * bool(row.why)
    entries = entries_of(row)
    lines = ["    " + _told(planning, one, language) for one in entries[:MOST_CHANGES]]
    if len(entries) > MOST_CHANGES:
        lines.append("    " + fill(words["more"], language, count=len(entries) - MOST_CHANGES))
    return ["  ".join(head), *lines]


def conflict_lines(planning: Planning, error: ConflictsError, language: str) -> list[str]:
    """Return one line for each field that somebody else wrote since."""
    lines = []
    for one in error.conflicts:
        theirs, label = msgspec.msgpack.decode(one.theirs), label_of_field(one.kind, one.field, language)
        what = " ".join([subject_of(planning, one.kind, one.key, language), *([label] if label else [])])
        whole = "deleted it" if theirs is None else "changed it"
        form = WORDS[language]["conflict" if one.field else whole]
        shown = _shown(planning, one.kind, one.field, theirs, language) if one.field else ""
        lines.append(form.format(what=what, user=one.user or "?", theirs=shown, revision=one.revision))
    return lines


def _told(planning: Planning, entry: Entry, language: str) -> str:
    tag, kind, key, *rest = entry
    colon = " : " if language == "fr" else ": "
    does = DOES[tag]
    who = subject_of(planning, kind, key, language) + _gone(planning, does, entry, language)
    if kind == "meeting":
        return f"{who}{colon}{_told_meeting(planning, does, rest, language)}"
    if does != "update":
        return f"{who}{colon}{WORDS[language][does]}"
    after, before = rest[0], rest[1] if len(rest) > 1 else None
    told = []
    for field, value in after.items():
        was = "" if before is None else _shown(planning, kind, field, before.get(field), language) + " → "
        told.append(f"{label_of_field(kind, field, language)} {was}{_shown(planning, kind, field, value, language)}")
    return f"{who}{colon}{'; '.join(told)}"


def _gone(planning: Planning, does: str, entry: Entry, language: str) -> str:
    """Return the name, after its number, of what was made or deleted then and is not there now."""
    _, kind, key, *rest = entry
    if does == "update" or planning.maybe_get(kind, key) is not None or not rest or not rest[0]:
        return ""
    name = " ".join(str(rest[0][field]) for field in ("first_name", "name") if rest[0].get(field))
    return f" {_quoted(name, language)}" if name else ""


def _reason(why: str, language: str) -> str:
    """Return a reason as it was given; those that the program gives by itself, in the person's language."""
    return REASONS[language] + why.removeprefix(REASONS["en"]) if why.startswith(REASONS["en"]) else why


def _quoted(text: str, language: str) -> str:
    return f"« {text} »" if language == "fr" else f"“{text}”"


def _told_meeting(planning: Planning, does: str, values: list[Any], language: str) -> str:
    """Return what became of one week: cancelled, elsewhere, as usual again. Its row is nothing that people make."""
    if does == "delete":
        was = values[0] if values else None
        return WORDS[language]["held again" if was and was.get("cancelled") else "as usual"]
    usual = {field.name: field.default for field in KINDS["meeting"].fields()}
    before = usual | ((values[1] if len(values) > 1 else None) or {})
    told = []
    for field, value in values[0].items():
        if value == before.get(field) and does == "create":
            continue
        shown = _shown(planning, "meeting", field, value, language)
        if field == "cancelled":
            told.append(WORDS[language]["cancelled" if value else "held again"])
        elif field == "place":
            told.append(WORDS[language]["usual place" if value is None else "moved"].format(place=shown))
        else:
            told.append(f"{label_of_field('meeting', field, language)} {shown}")
    return "; ".join(told) or WORDS[language]["as usual"]


def _shown(planning: Planning, kind: str, field: str, plain: Any, language: str) -> str:
    try:
        value = KINDS[kind].decode(encode_fields({field: plain}))[field]
    except (InvalidChangeError, KeyError):  # a value that today's rules refuse
        return str(plain)
    told = told_value(planning, kind, field, value, language)
    if not isinstance(value, str) or not value:
        return told
    return _quoted(told, language)


def _as_value(entry: Entry) -> dict[str, Any]:
    tag, kind, key, *rest = entry
    names = ("before",) if DOES[tag] == "delete" else ("after", "before")
    return {"do": DOES[tag], "kind": kind, "key": key, **dict(zip(names, rest, strict=False))}
