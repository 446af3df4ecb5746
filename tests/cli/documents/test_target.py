"""Documents written, and compared."""

from pathlib import Path

import pytest

from hpserver.cli.documents.target import write_or_check


def test_check_tells_a_stale_document_from_a_fresh_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is what a hook looks at; `--check` writes nothing."""
    target = tmp_path / "new" / "page.md"
    assert write_or_check(target, "text", ["--check"]) == 1
    assert not target.exists()
    assert "page.md is not what the code says: run ./run docs" in capsys.readouterr().err
    assert write_or_check(target, "text", []) == 0
    assert write_or_check(target, "text", ["--check"]) == 0
    target.write_text("old")
    assert write_or_check(target, "text", ["--check"]) == 1
