"""The JSON Schema of a line of a document, made from the declarations of every kind."""

from typing import Any, Final

import msgspec

from hpserver.base.registry import KINDS, Kind
from hpserver.exports.format import FORMAT, VERSION, Header, Revision, Trailer

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REF: Final = "#/$defs/{name}"


def schema() -> dict[str, Any]:
    """Return the schema that each line of a document of this version satisfies."""
    kinds = {kind.name: _fields(kind) for kind in KINDS.values()}
    _, shared = msgspec.json.schema_components((Header, Revision, Trailer), ref_template=_REF)
    lines = [{"$ref": _REF.format(name=name)} for name in ("Header", "Object", "Origin", "Revision", "Trailer")]
    told = {name: _told(name, kinds) for name in ("object", "origin")}
    return {
        "$schema": DIALECT,
        "title": f"A line of a document {FORMAT!r}, version {VERSION}",
        "oneOf": lines,
        "$defs": {
            **{name: _opened(definition) for name, definition in shared.items()},
            "Object": told["object"],
            "Origin": told["origin"],
            **{f"fields of {name}": fields for name, fields in kinds.items()},
        },
    }


def _told(line: str, kinds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of an object line: which fields it has depends on its kind."""
    cases = [
        {"properties": {"kind": {"const": name}, "fields": {"$ref": _REF.format(name=f"fields of {name}")}}}
        for name in kinds
    ]
    return {
        "type": "object",
        "properties": {"line": {"const": line}, "kind": {"type": "string"}, "key": {"type": "integer", "minimum": 1}},
        "required": ["line", "kind", "key", "fields"],
        "oneOf": cases,
    }


def _fields(kind: Kind) -> dict[str, Any]:
    properties = {}
    for field in kind.fields():
        (one,), _ = msgspec.json.schema_components((field.type,))
        one |= {"title": field.en, "x-fr": field.fr}
        if field.ref is not None:
            one["x-ref"] = field.ref
        properties[field.name] = one
    return {
        "title": kind.en,
        "x-fr": kind.fr,
        "type": "object",
        "properties": properties,
        "required": sorted(kind.required),
    }


def _opened(definition: dict[str, Any]) -> dict[str, Any]:
    """Allow what a later program adds: a reader leaves it out."""
    return {name: value for name, value in definition.items() if name != "additionalProperties" or value}
