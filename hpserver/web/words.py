"""What pages say, in French and English: French is the source, English the catalogue. Knows no page."""

import datetime as dt
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal

from babel.dates import LOCALTZ, format_date, format_datetime, format_timedelta, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

CATALOGUE: Final = files("hpserver.web") / "locale" / "en" / "console.po"


class Words:
    """One language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._known = _english() if language == "en" else None

    def __call__(self, text: str, /, **values: object) -> str:
        """Return a French text in this language; `{name}` in it is filled from `values`."""
        said = self._known.ugettext(text) if self._known is not None else text
        return said.format_map(values) if values else said

    def either(self, french: str, english: str) -> str:
        """Return one of two texts that come together from elsewhere."""
        return french if self.language == "fr" else english

    def day(self, day: dt.date) -> str:
        """Return a day as the guide writes it: `lun. 01 sept.`."""
        return format_date(day, "EEE dd MMM", locale=self.language)

    def moment(self, seconds: float, zone: dt.tzinfo | None = None) -> str:
        """Return an instant in Unix seconds, in local time; nothing for never."""
        if not seconds:
            return ""
        return format_datetime(dt.datetime.fromtimestamp(seconds, zone), "dd/MM/yyyy HH:mm:ss", locale=self.language)

    def zone(self, seconds: float) -> str:
        """Return what the time that `moment` tells is called at that instant, in Unix seconds."""
        return get_timezone_name(dt.datetime.fromtimestamp(seconds, LOCALTZ), locale=self.language)

    def ago(self, seconds: float, now: float) -> str:
        """Return how long ago an instant was, in words; nothing for never."""
        if not seconds:
            return ""
        return format_timedelta(dt.timedelta(seconds=seconds - now), add_direction=True, locale=self.language)


@cache
def words(language: Language) -> Words:
    """Return the one `Words` of a language."""
    return Words(language)


def preferred(accepted: str) -> Language:
    """Return the language of a browser's `Accept-Language`, French when it names neither."""
    for part in accepted.lower().split(","):
        for one in LANGUAGES:
            if part.strip().startswith(one):
                return one
    return "fr"


@cache
def _english() -> Translations:
    """Read the catalogue of the source: there is no compiled file that could be another."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
