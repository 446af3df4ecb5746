"""docs/asvs.md, from the table: `python -m tests.asvs.document`, `--check` to compare only."""

import sys
from typing import Final

from hpserver.cli.documents.target import DOCS, write_or_check
from tests.asvs.chapters import LINES, TITLES, levels

TARGET: Final = DOCS / "asvs.md"

INTRODUCTION: Final = """\
# The checklist

<!-- Written by `./run docs` from tests/asvs. Change that, never this file. -->

The lines of the OWASP Application Security Verification Standard 5.0, chapters V6, V7, V8, V11, V12 and V16, at all
levels: each has a test that proves it, or the reason why it has none. L3 is asked of the certificate authority and of
administration alone; elsewhere it is told where we stand.

What a line asks is put here in our own few words, from its number and its sense; the words that count are those of the
standard. Numbers and levels were taken from the standard's public drafts up to 5.0; of 6.2.8, 6.2.12, 6.3.2 and 11.4.4,
which changed last, from memory. A proof beside a reason covers a part of the line, and the reason tells the rest.

| | lines | proved by a test | in part | a reason alone |
|---|---|---|---|---|
"""


def document() -> str:
    """Return the document."""
    level = levels()
    counts, chapters = [], []
    for chapter, title in TITLES.items():
        lines = {number: line for number, line in LINES.items() if number.split(".")[0] == chapter}
        whole = sum(bool(line.proofs) and not line.reason for line in lines.values())
        parts = sum(bool(line.proofs) and bool(line.reason) for line in lines.values())
        counts.append(f"| V{chapter} {title} | {len(lines)} | {whole} | {parts} | {len(lines) - whole - parts} |")
        rows = [
            f"| {number} | {level[number]} | {line.about} | {_proof(line.proofs, line.reason)} |"
            for number, line in lines.items()
        ]
        chapters.append(
            f"\n## V{chapter} {title}\n\n| line | level | asks that | proof |\n|---|---|---|---|\n" + "\n".join(rows)
        )
    return INTRODUCTION + "\n".join(counts) + "\n" + "\n".join(chapters) + "\n"


def write(arguments: list[str]) -> int:
    """Write the document, or with `--check` say whether it is up to date. Return the exit code."""
    return write_or_check(TARGET, document(), arguments)


def _proof(proofs: tuple[str, ...], reason: str) -> str:
    return " ".join([*(f"`{proof.rpartition('::')[2]}`" for proof in proofs), *([reason] if reason else [])])


if __name__ == "__main__":
    sys.exit(write(sys.argv[1:]))
