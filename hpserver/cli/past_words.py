"""What was done, as lines for people: who, when, what before and after, what was taken back. Pure; knows no screen."""

import datetime as dt
from typing import Any, Final

import msgspec

from hpserver.base.changes import encode_fields
from hpserver.base.model import activity_and_week
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.weeks import format_weeks
from hpserver.cli.telling import MOST_CHANGES, named
from hpserver.cli.when import written
from hpserver.client.refusals import ConflictsError
from hpserver.errors import InvalidChangeError
from hpserver.protocol import messages as m

WORDS: Final = {
    "fr": {
        1: "créé", 3: "supprimé", "undoes": "annule la révision {revision}",
        "redoes": "rétablit ce que {revision} avait annulé",
        "more": "et {count} autres modifications", "nothing": "rien", "yes": "oui", "no": "non",
        "deleted it": "{what} : {user} l'a supprimé (révision {revision})",
        "changed it": "{what} : {user} y a touché (révision {revision})",
        "conflict": "{what} : {user} a mis {theirs} (révision {revision})", "week": "semaine {week}",
    },
    "en": {
        1: "created", 3: "deleted", "undoes": "takes back revision {revision}",
        "redoes": "does again what {revision} took back",
        "more": "and {count} more changes", "nothing": "nothing", "yes": "yes", "no": "no",
        "deleted it": "{what}: {user} deleted it (revision {revision})",
        "changed it": "{what}: {user} changed it (revision {revision})",
        "conflict": "{what}: {user} put {theirs} (revision {revision})", "week": "week {week}",
    },
}  # fmt: skip

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
    head += [str(words["undoes"]).format(revision=row.undoes)] * bool(row.undoes)
    head += [str(words["redoes"]).format(revision=row.redoes)] * bool(row.redoes)
    head += [f"({row.why})"] * bool(row.why)
    entries = entries_of(row)
    lines = ["    " + _told(planning, one, language) for one in entries[:MOST_CHANGES]]
    if len(entries) > MOST_CHANGES:
        lines.append("    " + str(words["more"]).format(count=len(entries) - MOST_CHANGES))
    return ["  ".join(head), *lines]


def conflict_lines(planning: Planning, error: ConflictsError, language: str) -> list[str]:
    """Return one line for each field that somebody else wrote since."""
    lines = []
    for one in error.conflicts:
        theirs, label = msgspec.msgpack.decode(one.theirs), _label(one.kind, one.field, language)
        what = " ".join([subject(planning, one.kind, one.key, language), *([label] if label else [])])
        whole = "deleted it" if theirs is None else "changed it"
        form = str(WORDS[language]["conflict" if one.field else whole])
        shown = _shown(planning, one.kind, one.field, theirs, language) if one.field else ""
        lines.append(form.format(what=what, user=one.user or "?", theirs=shown, revision=one.revision))
    return lines


def subject(planning: Planning, kind: str, key: int, language: str) -> str:
    """Return what an object is called; of an exception, its activity and week."""
    if kind != "meeting":
        return named(planning, kind, key, language)
    activity, week = activity_and_week(key)
    return f"{named(planning, 'activity', activity, language)}, {str(WORDS[language]['week']).format(week=week + 1)}"


def _told(planning: Planning, entry: Entry, language: str) -> str:
    do, kind, key, *rest = entry
    colon = " : " if language == "fr" else ": "
    who = subject(planning, kind, key, language)
    if do != 2:  # noqa: PLR2004 - an update
        return f"{who}{colon}{WORDS[language][do]}"
    after, before = rest[0], rest[1] if len(rest) > 1 else None
    told = []
    for field, value in after.items():
        was = "" if before is None else _shown(planning, kind, field, before.get(field), language) + " → "
        told.append(f"{_label(kind, field, language)} {was}{_shown(planning, kind, field, value, language)}")
    return f"{who}{colon}{'; '.join(told)}"


def _label(kind: str, field: str, language: str) -> str:
    known = KINDS[kind].by_name.get(field) if kind in KINDS else None
    return field if known is None else known.fr if language == "fr" else known.en


def _shown(planning: Planning, kind: str, field: str, plain: Any, language: str) -> str:
    words = WORDS[language]
    try:
        value = KINDS[kind].decode(encode_fields({field: plain}))[field]
    except (InvalidChangeError, KeyError):  # a value that today's rules refuse
        return str(plain)
    if value is None or value in ("", ()):
        return str(words["nothing"])
    if isinstance(value, bool):
        return str(words["yes" if value else "no"])
    if field == "place":
        return written(value, planning.grid, language)
    if KINDS[kind].by_name[field].unit == "weeks":
        return format_weeks(value)
    ref = KINDS[kind].by_name[field].ref
    if ref is not None:
        keys = value if isinstance(value, tuple) else (value,)
        return ", ".join(named(planning, ref, key, language) for key in keys)
    return (
        f"“{value}”"
        if language == "en" and isinstance(value, str)
        else f"« {value} »"
        if isinstance(value, str)
        else str(value)
    )


def _as_value(entry: Entry) -> dict[str, Any]:
    do, kind, key, *rest = entry
    names = ("before",) if do == 3 else ("after", "before")  # noqa: PLR2004 - a deletion
    return {"do": ("create", "update", "delete")[do - 1], "kind": kind, "key": key} | dict(
        zip(names, rest, strict=False)
    )
