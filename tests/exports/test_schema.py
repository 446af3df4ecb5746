"""The published schema is the one of the code, and a real document satisfies it."""

import json
import re
from typing import Any

import pytest

from hpserver.base.registry import KINDS
from hpserver.exports.schema import schema
from hpserver.exports.writing import lines
from tests.exports.documents import a_history

SCHEMA = schema()
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "boolean": (bool,),
    "null": (type(None),), "number": (int, float),
}  # fmt: skip


def fits(value: Any, rule: dict[str, Any]) -> bool:
    """Say whether a value satisfies a rule: the words of the language that our schema uses."""
    if "$ref" in rule:
        return fits(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")])
    if "const" in rule and value != rule["const"]:
        return False
    if "enum" in rule and value not in rule["enum"]:
        return False
    if "type" in rule and not is_of(value, rule["type"]):
        return False
    if "anyOf" in rule and not any(fits(value, one) for one in rule["anyOf"]):
        return False
    if "oneOf" in rule and sum(fits(value, one) for one in rule["oneOf"]) != 1:
        return False
    return _bounds(value, rule) and _parts(value, rule)


def is_of(value: Any, name: str) -> bool:
    """Say whether a value has a type: no boolean is a number."""
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _bounds(value: Any, rule: dict[str, Any]) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        low, high = int(rule.get("minimum", value)), int(rule.get("maximum", value))
        return low <= value <= high and value < int(rule.get("exclusiveMaximum", value + 1))
    if isinstance(value, str):
        low, high = int(rule.get("minLength", 0)), int(rule.get("maxLength", len(value)))
        return low <= len(value) <= high and re.search(rule.get("pattern", ""), value) is not None
    return True


def _parts(value: Any, rule: dict[str, Any]) -> bool:
    if isinstance(value, list):
        first = rule.get("prefixItems", [])
        items = rule.get("items")
        rest = all(fits(one, items) for one in value[len(first) :]) if isinstance(items, dict) else True
        return rest and len(value) <= int(rule.get("maxItems", len(value))) and all(map(fits, value, first))
    if isinstance(value, dict):
        known = rule.get("properties", {})
        more = rule.get("additionalProperties", True)
        others = [one for name, one in value.items() if name not in known]
        if isinstance(more, dict) and not all(fits(one, more) for one in others):
            return False
        has_all = set(rule.get("required", [])) <= value.keys()
        return has_all and all(fits(value[name], one) for name, one in known.items() if name in value)
    return True


def test_every_kind_is_in_it_with_every_field() -> None:
    """Nothing of a base is left to guess."""
    for kind in KINDS.values():
        fields = SCHEMA["$defs"][f"fields of {kind.name}"]
        assert set(fields["properties"]) == set(kind.by_name)
        assert set(fields["required"]) == kind.required
        assert fields["title"] == kind.en


def test_a_real_document_satisfies_it() -> None:
    """What is published is what is written."""
    wrong = [line for line in lines(a_history()) if not fits(json.loads(line), SCHEMA)]
    assert not wrong


@pytest.mark.parametrize("edit", [{"key": 0}, {"fields": {}}, {"kind": "ghost"}, {"line": "song"}])
def test_it_refuses_what_the_reader_refuses(edit: dict[str, Any]) -> None:
    """A schema that accepts everything would say nothing."""
    lines_ = [json.loads(line) for line in lines(a_history(0))]
    assert fits(lines_[5], SCHEMA)
    assert not fits(lines_[5] | edit, SCHEMA)
