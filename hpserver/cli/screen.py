"""What a person or a program reads: French or English text, or JSON. Data on stdout, everything else on stderr."""

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
import msgspec

from hpserver.base.agreement import fill
from hpserver.errors import HPError

STATES: Final = {
    "starting": ("Démarrage", "Starting"),
    "live": ("En service", "In service"),
    "frozen": ("Figé", "Frozen"),
    "draining": ("Arrêt en cours", "Stopping"),
    "stopped": ("Arrêté", "Stopped"),
    "failed": ("En échec", "Failed"),
}
"""The guide's words for what the processes report."""


def is_french() -> bool:
    """Whether the person reads French, by the usual variables; `HP_LANG` is the strongest."""
    for name in ("HP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value.lower().startswith("fr")
    return False


WORDS: Final = {
    "superadmin": "superadministrateur", "base_admin": "administrateur de base", "user": "utilisateur",
    "none": "aucune", "notification": "notification", "pin": "code PIN",
    "always": "tout le monde", "superadmins": "les superadministrateurs",
    "notify": "rappelé", "force": "imposé",
}  # fmt: skip
"""Values that French people read."""


def tr(french: str, english: str) -> str:
    """One of two texts, by the person's language."""
    return french if is_french() else english


def colon() -> str:
    """What stands between a name and what is said of it: French has a blank before it."""
    return tr(" : ", ": ")


def filled(french: str, english: str, **values: object) -> str:
    """One of two templates with its values: what ends in `(s)` agrees with the number before it."""
    return fill(tr(french, english), language(), **values)


def quoted(text: str) -> str:
    """A name or a word as it is quoted in the person's language."""
    return tr(f"« {text} »", f"“{text}”")


def language() -> str:
    """`fr` or `en`."""
    return "fr" if is_french() else "en"


def state_word(state: str) -> str:
    """The word on the screen for a state; nothing for one that is not known."""
    return tr(*STATES.get(state, (state, state)))


def word(value: str) -> str:
    """The word on the screen for a status, a measure or a renewal; the value itself for any other, and in English."""
    return tr(WORDS.get(value, value), value)


def desired_word(desired: str) -> str:
    """The word on the screen for what is wished of a controller or planning."""
    return tr("en service", "up") if desired == "up" else tr("arrêté", "down")


def told_value(value: object) -> str:
    """A value as people read it: no program's words for yes, no and nothing; an instant on the clock here."""
    if isinstance(value, bool):
        return tr("oui", "yes") if value else tr("non", "no")
    if isinstance(value, dt.datetime):
        here = value.astimezone()  # at its offset of that day, in the zone of the person (TZ)
        return tr(f"{here:%d/%m/%Y %H:%M:%S %Z}", f"{here:%Y-%m-%d %H:%M:%S %Z}")
    if isinstance(value, dt.date):
        return tr(f"{value:%d/%m/%Y}", f"{value:%Y-%m-%d}")
    return "" if value is None else str(value)


def instant(moment: float) -> dt.datetime | None:
    """What seconds since 1970 are, nothing for never: JSON has it in UTC, `told_value` on the clock here."""
    return dt.datetime.fromtimestamp(moment, dt.UTC) if moment else None


def day(moment: float) -> dt.date | None:
    """The day of seconds since 1970, in UTC as certificates count them; nothing for never."""
    return dt.datetime.fromtimestamp(moment, dt.UTC).date() if moment else None


def say(text: str) -> None:
    """Tell the person something that is not data."""
    click.echo(text, err=True)


def complain(error: HPError) -> None:
    """Say what failed, why, and what to do next."""
    from hpserver.cli.words.errors import sentence  # noqa: PLC0415 - `hp --version` stays quick

    click.echo(f"hp: {sentence(error, french=is_french())}", err=True)


def complain_usage(error: click.ClickException) -> None:
    """Say what is wrong with the words of a command, and how it is written."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if not is_french() or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    if context is not None:
        say(f"{context.get_usage()}\nAide : {context.command_path} --help\n")
    from hpserver.cli.words.errors import usage_in_french  # noqa: PLC0415 - `hp --version` stays quick

    say(f"Erreur : {usage_in_french(error.format_message())}")


class Screen:
    """Where results go. One document per command; one line per event for a stream."""

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def show(self, value: Mapping[str, Any], text: str) -> None:
        """Print one result: `value` as JSON, or `text`."""
        click.echo(msgspec.json.encode(value).decode() if self.json else text)

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
        """Print rows: as a JSON array, or as columns under their titles (`columns`: field -> title)."""
        if self.json:
            click.echo(msgspec.json.encode(rows).decode())
            return
        cells = [[told_value(row.get(field, "")) for field in columns] for row in rows]
        widths = [max(map(len, column)) for column in zip(*[list(columns.values()), *cells], strict=True)]
        for line in [list(columns.values()), *cells]:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
