"""Fields of a row as people type them and read them: `field=value`, by name or label, checked. Pure.

Hours, durations, weeks and dates are written as in tables (`imports/cell_values`); objects by key or name.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from hpserver.base.grid import Grid
from hpserver.base.model import Row
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, Field, Kind
from hpserver.cli.words.telling import PLURALS, find, named, yes_or_no
from hpserver.cli.words.when import written
from hpserver.errors import InvalidChangeError, NotFoundError
from hpserver.imports.cell_values import CellError, form_of, read_cell, weeks_of, write_cell
from hpserver.imports.spelling import fold

NOTHING: Final = frozenset({"aucun", "aucune", "none", "-"})
"""What says that an optional value is not given, beside nothing at all."""
EMPTY: Final = "[]"
"""No week, no object, where nothing at all means as usual."""

_BETWEEN: Final = re.compile(r"\s*[;,]\s*")
_STEPS: Final = re.compile(r"([0-9]{1,3})\s*(?:pas|steps?)", re.IGNORECASE)
_EMPTIES: Final = {"refs": (), "texts": (), "parameters": (), "weeks": 0, "text": "", "date": "", "choice": ""}
"""What nothing means in a field that is not optional."""


def kind_named(text: str) -> Kind:
    """Return a kind by name or by label, French or English, one or many. Raises InvalidChangeError."""
    wanted = fold(text)
    for kind in KINDS.values():
        labels = [label for one in (kind.fr, kind.en) for label in (one, PLURALS.get(one, f"{one}s"))]
        if wanted.replace("-", "_") == kind.name or wanted in map(fold, labels):
            return kind
    raise InvalidChangeError(f"there is no kind {text[:32]!r}: one of {', '.join(KINDS)}")


def field_named(kind: Kind, text: str) -> Field:
    """Return a field by name or by label, French or English. Raises InvalidChangeError."""
    wanted = fold(text)
    for field in kind.fields():
        labels = (label for one in (field.fr, field.en) for label in (one, one.partition(" (")[0]))
        if wanted.replace("-", "_") == field.name or wanted in map(fold, labels):
            return field
    raise InvalidChangeError(f"{kind.name} has no field {text[:64]!r}: one of {', '.join(kind.by_name)}")


def read_fields(planning: Planning, kind: Kind, words: Iterable[str]) -> dict[str, Any]:
    """Return the checked values of `field=value`, by field. Raises InvalidChangeError, NotFoundError."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise InvalidChangeError(f"{word[:64]!r} is no field=value", kind=kind.name)
        field = field_named(kind, name)
        if field.name in found:
            raise InvalidChangeError(f"{field.name} is given twice", kind=kind.name, field=field.name)
        found[field.name] = read_value(planning, kind, field, text)
    return found


def read_value(planning: Planning, kind: Kind, field: Field, text: str) -> Any:
    """Return the checked value of a field. Raises InvalidChangeError, NotFoundError: which, why, what it takes."""
    try:
        value = _read(planning, field, text.strip() if form_of(field) != "text" else text)
        return msgspec.convert(value, field.type)
    except NotFoundError as error:
        raise NotFoundError(f"{field.name} of {kind.name}: {error.text}", **error.details) from None
    except (CellError, msgspec.MsgspecError) as error:
        why = re.sub(r" - at `\$.*`$", "", str(error))
        raise InvalidChangeError(f"{field.name} of {kind.name}: {why}", kind=kind.name, field=field.name) from None


def write_value(planning: Planning, field: Field, value: Any, language: str) -> str:
    """Return a value as `read_value` reads it: objects by name where the name says which, else by key."""
    if value is None:
        return ""
    form = form_of(field)
    if form in {"ref", "refs"}:
        assert field.ref is not None
        keys = value if isinstance(value, tuple) else (value,)
        told = "; ".join(_called(planning, field.ref, key, language) for key in keys)
        return told or (EMPTY if field.default is None else "")
    if form == "weeks" and not value:
        return EMPTY
    if form == "texts" and any(isinstance(one, str) and not _is_plain(one) for one in value):
        return msgspec.json.encode(value).decode()
    if isinstance(value, bool):
        return yes_or_no(value, language)
    return written(value, planning.grid, language) if form == "place" else write_cell(field, value, planning.grid)


def matches(row: Row, wanted: dict[str, Any]) -> bool:
    """Say whether a row has these values: a list has them all, a text is the same but for case and accents."""
    return all(_is(getattr(row, name), value) for name, value in wanted.items())


def weeks_given(text: str, grid: Grid) -> int | None:
    """Return the weeks of `3-8,10`, None for nothing. Raises InvalidChangeError."""
    try:
        return weeks_of(text, grid) if text.strip() else None
    except CellError as error:
        raise InvalidChangeError(f"weeks: {error}", field="weeks") from None


def _read(planning: Planning, field: Field, text: str) -> Any:
    form = form_of(field)
    if form == "text":
        return text
    if not text or (fold(text) in NOTHING and form not in {"texts", "choice"}):
        return _nothing(field)
    if form == "ref":
        return _key(planning, field, text)
    if form == "refs":
        return _keys(planning, field, text)
    if form == "place" and text.isdecimal():
        return int(text[:9])
    if form == "steps" and (steps := _STEPS.fullmatch(text)) is not None:
        return int(steps[1])
    if form == "texts" and text.startswith("["):
        return msgspec.json.decode(text)
    return read_cell(field, text, planning.grid)


def _nothing(field: Field) -> Any:
    form = form_of(field)
    if field.default is None:
        return None
    if form not in _EMPTIES:
        raise CellError("a value is needed")
    return _EMPTIES[form]


def _keys(planning: Planning, field: Field, text: str) -> tuple[int, ...]:
    """Return the keys of a list of names: a name with a comma in it comes before its parts."""
    if text == EMPTY:
        return ()
    try:
        return (_key(planning, field, text),)
    except NotFoundError:
        parts = [part for part in _BETWEEN.split(text) if part]
        if len(parts) < 2:  # noqa: PLR2004 - it was one name
            raise
        return tuple(dict.fromkeys(_key(planning, field, part) for part in parts))


def _key(planning: Planning, field: Field, text: str) -> int:
    assert field.ref is not None
    return find(planning, field.ref, text)


def _called(planning: Planning, kind: str, key: int, language: str) -> str:
    name = named(planning, kind, key, language)
    if not name.isdecimal() and not _BETWEEN.search(name) and fold(name) not in NOTHING:
        try:
            if find(planning, kind, name) == key:
                return name
        except NotFoundError:
            pass  # another has it too
    return str(key)


def _is_plain(text: str) -> bool:
    """Say whether a text can stand in a list of texts."""
    return bool(text) and text == text.strip() and not text.startswith("[") and not _BETWEEN.search(text)


def _is(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple) and isinstance(value, tuple):
        return set(wanted) <= set(value)
    if isinstance(wanted, str) and isinstance(value, str):
        return fold(value) == fold(wanted)
    return bool(value == wanted)
