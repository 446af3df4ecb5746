import ast
import subprocess
import sys
from functools import cache

import pytest

from tests.asvs.chapters import LEVELS, LINES, TITLES, levels
from tests.asvs.document import TARGET, document
from tests.documents import ROOT, rows

TESTS = ROOT / "tests"

THREATS = (
    *(f"T{number:02}" for number in range(1, 11)),
    *(f"A{number:02}" for number in range(1, 19)),
    *(f"R{number:02}" for number in range(1, 6)),
)
"""Rows of the threat model: certificates and TLS, signing in, tenants and routing."""


@cache
def names(file: str) -> set[str]:
    """Return the tests that a file defines."""
    tree = ast.parse((TESTS / file).read_bytes())
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in found if node.name.startswith("test_")}


def proofs() -> set[str]:
    """Return every test that the table names."""
    return {proof for line in LINES.values() for proof in line.proofs}


def test_every_line_of_the_chapters_is_in_the_table() -> None:
    """A checklist with a hole is no checklist."""
    assert set(LINES) == set(levels())
    assert {section.split(".")[0] for section in LEVELS} == set(TITLES)


@pytest.mark.parametrize("number", sorted(LINES))
def test_a_line_has_a_proof_or_a_reason(number: str) -> None:
    """Silence is neither."""
    line = LINES[number]
    assert line.proofs or len(line.reason) > 20
    assert not line.about.lower().startswith("verify that"), "in our own words"


@pytest.mark.parametrize("proof", sorted(proofs()))
def test_a_proof_exists(proof: str) -> None:
    """A test that was renamed takes its line with it."""
    file, _, name = proof.partition("::")
    assert name in names(file)


@pytest.mark.slow
def test_every_proof_is_collected() -> None:
    """A test that nobody runs proves nothing."""
    files = sorted({f"tests/{proof.partition('::')[0]}" for proof in proofs()})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    collected = {line.partition("[")[0].removeprefix("tests/") for line in done.stdout.splitlines() if "::" in line}
    assert proofs() <= collected, done.stdout[-2000:]


def test_the_document_is_what_the_table_says() -> None:
    """After a change of the table, `./run docs` is part of it."""
    assert document() == TARGET.read_text(encoding="utf-8"), "docs/asvs.md is stale: run ./run docs"


@pytest.mark.parametrize("threat", THREATS)
def test_a_threat_is_proved_or_said_to_be_open(threat: str) -> None:
    """Each row of the model has a test with its number in its name, or its reason among what is not covered yet."""
    security = ROOT / "docs" / "security.md"
    open_ = {row[0]: row[2] for row in rows(security, "Not covered yet")[1:]}
    covered = {row[0]: row[3] for row in rows(security, "Threats that are tested")[1:]}
    if threat in covered:
        assert covered[threat].startswith(f"test_{threat.lower()}_")
    else:
        assert len(open_[threat]) > 10
