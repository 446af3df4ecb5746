"""What SQLite does not read of a WAL: one half transaction is a power loss, two are damage."""

import shutil
from pathlib import Path

import apsw
import pytest

from hpserver.errors import CorruptBaseError
from hpserver.store import sqlite_file, wal_file

FRAME = 24 + 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file whose owner was killed after five transactions, its WAL beside it."""
    made = tmp_path / "file"
    sqlite_file.prepare(made)
    connection = sqlite_file.connect(made)
    connection.execute("CREATE TABLE t (x)")
    for number in range(4):
        connection.execute("INSERT INTO t VALUES (?)", (number,))
    for ending in ("", "-wal"):
        shutil.copy(f"{made}{ending}", tmp_path / f"killed{ending}")
    connection.close()
    return tmp_path / "killed"


def checked(path: Path) -> int:
    """Open the file as a server does; how many rows it has."""
    connection = sqlite_file.connect(path)
    try:
        sqlite_file.check_wal(connection, path)
        return int(connection.execute("SELECT count(*) FROM t").get)
    finally:
        connection.close()


def damage(path: Path, place: int) -> None:
    """Flip a bit of the WAL; a negative place counts from its end."""
    wal = path.with_name(path.name + "-wal")
    content = bytearray(wal.read_bytes())
    content[place] ^= 4
    wal.write_bytes(content)


def test_an_intact_wal_is_accepted(path: Path) -> None:
    """A killed owner leaves all its promises."""
    assert checked(path) == 4
    assert checked(path) == 4


def test_a_transaction_cut_short_is_a_power_loss(path: Path) -> None:
    """What was never promised may be missing, and the base opens."""
    damage(path, -1)
    assert checked(path) == 3


@pytest.mark.parametrize("place", [0, 17, 25, 32 + 9, 32 + 24 + 100, 32 + 2 * FRAME + 3000])
def test_promises_that_cannot_be_read_are_noticed(path: Path, place: int) -> None:
    """Damage in the header, in a frame's own header or in a page: the base is not served without its end."""
    damage(path, place)
    with pytest.raises(CorruptBaseError):
        checked(path)


def test_frames_of_an_earlier_round_are_no_promises(path: Path) -> None:
    """A WAL is written again from its start; what lies behind is old."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
    connection.execute("INSERT INTO t VALUES (9)")
    again = path.with_name("again")
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", f"{again}{ending}")
    connection.close()
    assert again.with_name("again-wal").stat().st_size > 32 + 2 * FRAME
    assert checked(again) == 5


def test_no_wal_is_no_damage(tmp_path: Path) -> None:
    """A base that was stopped cleanly has none."""
    wal_file.check(tmp_path / "none", 0, 4096)
    (tmp_path / "empty").touch()
    wal_file.check(tmp_path / "empty", 0, 4096)
