"""The chapters of OWASP ASVS 5.0 that are walked, and which lines they have. Knows no proof."""

from typing import Final

from tests.asvs import v6, v7, v8, v11, v12, v16
from tests.asvs.line import Line

TITLES: Final = {
    "6": "Authentication",
    "7": "Session management",
    "8": "Authorization",
    "11": "Cryptography",
    "12": "Secure communication",
    "16": "Security logging and error handling",
}

LEVELS: Final = {
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
}  # fmt: skip
"""Section -> the level of each of its lines, in order: 6.1.1 is of level 1, 6.1.2 of level 2."""

LINES: Final[dict[str, Line]] = {**v6.LINES, **v7.LINES, **v8.LINES, **v11.LINES, **v12.LINES, **v16.LINES}


def levels() -> dict[str, int]:
    """Return every line of these chapters with its level."""
    return {
        f"{section}.{place}": int(level)
        for section, their in LEVELS.items()
        for place, level in enumerate(their, start=1)
    }
