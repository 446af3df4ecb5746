"""Elements of a FET file as text. Knows no base."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape


def tag(name: str, value: object) -> str:
    """Return an element with a text."""
    return f"<{name}>{escape(str(value))}</{name}>"


def tags(name: str, values: Iterable[object]) -> str:
    """Return an element per text."""
    return "".join(tag(name, value) for value in values)


def constraint(name: str, weight: str, inner: str = "", memo: str = "", **values: Any) -> str:
    """Return a constraint: what is within, then an element per value."""
    said = "".join(tag(element, value) for element, value in values.items())
    ends = f"<Active>true</Active>{tag('Comments', memo)}"
    return f"<Constraint{name}><Weight_Percentage>{weight}</Weight_Percentage>{inner}{said}{ends}</Constraint{name}>"


def listed(element: str, number: str, lines: list[str]) -> Iterator[str]:
    """Yield a list that says how many it has."""
    yield from (f"<{element}>", f"<{number}>{len(lines)}</{number}>", *lines, f"</{element}>")
