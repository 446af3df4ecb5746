"""How SQLite files are opened here: safe settings, safe library, right owner."""

import errno
import stat
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from hpserver.errors import (
    BusyError,
    CorruptBaseError,
    HPError,
    OutcomeUnknownError,
    StoreFullError,
    StoreVersionError,
)
from hpserver.store import sqlite_file


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    """A connection to a new file."""
    path = tmp_path / "a" / "file"
    sqlite_file.prepare(path)
    made = sqlite_file.connect(path)
    yield made
    made.close()


def test_files_are_their_owner_s_alone(tmp_path: Path, connection: apsw.Connection) -> None:
    """Nobody else on the machine reads a school's data, the WAL included."""
    connection.execute("CREATE TABLE t (x)")
    folder = tmp_path / "a"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"file": 0o600, "file-wal": 0o600, "file-shm": 0o600}


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("mmap_size", 0),
        ("trusted_schema", 0),
        ("foreign_keys", 1),
        ("cell_size_check", 1),
        ("secure_delete", 1),
        ("busy_timeout", 5000),
        ("wal_autocheckpoint", 0),
    ],
)
def test_the_settings_are_the_safe_ones(connection: apsw.Connection, pragma: str, value: object) -> None:
    """A promise survives a power loss only with these; checkpoints are the writer's own."""
    assert connection.pragma(pragma) == value


def test_a_directory_of_before_keeps_its_domains_as_zones(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificates of its devices speak for the domain it was opened with, whatever its controller is called."""
    steps = sqlite_file.migrations("directory")
    before = next(number for number, step in enumerate(steps) if "ADD COLUMN zone" in step)
    monkeypatch.setattr(sqlite_file, "migrations", lambda _kind: steps[:before])
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    connection.execute(
        "INSERT INTO account (number, name, domain, invoice, port, desired, console_hash, email, created_at)"
        " VALUES ('1', '', 'a.example', '1', 21200, 'down', '', '', 0.0)"
    )
    monkeypatch.undo()
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    assert connection.execute("SELECT domain, zone FROM account").fetchall() == [("a.example", "a.example")]


def test_a_planning_of_before_had_the_base_that_it_has(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its administrators can take it out and load it again; of others nothing is known."""
    steps = sqlite_file.migrations("directory")
    before = next(number for number, step in enumerate(steps) if "ADD COLUMN had" in step)
    monkeypatch.setattr(sqlite_file, "migrations", lambda _kind: steps[:before])
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    connection.execute(
        "INSERT INTO account (number, name, domain, zone, invoice, port, desired, console_hash, email, created_at)"
        " VALUES ('1', '', 'a.example', 'a.example', '1', 21200, 'down', '', '', 0.0)"
    )
    for key, base in ((1, "Base"), (2, "")):
        connection.execute(
            "INSERT INTO planning (key, account, name, publication_name, port, domain, base, desired, timezone)"
            " VALUES (?, '1', ?, '', ?, '', ?, 'down', 'Europe/Paris')",
            (key, f"planning0{key}", 21200 + key, base),
        )
    monkeypatch.undo()
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    assert connection.execute("SELECT had FROM planning ORDER BY key").fetchall() == [("Base",), ("",)]


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.52.0", "3.7.0"])
def test_a_library_that_corrupts_is_refused(version: str) -> None:
    """Versions with the WAL-reset bug, or withdrawn, never open a file."""
    with pytest.raises(StoreVersionError):
        sqlite_file.check_library(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.52.1", "3.53.0", "3.54.1", "4.0.0"])
def test_a_good_library_is_accepted(version: str) -> None:
    """The guard does not stop tomorrow's versions."""
    sqlite_file.check_library(version)


def test_migrations_are_numbered_without_a_gap() -> None:
    """Every backend can have the same numbers."""
    folder = Path(sqlite_file.__file__).parent / "migrations" / "sqlite"
    for kind in ("base", "directory"):
        numbers = sorted(int(path.name[:4]) for path in (folder / kind).glob("*.sql"))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(sqlite_file.migrations(kind)) == len(numbers)


def test_a_file_is_migrated_once(connection: apsw.Connection) -> None:
    """A second start finds the newest schema and leaves it."""
    for _ in range(2):
        with sqlite_file.writing(connection):
            sqlite_file.migrate(connection, "base", 7)
    assert connection.pragma("user_version") == len(sqlite_file.migrations("base"))
    assert connection.pragma("application_id") == 7


def test_a_newer_or_foreign_file_is_refused(connection: apsw.Connection) -> None:
    """An old program never writes into a newer base, nor into something else."""
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "base", 7)
    with pytest.raises(CorruptBaseError):
        sqlite_file.migrate(connection, "base", 8)
    connection.pragma("user_version", 99)
    with pytest.raises(StoreVersionError):
        sqlite_file.migrate(connection, "base", 7)


def test_a_failed_transaction_leaves_nothing(connection: apsw.Connection) -> None:
    """Whatever interrupts a transaction, none of it stays."""

    def interrupted() -> None:
        with sqlite_file.writing(connection):
            connection.execute("CREATE TABLE t (x)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sqlite_file.is_blank(connection)
    assert not connection.in_transaction


@pytest.mark.parametrize(
    ("error", "kind", "fatal"),
    [
        (apsw.FullError("x"), StoreFullError, False),
        (apsw.BusyError("x"), BusyError, False),
        (apsw.CorruptError("x"), CorruptBaseError, True),
        (apsw.NotADBError("x"), CorruptBaseError, True),
        (apsw.IOError("x"), OutcomeUnknownError, True),
        (apsw.NoMemError("x"), OutcomeUnknownError, True),
        (apsw.ReadOnlyError("x"), OutcomeUnknownError, True),
    ],
)
def test_what_is_not_known_to_be_harmless_stops_the_store(error: apsw.Error, kind: type[HPError], fatal: bool) -> None:
    """Only a full or busy database may be asked again."""
    translated = sqlite_file.translated(error)
    assert type(translated) is kind
    assert sqlite_file.is_fatal(translated) is fatal


def test_a_full_disk_is_no_broken_disk() -> None:
    """The operating system's own errors are told apart too."""
    assert isinstance(sqlite_file.translated_os(OSError(errno.ENOSPC, "x")), StoreFullError)
    assert isinstance(sqlite_file.translated_os(OSError(errno.EIO, "x")), OutcomeUnknownError)


def test_the_wal_is_emptied(tmp_path: Path, connection: apsw.Connection) -> None:
    """The WAL does not grow without end, and a reader only delays it."""
    tide = sqlite_file.Tide(connection)
    wal = tmp_path / "a" / "file-wal"
    connection.execute("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))")
    reader = apsw.Connection(str(tmp_path / "a" / "file"))
    reader.execute("BEGIN; SELECT count(*) FROM t")
    connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    tide.drain()
    assert wal.stat().st_size > 100_000
    reader.close()
    tide.ebb()
    assert wal.stat().st_size > 100_000
    tide.drain()
    assert wal.stat().st_size == 0
