"""Where documents are, and whether they say what the code says. Knows no document."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
DOCS: Final = ROOT / "docs"


def write_or_check(target: Path, text: str, arguments: Sequence[str]) -> int:
    """Write a document, or with `--check` say whether it is up to date. Return the exit code."""
    if "--check" not in arguments:
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return 0
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{target.name} is not what the code says: run ./run docs\n")
    return 1
