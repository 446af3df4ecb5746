"""`hp client download`: the base in service, brought to another machine."""

from pathlib import Path

import pytest

from hpserver.base.planning import Planning
from hpserver.cli.client.files import Meter
from hpserver.exports.packing import unpack
from hpserver.exports.reading import read
from tests.cli.desks import Desk


@pytest.mark.slow
def test_a_base_in_service_is_downloaded_as_a_document(alice: Desk, tmp_path: Path) -> None:
    """What the document says is what the planning holds, and anybody can read it."""
    out = tmp_path / "base.hpx"
    value = alice.json("download", "planning01", "--out", str(out))
    assert value["bytes"] == out.stat().st_size
    with out.open("rb") as file:
        found = read(unpack(file))
    assert isinstance(found.planning, Planning)
    assert (found.header.base, found.header.revision) == (value["base"], value["revision"])
    opened = alice.json("open", "planning01")
    assert {kind: count for kind, count in opened["counts"].items() if count} == found.header.counts


def test_progress_is_for_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A script reads no percentages; a person does."""
    meter = Meter()
    meter.show(50, 200)
    meter.end()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    meter.show(50, 200)
    meter.end()
    assert "25 %" in capsys.readouterr().err
