"""An English sentence of this program in French: found by its words, its values put into the French one. Pure."""

import re
from functools import cache
from typing import Final

from hpserver.base.agreement import fill
from hpserver.base.registry import KINDS, Kind
from hpserver.base.wording import DAYS
from hpserver.cli.words.french import base, console, files, house, people

SENTENCES: Final = base.SENTENCES | people.SENTENCES | house.SENTENCES | files.SENTENCES | console.SENTENCES
"""English template -> French template; a hole is `{name}`, and what ends in `(s)` agrees with the number before it.

What begins with `key` or `count` is a number, with `kind` a kind of the registry, told by its label as its `field` and
`fields` are; with `why` a sentence again; `choices` are labels of objects, with days in them.
"""

KIND_LABELS: Final = {
    name: kind.fr[:1].lower() + kind.fr[1:] if not kind.fr.startswith("TD") else kind.fr
    for kind in KINDS.values()
    for name in (kind.name, kind.en.lower())
}

TYPES: Final = {
    "int": "un nombre entier", "float": "un nombre", "str": "un texte", "bool": "oui ou non (true, false)",
    "array": "une liste", "object": "un objet", "null": "rien", "bytes": "des octets",
}  # fmt: skip
"""What the decoder of values calls them."""

_HOLE: Final = re.compile(r"\\\{(\w+)\\\}")
_FORMS: Final = (
    ("key", r"-?\d+"), ("count", r"-?\d+"), ("kind", r"[a-z0-9_ ]+?"), ("why", ".+?"), ("choices", ".+?"),
    ("", r"""(?:'[^']*'|"[^"]*"|(?!: ).)+?"""),
)  # fmt: skip
"""What a hole holds, by how its name begins; no value has a colon outside quotes, or it would be two sentences."""
_ELIDED: Final = re.compile(r"\bde \{(\w+)\}")
_VOWELS: Final = tuple("aeiouyàâéèêëîïôöùûüAEIOUÀÂÉÈÊÎÔ")
_DAYS: Final = dict(zip(DAYS["en"], DAYS["fr"], strict=True)) | {"unplaced": "non placé", "activity": "cours"}


def in_french(text: str) -> str:
    """Return a sentence in French; as it is when it is none of those known, which French ones are not."""
    found = maybe_known(text)
    if found is None:
        return text
    french, values = found
    told = {name: _value(name, values) for name in values}
    numbers = {name: int(value) for name, value in told.items() if name.startswith("count")}
    return fill(_ELIDED.sub(lambda hole: _of(hole[1], told), french), "fr", **told | numbers)


def _of(name: str, told: dict[str, str]) -> str:
    """The hole after `de`, or after `d'`: a vowel of a name in quotes is not seen."""
    return f"d'{{{name}}}" if told.get(name, "").startswith(_VOWELS) else f"de {{{name}}}"


def maybe_known(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the French template of a sentence and the values in it; None when it is none of those known."""
    wanted = " ".join(text.split()).rstrip(".")
    for pattern, english in _patterns():
        found = pattern.fullmatch(wanted)
        if found is not None and (_has_words(english) or maybe_known(found["why"]) is not None):
            return SENTENCES[english], found.groupdict()
    return None


def _has_words(template: str) -> bool:
    """Say whether a template says something itself; `{what}: {why}` is about what `why` says."""
    return re.search(r"\w", re.sub(r"\{\w+\}", "", template)) is not None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences to be compared with, those with most words of their own first."""
    ordered = sorted(SENTENCES, key=lambda one: len(re.sub(r"\{\w+\}", "", one)), reverse=True)
    return tuple((_pattern(english), english) for english in ordered)


def _pattern(english: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def hole(found: re.Match[str]) -> str:
        name = found[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>{next(form for begin, form in _FORMS if name.startswith(begin))})"

    escaped = re.escape(english).replace(r"\(s\)", "s?").replace(r"\(es\)", "(?:es)?")
    return re.compile(_HOLE.sub(hole, escaped), re.DOTALL)


def _value(name: str, values: dict[str, str]) -> str:
    value = values[name]
    if name.startswith("kind"):
        return KIND_LABELS.get(value, value)
    if name in {"type", "got"}:
        return " ou ".join(TYPES.get(one, one) for one in value.split(" | "))
    if name in {"field", "fields"}:
        kind = KINDS.get(values.get("kind_by", values.get("kind", "")))
        return ", ".join(_label(kind, one) for one in value.split(", "))
    if name.startswith("why"):
        return in_french(value)
    if name == "choices":
        return re.sub(r"[A-Za-z]+day|\bunplaced\b|\bactivity\b", lambda found: _DAYS.get(found[0], found[0]), value)
    return value


def _label(kind: Kind | None, field: str) -> str:
    return field if kind is None or field not in kind.by_name else kind.by_name[field].fr
