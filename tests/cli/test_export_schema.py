"""The program that publishes the schema."""

from pathlib import Path

import pytest

from hpserver.cli import export_schema


def test_a_stale_schema_is_told_and_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is what a hook looks at; `--check` writes nothing."""
    target = tmp_path / "schema" / "export.schema.json"
    monkeypatch.setattr(export_schema, "TARGET", target)
    assert export_schema.run(["--check"]) == 1
    assert not target.exists()
    assert export_schema.run([]) == 0
    assert export_schema.run(["--check"]) == 0
