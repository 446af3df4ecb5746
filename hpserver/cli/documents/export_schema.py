"""docs/schema/export.schema.json: the schema of an exported base as it is published."""

import json
from collections.abc import Sequence
from typing import Final

from hpserver.cli.documents.target import DOCS, write_or_check
from hpserver.exports.schema import schema

TARGET: Final = DOCS / "schema" / "export.schema.json"


def text() -> str:
    """Return the schema as it is published."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def write(arguments: Sequence[str]) -> int:
    """Write the document, or with `--check` say whether it is up to date. Return the exit code."""
    return write_or_check(TARGET, text(), arguments)
