"""Write the schema of an exported base: `python -m hpserver.cli.export_schema`, `--check` to compare only."""

import json
import sys
from pathlib import Path
from typing import Final

from hpserver.exports.schema import schema

TARGET: Final = Path(__file__).resolve().parents[2] / "docs" / "schema" / "export.schema.json"


def text() -> str:
    """Return the schema as it is published."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def run(arguments: list[str]) -> int:
    """Write the schema, or with `--check` say whether it is up to date. Return the exit code."""
    if "--check" not in arguments:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text(), encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text():
        return 0
    sys.stderr.write(f"{TARGET.name} is not what the code says: run ./run docs\n")
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
