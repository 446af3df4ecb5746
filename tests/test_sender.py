"""The process that writes a copy of a base: what it says, and what it leaves."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from hpserver.errors import NotFoundError
from hpserver.hosting.bases import create_base
from hpserver.hosting.receiving import NotMade
from hpserver.hosting.sandbox import open_untrusted
from hpserver.hosting.transfers import Copied, CopyOrder
from tests.schools import a_school

pytestmark = pytest.mark.slow


def run(base: Path, out: Path) -> Copied | NotMade:
    """Run the process as the office does."""
    order = msgspec.json.encode(CopyOrder(str(base), str(out)))
    program = (sys.executable, "-I", "-m", "hpserver.sender", order)
    told = subprocess.run(program, capture_output=True, check=True, env={}, timeout=60)
    return msgspec.json.decode(told.stdout, type=Copied | NotMade)


async def test_a_copy_is_written_and_told(tmp_path: Path) -> None:
    """With its size and its revision; the base stays."""
    await create_base(tmp_path / "A.hpbase", "A", a_school(12))
    told = run(tmp_path / "A.hpbase", tmp_path / "a.hpx")
    assert isinstance(told, Copied)
    assert (await open_untrusted("document", tmp_path / "a.hpx")).planning() == a_school(12)
    assert os.stat(tmp_path / "a.hpx").st_size == told.bytes  # noqa: PTH116  one file, looked at once


def test_what_cannot_be_copied_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """An error of the house, by its code."""
    told = run(tmp_path / "A.hpbase", tmp_path / "a.hpx")
    assert isinstance(told, NotMade)
    assert told.code == NotFoundError.code
    assert list(tmp_path.iterdir()) == []
