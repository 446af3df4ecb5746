"""Cells of a table to fields of a row and back: hours, durations, week sets, dates, yes and no. Knows no name."""

import datetime as dt
import re
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin

from hpserver.base.grid import MAX_DAY_MINUTES, Grid
from hpserver.base.registry import Field, parts_of
from hpserver.base.weeks import MAX_WEEKS, all_weeks, format_weeks
from hpserver.base.wording import DAYS, hour
from hpserver.errors import InvalidGridError
from hpserver.imports.spelling import fold

Form: TypeAlias = Literal[
    "text", "date", "truth", "choice", "number", "minutes", "cents", "place", "steps", "week", "weeks", "texts",
    "parameters", "ref", "refs",
]  # fmt: skip
"""How a field is written in a cell."""

YES: Final = frozenset({"oui", "o", "yes", "y", "vrai", "true", "1", "x"})
NO: Final = frozenset({"non", "n", "no", "faux", "false", "0"})
ALL: Final = frozenset({"toutes", "tout", "all", "*"})
MAX_WEEK_TEXT: Final = 512
LAST_HOUR: Final = 36
"""Of a day that runs past midnight; it ends before its own next start."""
MINUTES_IN_HOUR: Final = 60

_HOUR: Final = re.compile(r"([0-9]{1,2})\s*(?:[:hH]\s*([0-9]{2})?)(?::[0-9]{2})?")
_LENGTH: Final = re.compile(r"(?:([0-9]{1,4})\s*(?:h|:)\s*([0-9]{1,2})?)\s*(?:min|mn|m)?", re.IGNORECASE)
_MINUTES: Final = re.compile(r"([0-9]{1,5})\s*(?:min|mn|m|')?", re.IGNORECASE)
_WEEKS_PART: Final = re.compile(r"s?\s*([0-9]{1,2})(?:\s*(?:-|\.\.|à|to)\s*s?\s*([0-9]{1,2}))?", re.IGNORECASE)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})")
_DAY_AND_HOUR: Final = re.compile(r"([^\W\d]+)\.?\s+(\S.*)")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,9}[.,][0-9]{1,2}")


class CellError(ValueError):
    """A cell does not say a value of its field; the text says what it should be."""


def form_of(field: Field) -> Form:
    """Return how a field is written in a cell."""
    if field.ref is not None:
        return "refs" if _is_tuple(field) else "ref"
    if field.unit is not None:
        return field.unit
    if field.measure is not None:
        return field.measure
    if isinstance(field.default, bool):
        return "truth"
    if _is_tuple(field):
        return "parameters" if field.name == "parameters" else "texts"
    base = get_args(field.type)[0]
    return "choice" if get_origin(base) is Literal else "text" if base is str else "number"


def read_cell(field: Field, text: str, grid: Grid) -> Any:
    """Return the value of a field that is no reference. Raises CellError."""
    read = _READERS[form_of(field)]
    return read(text, field, grid)


def write_cell(field: Field, value: Any, grid: Grid) -> str:
    """Return a value as `read_cell` reads it; nothing for what is not said."""
    if value is None:
        return ""
    form = form_of(field)
    if form == "truth":
        return "oui" if value else "non"
    if form == "place":
        return f"{DAYS['fr'][value // grid.steps_per_day]} {hour(grid.minutes_of(value))}"
    if form == "steps":
        return length(value * grid.step_minutes)
    if form == "week":
        return str(value + 1)
    if form == "weeks":
        return written_weeks(value)
    if form == "texts":
        return "; ".join(map(str, value))
    if form == "parameters":
        return "; ".join(f"{name}={number}" for name, number in value)
    return str(value)


def length(minutes: int) -> str:
    """Return minutes as `1h30`."""
    return f"{minutes // 60}h{minutes % 60:02d}"


def written_weeks(weeks: int) -> str:
    """Return a set of weeks as `1-4,6`."""
    return format_weeks(weeks)[1:-1].replace("..", "-")


# --- reading ----------------------------------------------------------------------------------------------------


def hour_of(text: str) -> int:
    """Return minutes after midnight of `8h`, `8h00`, `08:00`. Raises CellError."""
    match = _HOUR.fullmatch(text.strip())
    if match is None or int(match[1]) > LAST_HOUR or int(match[2] or 0) >= MINUTES_IN_HOUR:
        raise CellError("an hour is written 8h00 or 08:00")
    return int(match[1]) * 60 + int(match[2] or 0)


def day_of(text: str) -> int:
    """Return the day (0 = Monday) of a French or English name, or its first letters. Raises CellError."""
    wanted = fold(text).rstrip(".")
    names = [(day, fold(name)) for names in DAYS.values() for day, name in enumerate(names)]
    found = {day for day, name in names if len(wanted) > 1 and name.startswith(wanted)}
    if len(found) != 1:
        raise CellError("a day is written lundi or Monday")
    return found.pop()


def place_at(day: int, minutes: int, grid: Grid) -> int:
    """Return the place of a day and an hour. Raises CellError when no step starts then."""
    if minutes < grid.day_start:
        minutes += MAX_DAY_MINUTES
    try:
        return grid.place_of(day, minutes)
    except InvalidGridError:
        start = hour(grid.day_start)
        raise CellError(f"no time step starts then: they last {grid.step_minutes} minutes from {start} on") from None


