"""How a file is to be read, as options say it."""

from pathlib import Path

import pytest

from hpserver.cli.work.readings import read_bounded, reading_of, zipped_gpu
from hpserver.errors import ConfigurationError


def test_columns_are_named_by_title_and_field() -> None:
    """An equals sign may be part of a title; without one nothing is guessed."""
    read = reading_of("salles.csv", "room", ("a=b=name",), "ask", "one", partial=True, year=2026)
    assert (read.columns, read.year, read.partial) == ({"a=b": "name"}, 2026, True)
    with pytest.raises(ConfigurationError):
        reading_of("salles.csv", "room", ("name",), "ask", "one")


def test_a_folder_of_untis_is_one_file(tmp_path: Path) -> None:
    """Only what Untis exports goes along."""
    (tmp_path / "GPU001.TXT").write_bytes(b"1")
    (tmp_path / "notes.txt").write_bytes(b"2")
    packed = zipped_gpu(tmp_path)
    assert b"GPU001.TXT" in packed
    assert b"notes" not in packed
    assert read_bounded(tmp_path / "notes.txt") == b"2"
