"""Templates whose words agree with their numbers, in French and English. Knows no word."""

import re

_MARK = re.compile(r"\{(?P<hole>\w+)(?::[^}]*)?\}|\((?P<ending>s|es)\)")


def fill(template: str, language: str, **values: object) -> str:
    """Return a template with its values; what ends in `(s)` or `(es)` agrees with the number before it."""
    many = False

    def agree(found: re.Match[str]) -> str:
        nonlocal many
        if found["hole"] is None:
            return found["ending"] if many else ""
        value = str(values[found["hole"]])
        if value.isdecimal():
            many = int(value) > 1 or (int(value) == 0 and language != "fr")
        return found[0]

    return _MARK.sub(agree, template).format(**values)
