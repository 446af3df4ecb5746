"""Backups: proved by rebuilding, sealed when wished, thinned, and loud when they fail."""

import datetime as dt
from pathlib import Path

import pytest

from hpserver.base.changes import create
from hpserver.config import Backups
from hpserver.errors import ConfigurationError, CorruptBaseError
from hpserver.hosting import copies
from hpserver.hosting.backup_keys import is_sealed
from hpserver.hosting.backups import bases_with_folders, is_due, listed, maybe_failure, open_file, record_of, take
from hpserver.hosting.bases import create_base
from hpserver.store.sqlite import SqliteStore
from tests.hosting.test_backup_keys import keys
from tests.hosting.test_bases import a_desk, carry_out
from tests.schools import a_school

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 11, 22, 21, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


async def edited(path: Path, number: int = 1) -> None:
    """Let somebody add a room."""
    desk, keeping = await a_desk(SqliteStore(path))
    desk.tell(
        desk.follow("ada"),
        desk.transact(number, create("room", -1, name="Neuve"), operation=bytes(15) + bytes([number])),
    )
    await carry_out(desk, keeping)
    await keeping.close()


async def test_a_backup_is_taken_proved_and_listed(tmp_path: Path) -> None:
    """What bears the name of a backup was rebuilt and compared; an unchanged base is not backed up again."""
    base, folder = tmp_path / "a.hpbase", tmp_path / "backups"
    await create_base(base, "Année", a_school(30))
    await edited(base)
    record = await take(base, folder, Backups(), NOW)
    assert record is not None
    assert (record.base, record.revision, record.transactions, record.sealed) == ("Année", 1, 1, False)
    assert record.verified_at
    [one] = listed(folder)
    assert (one.at, one.revision, one.record) == (NOW, 1, record)
    assert one.path.stat().st_mode & 0o777 == 0o600
    assert await take(base, folder, Backups(), NOW + HOUR) is None
    await edited(base, 2)
    assert await take(base, folder, Backups(recent=1, daily=0, weekly=0), NOW + 2 * HOUR) is not None
    assert [one.revision for one in listed(folder)] == [2]
    assert not record_of(one.path).exists()
    opened = await open_file(listed(folder)[0].path)
    assert opened.planning().counts()["room"] == a_school(30).counts()["room"] + 2


async def test_a_sealed_backup_opens_with_the_private_key_alone(tmp_path: Path) -> None:
    """The school's own key: who steals the disk has nothing."""
    private, public = keys(tmp_path)
    base, folder = tmp_path / "a.hpbase", tmp_path / "backups"
    await create_base(base, "Année", a_school(30))
    assert await take(base, folder, Backups(recipient=str(public)), NOW) is not None
    [one] = listed(folder)
    assert one.sealed
    raw = one.path.read_bytes()
    assert is_sealed(raw)
    with pytest.raises(ConfigurationError, match="--key"):
        await open_file(one.path)
    assert (await open_file(one.path, private)).planning() == a_school(30)
    one.path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(CorruptBaseError):
        await open_file(one.path, private)


async def test_s04_a_damaged_base_is_not_backed_up_and_it_is_told(tmp_path: Path) -> None:
    """The good backups stay, and the failure is there to be seen until the next good one."""
    base, folder = tmp_path / "a.hpbase", tmp_path / "backups"
    await create_base(base, "Année", a_school(30))
    await edited(base)
    good = base.read_bytes()
    await take(base, folder, Backups(), NOW)
    base.write_bytes(good.replace(b"Neuve", b"Vieux"))
    with pytest.raises(CorruptBaseError):
        await take(base, folder, Backups(), NOW + HOUR)
    failure = maybe_failure(folder)
    assert failure is not None
    assert failure.error == "CorruptBaseError"
    assert [one.at for one in listed(folder)] == [NOW]
    base.write_bytes(good)
    await take(base, folder, Backups(), NOW + 2 * HOUR)
    assert maybe_failure(folder) is None


async def test_s08_a_backup_that_cannot_be_rebuilt_gets_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that would not restore is never among the backups."""
    base, folder = tmp_path / "a.hpbase", tmp_path / "backups"
    await create_base(base, "Année", a_school(30))
    monkeypatch.setattr(copies, "check_history", lambda _opened: a_school(10))
    with pytest.raises(CorruptBaseError, match="does not hold what the base holds"):
        await take(base, folder, Backups(), NOW)
    assert not listed(folder)
    assert {file.name for file in folder.iterdir()} == {"failure.json"}


async def test_a_backup_is_due_when_its_time_has_come_and_something_was_written(tmp_path: Path) -> None:
    """An idle school costs nothing; a failure is tried again, but not every minute."""
    bases, folders = tmp_path / "bases", tmp_path / "backups"
    base = bases / "123456789012" / "a.hpbase"
    await create_base(base, "Année", a_school(10))
    assert bases_with_folders(bases, folders) == [(base, folders / "123456789012" / "a")]
    folder = folders / "123456789012" / "a"
    now = dt.datetime.now(dt.UTC)
    assert is_due(base, folder, HOUR, now)
    await take(base, folder, Backups(), now - 2 * HOUR)
    assert is_due(base, folder, HOUR, now)
    assert not is_due(base, folder, 3 * HOUR, now)
    assert await take(base, folder, Backups(), now) is None
    assert not is_due(base, folder, HOUR, now + HOUR / 2)
    good = base.read_bytes()
    base.write_bytes(b"damaged")
    with pytest.raises(CorruptBaseError):
        await take(base, folder, Backups(), now + HOUR)
    assert not is_due(base, folder, HOUR, now + HOUR * 1.5)
    assert is_due(base, folder, HOUR, now + HOUR * 3)
    base.write_bytes(good)
