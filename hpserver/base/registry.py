"""Every kind of object in a base, read from the declarations in `model`: fields, references, patches, labels."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypedDict, Union, get_args, get_type_hints

import msgspec

from hpserver.base.model import ROWS, Domain, Row
from hpserver.base.model.row import Measure, Unit
from hpserver.errors import InvalidChangeError

_FIXMAP: Final = 0x80
"""First byte of a MessagePack map of up to fifteen names, less their number."""

_typed_dict: Any = TypedDict
"""For fields that are known at run time, which a checker of types does not follow."""

_WORD = re.compile(r"(?<!^)(?=[A-Z])")
"""Where a word begins inside the name of a class."""

_AT_FIELD: Final = re.compile(r"(?P<why>.+) - at `\$\.(?P<field>[a-z_]+)[^`]*`")
"""How msgspec says where a value is wrong."""


class Field(msgspec.Struct, frozen=True):
    """One field of a kind: its labels; the kind it refers to, its unit of the grid and its measure, if any.

    `lines` says that a text may have several.
    """

    name: str
    fr: str
    en: str
    ref: str | None
    unit: Unit | None
    measure: Measure | None
    lines: bool
    required: bool
    default: Any
    type: Any


class Kind(msgspec.Struct, frozen=True):
    """One kind of object. `patch` has every field of `row`, all optional; see `Row` for the rest."""

    name: str
    fr: str
    en: str
    row: type[Row]
    patch: type[msgspec.Struct]
    domain: Domain
    one_of: tuple[str, ...]
    part_of: tuple[str, ...]
    refs: Mapping[str, str]
    required: frozenset[str]
    by_name: Mapping[str, Field]
    texts: frozenset[str]
    from_msgpack: msgspec.msgpack.Decoder[Any]
    named_from_msgpack: msgspec.msgpack.Decoder[dict[str, Any]]

    def fields(self) -> tuple[Field, ...]:
        """Return the fields in the order of the row."""
        return tuple(self.by_name.values())

    def decode(self, raw: bytes | msgspec.Raw) -> dict[str, Any]:
        """Return the fields that a MessagePack patch names, with their checked values.

        Raises InvalidChangeError.
        """
        try:
            named = self.named_from_msgpack.decode(raw)
            if len(named) == memoryview(raw)[0] - _FIXMAP:  # no name that is unknown or said twice: four times as fast
                return named if len(named) == 1 else {name: named[name] for name in self.by_name if name in named}
            patch = self.from_msgpack.decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _refused(self.name, str(error)) from error
        every = zip(patch.__struct_fields__, msgspec.structs.astuple(patch), strict=True)
        return {name: value for name, value in every if value is not msgspec.UNSET}


def _refused(kind: str, why: str) -> InvalidChangeError:
    """Say which field takes what, as far as the decoder says it."""
    found = _AT_FIELD.fullmatch(why)
    if found is None:
        return InvalidChangeError(f"{kind}: {why}", kind=kind)
    return InvalidChangeError(f"{found['field']} of {kind}: {found['why']}", kind=kind, field=found["field"])


def kind_of(name: str) -> Kind:
    """Return a kind by name. Raises InvalidChangeError when there is none."""
    try:
        return KINDS[name]
    except KeyError:
        raise InvalidChangeError(f"there is no kind {name[:32]!r}", kind=name[:32]) from None


def _read_kind(row: type[Row]) -> Kind:
    hints = get_type_hints(row, include_extras=True)
    fields = {info.name: _read_field(info, hints[info.name]) for info in msgspec.structs.fields(row)}
    optional = [(name, Union[field.type, msgspec.UnsetType], msgspec.UNSET) for name, field in fields.items()]  # noqa: UP007 - `|` does not take a type computed at run time
    patch = msgspec.defstruct(f"{row.__name__}Patch", optional, frozen=True, forbid_unknown_fields=True)
    return Kind(
        name=_WORD.sub("_", row.__name__).lower(),
        fr=row.fr,
        en=row.en,
        row=row,
        patch=patch,
        domain=row.domain,
        one_of=row.one_of,
        part_of=row.part_of,
        refs={name: field.ref for name, field in fields.items() if field.ref is not None},
        required=frozenset(name for name, field in fields.items() if field.required),
        by_name=fields,
        texts=frozenset(name for name, field in fields.items() if str in parts_of(field.type)),
        from_msgpack=msgspec.msgpack.Decoder(patch),
        named_from_msgpack=msgspec.msgpack.Decoder(
            _typed_dict(patch.__name__, {name: field.type for name, field in fields.items()}, total=False)
        ),
    )


def _read_field(info: msgspec.structs.FieldInfo, annotation: Any) -> Field:
    notes = [part.extra for part in parts_of(annotation) if isinstance(part, msgspec.Meta) and part.extra is not None]
    (label,) = (note for note in notes if "fr" in note)
    measure = next((note["measure"] for note in notes if "measure" in note), None)
    said = (label["fr"], label["en"], label["ref"], label["unit"], measure, any("lines" in note for note in notes))
    return Field(info.name, *said, info.required, info.default, annotation)


def parts_of(annotation: Any) -> Iterator[Any]:
    """Yield a type and all that it is made of, notes on it included."""
    yield annotation
    for part in get_args(annotation):
        yield from parts_of(part)


KINDS: dict[str, Kind] = {kind.name: kind for kind in map(_read_kind, ROWS)}
"""Every kind by name, those that are referred to before those that refer."""

PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    whole: tuple(
        (kind.name, fields)
        for kind in KINDS.values()
        if (fields := tuple(name for name in kind.part_of if kind.refs[name] == whole))
    )
    for whole in KINDS
}
"""For every kind, those whose objects are part of one of it, with the fields that name it."""
