"""Templates whose words agree with their numbers, in French and English. Knows no word."""

import re

_MARK = re.compile(r"\{(?P<hole>\w+)(?::[^}]*)?\}|\((?P<ending>s|es)\)")


def fill(template: str, language: str, **values: object) -> str:
    """Return a template with its values; what ends in `(s)` or `(es)` agrees with the number (`int`) before it."""
    many = False

    def agree(found: re.Match[str]) -> str:
        nonlocal many
        if found["hole"] is None:
            return found["ending"] if many else ""
        value = values[found["hole"]]
        if isinstance(value, int) and value >= 0:  # a room may be called "12", and agrees with nothing
            many = value > 1 or (value == 0 and language != "fr")
        return found[0]

    return _MARK.sub(agree, template).format(**values)
