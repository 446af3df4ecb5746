import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.imports import bundle
from hpserver.imports.bundle import base_name, is_zip, unzipped, zipped

WANTED = re.compile(r"gpu\d+\.txt", re.IGNORECASE)
FILES = {"a/GPU001.TXT": b"1,2\n" * 100, "photo.jpg": b"x", "GPU002.TXT": b"3"}


def test_wanted_files_come_out_as_they_went_in() -> None:
    """In a folder of the zip or not; the others stay in."""
    data = zipped(FILES)
    assert is_zip(data)
    assert unzipped(data, WANTED) == {"a/GPU001.TXT": b"1,2\n" * 100, "GPU002.TXT": b"3"}
    assert base_name("a\\b/c.txt") == "c.txt"


def test_t_a_bomb_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither many bytes nor many files are unpacked."""
    data = zipped(FILES)
    monkeypatch.setattr(bundle, "MAX_BYTES", 100)
    with pytest.raises(ImportRefusedError, match="more than 100 bytes"):
        unzipped(data, WANTED)
    monkeypatch.setattr(bundle, "MAX_FILES", 2)
    with pytest.raises(ImportRefusedError, match="more than 2 files"):
        unzipped(data, WANTED)


@given(st.integers(0, 500), st.binary(max_size=10), st.integers(0, 40))
def test_t_a_damaged_zip_is_refused_or_read(start: int, junk: bytes, cut: int) -> None:
    """Nothing but the documented error."""
    data = zipped(FILES)
    with suppress(ImportRefusedError):
        unzipped(data[:start] + junk + data[start + cut :], WANTED)


def test_half_a_zip_is_refused() -> None:
    """Its list of files is at its end."""
    for cut in (5, 50, 200):
        with pytest.raises(ImportRefusedError):
            unzipped(zipped(FILES)[:cut], WANTED)
