"""Types and docstrings as a reader in another language needs them. Knows msgspec's types, no message."""

import re
from collections.abc import Mapping
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import inspect as kinds

_POWERS: Final = {2**bits: f"2^{bits}" for bits in (53, 62, 63, 64)}
_PLAIN: Final = {
    kinds.BoolType: "boolean",
    kinds.NoneType: "nil",
    kinds.RawType: "value of the base",
    kinds.FloatType: "float",
    kinds.DateType: "text",
}


def told_type(annotation: Any) -> str:
    """Return the type with its bounds, in words."""
    return _told(kinds.type_info(annotation))


def document(kind: type) -> str:
    """Return what a class says of itself, without the list of its fields."""
    text = (kind.__doc__ or "").partition("Attributes:")[0]
    return " ".join(text.split()).replace("None", "nil")


def described(
    kind: type[msgspec.Struct], hidden: tuple[str, ...] = (), meanings: Mapping[str, str] | None = None
) -> str:
    """Return the table of the fields of a struct with their types and meanings; nothing when there are none.

    `meanings` stand in for those of the docstring.
    """
    hints = get_type_hints(kind, include_extras=True)
    meanings = meanings or _meanings(kind)
    rows = []
    for info in msgspec.structs.fields(kind):
        if info.name in hidden:
            continue
        default = "" if info.default is msgspec.NODEFAULT else f"; default {_literal(info.default)}"
        rows.append(f"| {info.name} | {told_type(hints[info.name])}{default} | {meanings[info.name]} |")
    return "\n\n" + "\n".join(["| field | type | meaning |", "|---|---|---|", *rows]) if rows else ""


def _literal(value: object) -> str:
    if isinstance(value, msgspec.Raw):  # a value of the base is bytes within bytes
        value = msgspec.msgpack.decode(value)
    return msgspec.json.encode(value).decode().replace("null", "nil")


def _meanings(kind: type) -> dict[str, str]:
    """Return the meaning of each field, from `Attributes:` in the docstring of the class and of those above it."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        text = (one.__doc__ or "").partition("Attributes:")[2]
        for name, meaning in re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", text, flags=re.MULTILINE):
            found[name] = " ".join(meaning.split())
    return found


def _told(info: kinds.Type) -> str:
    plain = _PLAIN.get(type(info))
    if plain is not None:
        return plain
    match info:
        case kinds.Metadata():
            return _told(info.type)
        case kinds.UnionType():
            return " or ".join(_told(one) for one in info.types)
        case kinds.StructType():
            return info.cls.__name__
        case kinds.DictType():
            return f"map from {_told(info.key_type)} to {_told(info.value_type)}"
    return _told_bounded(info)


def _told_bounded(info: kinds.Type) -> str:
    match info:
        case kinds.IntType():
            return f"integer{_span(info.ge, info.gt, info.le, info.lt)}"
        case kinds.StrType():
            pattern = f" matching `{info.pattern}`".replace("|", "\\|") if info.pattern else ""
            return f"text{_length(info.min_length, info.max_length, 'characters')}{pattern}"
        case kinds.BytesType():
            return f"bytes{_length(info.min_length, info.max_length, 'bytes')}"
        case kinds.VarTupleType() | kinds.ListType():
            return f"array of {_told(info.item_type)}{_length(info.min_length, info.max_length, 'items')}"
        case kinds.LiteralType():
            return "one of " + ", ".join(f'`"{value}"`' for value in info.values)
        case kinds.TupleType():
            return f"array `[{', '.join(_told(item) for item in info.item_types)}]`"
    raise TypeError(f"no words for {info}")


def _span(ge: int | None, gt: int | None, le: int | None, lt: int | None) -> str:
    low = ge if ge is not None else gt + 1 if gt is not None else None
    high = le if le is not None else lt - 1 if lt is not None else None
    return "" if low is None or high is None else f", {_number(low)} to {_number(high)}"


def _number(value: int) -> str:
    sign, size = ("-" if value < 0 else ""), abs(value)
    return f"{sign}({_POWERS[size + 1]} - 1)" if size + 1 in _POWERS else str(value)


def _length(low: int | None, high: int | None, unit: str) -> str:
    if low is not None and low == high:
        return f", {low} {unit}"
    if low is not None and high is not None:
        return f", {low} to {high} {unit}"
    return f", at most {high} {unit}" if high is not None else ""