def minutes_of(text: str) -> int:
    """Return the minutes of `1h30`, `1:30`, `90 min`, `90`. Raises CellError."""
    match = _LENGTH.fullmatch(text.strip())
    if match is not None and int(match[2] or 0) < MINUTES_IN_HOUR:
        return int(match[1]) * 60 + int(match[2] or 0)
    bare = _MINUTES.fullmatch(text.strip())
    if bare is None:
        raise CellError("a duration is written 1h30, or in minutes")
    return int(bare[1])


def weeks_of(text: str, grid: Grid) -> int:
    """Return the set of weeks of `1-4,6`, `[1..4,6]`, `toutes`. Raises CellError."""
    inside = text.strip().removeprefix("[").removesuffix("]")
    if fold(inside) in ALL:
        return grid.all_weeks
    if len(inside) > MAX_WEEK_TEXT:
        raise CellError("weeks are written 1-4,6")
    weeks = 0
    for part in filter(None, map(str.strip, re.split("[,;]", inside))):
        match = _WEEKS_PART.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match is not None else (0, 0)
        if not 1 <= first <= last <= min(grid.weeks, MAX_WEEKS):
            raise CellError(f"weeks are written 1-4,6 and go from 1 to {grid.weeks}")
        weeks |= all_weeks(last - first + 1) << (first - 1)
    return weeks


def date_of(text: str) -> str:
    """Return YYYY-MM-DD of `2001-02-28`, `28/02/2001`, `28/02/01`; two digits of a year are of 1930 to 2029.

    Raises CellError.
    """
    match = _DAY_FIRST.fullmatch(text.strip())
    try:
        if match is None:
            return dt.date.fromisoformat(text.strip()[:10]).isoformat()
        year = int(match[3])
        if len(match[3]) == 2:  # noqa: PLR2004 - a year of two digits
            year += 1900 if year >= 30 else 2000  # noqa: PLR2004 - as spreadsheets do
        return dt.date(year, int(match[2]), int(match[1])).isoformat()
    except ValueError:
        raise CellError("a date is written 28/02/2001 or 2001-02-28") from None


def truth_of(text: str) -> bool:
    """Return yes or no, in French or English. Raises CellError."""
    said = fold(text)
    if said in YES or said in NO:
        return said in YES
    raise CellError("write oui or non")


def _number(text: str, _field: Field, _grid: Grid) -> int:
    bare = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    if not re.fullmatch(r"-?[0-9]{1,15}", bare):
        raise CellError("a whole number is needed")
    return int(bare)


def _cents(text: str, field: Field, grid: Grid) -> int:
    if _DECIMAL.fullmatch(text.strip()):
        whole, part = re.split("[.,]", text.strip())
        return int(whole + part.ljust(2, "0"))
    return _number(text, field, grid)


def _place(text: str, _field: Field, grid: Grid) -> int:
    match = _DAY_AND_HOUR.fullmatch(text.strip())
    if match is None:
        raise CellError("a place is written lundi 10h00")
    return place_at(day_of(match[1]), hour_of(match[2]), grid)


def _steps(text: str, _field: Field, grid: Grid) -> int:
    steps, rest = divmod(minutes_of(text), grid.step_minutes)
    if rest or not steps:
        raise CellError(f"a duration is a multiple of {grid.step_minutes} minutes here")
    return steps


def _week(text: str, field: Field, grid: Grid) -> int:
    number = _number(text, field, grid)
    if not 1 <= number <= grid.weeks:
        raise CellError(f"a week goes from 1 to {grid.weeks}")
    return number - 1


def _choice(text: str, field: Field, _grid: Grid) -> str:
    choices = get_args(get_args(field.type)[0])
    found = [choice for choice in choices if fold(choice) == fold(text)]
    if not found:
        raise CellError(f"one of {', '.join(choice for choice in choices if choice)}")
    return str(found[0])


def _texts(text: str, field: Field, _grid: Grid) -> tuple[Any, ...]:
    parts = [part.strip() for part in text.split(";" if ";" in text else ",")]
    texts = tuple(part for part in parts if part)
    if field.name != "marks":
        return texts
    if not all(part.isdecimal() and len(part) < 6 for part in texts):  # noqa: PLR2004 - no huge int
        raise CellError("whole numbers are needed")
    return tuple(map(int, texts))


def _parameters(text: str, _field: Field, _grid: Grid) -> tuple[tuple[str, int], ...]:
    found = []
    for part in filter(None, (part.strip() for part in re.split("[;,]", text))):
        match = re.fullmatch(r"([a-z_]{1,64})\s*=\s*(-?[0-9]{1,15})", part)
        if match is None:
            raise CellError("parameters are written minutes=360; limit=2")
        found.append((match[1], int(match[2])))
    return tuple(found)


_READERS: Final[dict[str, Any]] = {
    "text": lambda text, _field, _grid: text,
    "date": lambda text, _field, _grid: date_of(text),
    "truth": lambda text, _field, _grid: truth_of(text),
    "minutes": lambda text, _field, _grid: minutes_of(text),
    "weeks": lambda text, _field, grid: weeks_of(text, grid),
    "choice": _choice, "number": _number, "cents": _cents, "place": _place, "steps": _steps, "week": _week,
    "texts": _texts, "parameters": _parameters,
}  # fmt: skip


def _is_tuple(field: Field) -> bool:
    return any(get_origin(one) is tuple for one in parts_of(field.type))
