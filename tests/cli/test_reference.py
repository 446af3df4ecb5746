"""Writing the documents, and saying when they are stale."""

from pathlib import Path

import pytest

from hpserver.cli import reference


def test_check_tells_a_stale_document_from_a_fresh_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is what a hook looks at; `--check` writes nothing."""
    monkeypatch.setattr(reference, "TARGET", tmp_path / "protocol.md")
    assert reference.main(["--check"]) == 1
    assert not (tmp_path / "protocol.md").exists()
    assert "run ./run docs" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    (tmp_path / "protocol.md").write_text("old")
    assert reference.main(["--check"]) == 1


def test_the_template_asks_for_nothing_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mistyped name in the template stops the writing instead of leaving a hole."""
    template = tmp_path / "template.md"
    template.write_text("{{NO_SUCH_LIMIT}}")
    monkeypatch.setattr(reference, "TEMPLATE", template)
    with pytest.raises(AttributeError):
        reference.protocol()
