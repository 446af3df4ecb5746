"""A copy is offered once it was rebuilt from its very bytes."""

from pathlib import Path

import msgspec
import pytest

from hpserver.errors import CorruptBaseError, NotFoundError
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from hpserver.hosting import copies
from hpserver.hosting.bases import create_base
from hpserver.hosting.copies import prove, proved_copy
from hpserver.hosting.exporting import Exported, export
from hpserver.hosting.sandbox import open_untrusted
from tests.exports.documents import a_history
from tests.schools import a_school

pytestmark = pytest.mark.slow


def copies_in(folder: Path) -> list[str]:
    """Return the copies that bear the name of a third one."""
    return [one.name for one in folder.glob("c.hpx")]


async def test_a_copy_holds_what_the_base_holds(tmp_path: Path) -> None:
    """It opens as the base that it was made of."""
    await create_base(tmp_path / "A.hpbase", "A", a_school(12))
    told = await proved_copy(tmp_path / "A.hpbase", tmp_path / "a.hpx")
    assert (await open_untrusted("document", tmp_path / "a.hpx")).planning() == a_school(12)
    assert told.bytes > 100
    with pytest.raises(NotFoundError):
        await proved_copy(tmp_path / "B.hpbase", tmp_path / "b.hpx")


async def test_one_that_holds_something_else_is_no_copy_and_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong between the base and the disk."""
    await create_base(tmp_path / "A.hpbase", "A", a_school(12))
    told = await export(tmp_path / "A.hpbase", tmp_path / "a.hpx")
    for wrong in ({"revision": 9}, {"rows": 9}, {"counts": {"room": 9}}):
        with pytest.raises(CorruptBaseError):
            await prove(tmp_path / "a.hpx", msgspec.structs.replace(told, **wrong))

    async def another(_: Path, out: Path) -> Exported:
        out.write_bytes(b"".join(pack(lines(a_history()))))  # noqa: ASYNC240  a few bytes
        return told

    monkeypatch.setattr(copies, "export", another)
    with pytest.raises(CorruptBaseError):
        await proved_copy(tmp_path / "A.hpbase", tmp_path / "c.hpx")
    assert not copies_in(tmp_path)
