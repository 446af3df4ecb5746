"""What an event teaches, to whom, where: the texts of HYPERPLANNING, of ADE Campus, of any calendar. No dates here."""

import re

import msgspec

from hpserver.imports.draft import one_line
from hpserver.imports.ics_events import Event

NO_COHORT = "Promotion non précisée"
"""Cohort, as seen on screen, of the groups that a calendar names without theirs."""


class Course(msgspec.Struct, frozen=True):
    """What an event says beside its dates. `key` is the course's own identity, nothing when the feed has none.

    `groups` are triples of cohort (nothing when it is not said), partition and name.
    """

    key: str
    subject: str
    kind: str = ""
    instructors: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    groups: tuple[tuple[str, str, str], ...] = ()
    rooms: tuple[str, ...] = ()
    memo: str = ""
    cancelled: bool = False


_HYPERPLANNING_UID = re.compile(r"Cours\s*-\s*([^\s-]+)\s*-\s*\d+")
_ADE_UID = re.compile(r"ADE60((?:[0-9a-f]{2})+)")
_ADE_NAME = re.compile(r"(.*)-(\d+)-\d+-\d+")

_LABEL = re.compile(
    r"\s*(Matière|Enseignant|Promotion|TD|Regroupement|Option|Salle|Type|Mémo)"
    r"(?:e?s|e?\(s\)|e)?\s*:\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_LABELS = ("Matière", "Enseignant", "Promotion", "TD", "Regroupement", "Option", "Salle", "Type", "Mémo")
_BY_LABEL = {label.casefold(): label for label in _LABELS}
_COHORT_AND_GROUP = re.compile(r"\s*<\s*(.+?)\s*>\s*(.+)")
_CANCELLED = re.compile(r"\s*(?:cours |séance )?(?:annulé|cancelled|canceled)", re.IGNORECASE)

_KIND = re.compile(r"\b(CM|TD|TP|CTD|CTP|DS|CC)(?=\d|\b|_)")
_TEACHER = re.compile(
    r"ENSEIGNANTE? \S+|[A-ZÀ-Þ][A-ZÀ-Þ'-]{2,}(?: [A-ZÀ-Þ'-]{2,})* [A-ZÀ-Þ][a-zß-ÿ]+(?:[ -][A-ZÀ-Þ][a-zß-ÿ]+)*"
)
_STAMP = re.compile(r"\((?:Modifié|Exporté|Updated|Exported) ?(?:le)? ?:.*\)")


def source_of(product: str, events: list[Event]) -> str:
    """Return which program wrote a calendar: `hyperplanning`, `ade` or `ics` for any other."""
    uids = [event.uid for event in events[:20]]
    if "HYPERPLANNING" in product.upper() or any(map(_HYPERPLANNING_UID.match, uids)):
        return "hyperplanning"
    return "ade" if "//ADE/" in product or any(map(_ADE_UID.match, uids)) else "ics"


def course_of(source: str, event: Event) -> Course:
    """Return what an event says, read as its source writes it."""
    read = {"hyperplanning": _hyperplanning, "ade": _ade}.get(source, _any)
    return read(event)


def _hyperplanning(event: Event) -> Course:
    found, memo = _labelled(event.description)
    groups = tuple(
        _group(label, name) for label in ("TD", "Regroupement", "Option") for name in _names(found.get(label, ""))
    )
    uid = _HYPERPLANNING_UID.match(event.uid)
    return Course(
        key=uid[1] if uid else "",
        subject=found.get("Matière") or event.summary.split(" - ")[0].strip(),
        kind=one_line(found.get("Type", "")),
        instructors=_names(found.get("Enseignant", "")),
        cohorts=_names(found.get("Promotion", "")),
        groups=groups,
        rooms=_names(found.get("Salle", "") or event.location),
        memo=memo,
        cancelled=event.cancelled or bool(_CANCELLED.match(event.summary) or _CANCELLED.match(event.description)),
    )


def _labelled(description: str) -> tuple[dict[str, str], str]:
    """Return the labelled lines, and the memo with every line that has no label."""
    found: dict[str, str] = {}
    memo: list[str] = []
    for line in description.split("\n"):
        match = _LABEL.fullmatch(line)
        if match is None or match[1].casefold() == "mémo":
            memo.append(line if match is None else match[2])
        else:
            label = _BY_LABEL[match[1].casefold()]
            found[label] = f"{found[label]}, {match[2]}" if label in found else match[2]
    return found, "\n".join(memo).strip()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in map(one_line, text.split(",")) if name)


def _group(label: str, name: str) -> tuple[str, str, str]:
    match = _COHORT_AND_GROUP.fullmatch(name)
    return (match[1], label, match[2]) if match else ("", "", name)


def _ade(event: Event) -> Course:
    lines = [line.strip() for line in event.description.split("\n")]
    said = [line for line in lines if line and not _STAMP.fullmatch(line)]
    kind = _KIND.search(event.summary)
    return Course(
        key=_ade_key(event.uid),
        subject=event.summary or "?",
        kind=kind[1] if kind else "",
        instructors=tuple(line for line in said if _TEACHER.fullmatch(line)),
        rooms=_names(event.location),
        memo="\n".join(line for line in said if not _TEACHER.fullmatch(line)),
        cancelled=event.cancelled,
    )


def _ade_key(uid: str) -> str:
    match = _ADE_UID.fullmatch(uid)
    name = _ADE_NAME.fullmatch(bytes.fromhex(match[1]).decode("latin-1")) if match else None
    return name[2] if name else ""


def _any(event: Event) -> Course:
    room = one_line(event.location)
    return Course(
        key="",
        subject=event.summary or "?",
        rooms=(room,) if room else (),
        memo=event.description.strip(),
        cancelled=event.cancelled,
    )
