"""What a file held, and what was not taken over of it, as lines for people. Pure; knows no file and no screen."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hpserver.base.agreement import fill
from hpserver.cli.words.french.translate import in_french
from hpserver.cli.words.telling import counted

SHOWN: Final = 20
"""Notes that are told one by one; the others are counted."""

WORDS: Final = {
    "fr": {"line": "ligne {line}, ", "one": "  {where}non repris : {what}", "all": "  {count} non repris : {what}"},
    "en": {
        "line": "line {line}, ",
        "one": "  {where}not taken over: {what}",
        "all": "  {count} not taken over: {what}",
    },
}

OF_CALENDARS: Final = {
    "events": ("{count} événement(s) du calendrier", "{count} event(s) of the calendar"),
    "sessions": ("{count} séance(s) en tout", "{count} meeting(s) in all"),
}
"""What is counted and is no kind of object."""

Told = tuple[int, str, str]
"""Line of the file, 0 where there is none; what is to be said; about which value."""


def note_lines(counts: Mapping[str, int], notes: Iterable[Told], noted: Mapping[str, int], language: str) -> list[str]:
    """Return what was read, by kind; the first notes; and how many there are of each."""
    read = [f"  {_counted(count, kind, language)}" for kind, count in counts.items() if count]
    return [*read, *_ones(notes, language), *_all(noted, language)]


def _counted(count: int, kind: str, language: str) -> str:
    """Return `3 rooms`; of what another program calls a constraint, its name there."""
    if kind in OF_CALENDARS:
        return fill(OF_CALENDARS[kind][language != "fr"], language, count=count)
    before, _, name = kind.partition(" ")
    own = name and before == "constraint"
    return f"{counted(count, before, language)} ({name})" if own else counted(count, kind, language)


def _ones(notes: Iterable[Told], language: str) -> Iterator[str]:
    words = WORDS[language]
    for _, (line, what, detail) in zip(range(SHOWN), notes, strict=False):
        where = words["line"].format(line=line) if line else ""
        yield words["one"].format(where=where, what=f"{_said(what, language)} {detail}".rstrip())


def _all(noted: Mapping[str, int], language: str) -> Iterator[str]:
    for what, count in noted.items():
        yield fill(WORDS[language]["all"], language, count=count, what=_said(what, language))


def _said(what: str, language: str) -> str:
    return in_french(what) if language == "fr" else what
