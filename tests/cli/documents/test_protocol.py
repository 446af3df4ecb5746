"""Writing the documents, and saying when they are stale."""

from pathlib import Path

import pytest

from hpserver.cli.documents import protocol


def test_the_template_asks_for_nothing_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mistyped name in the template stops the writing instead of leaving a hole."""
    template = tmp_path / "template.md"
    template.write_text("{{NO_SUCH_LIMIT}}")
    monkeypatch.setattr(protocol, "TEMPLATE", template)
    with pytest.raises(AttributeError):
        protocol.protocol()
