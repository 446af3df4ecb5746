"""The Directory protocol: what the rest of the server sees of it."""

from pathlib import Path

from hpserver.directory import api
from hpserver.store.sqlite_directory import SqliteDirectory


def test_backends_are_directories(tmp_path: Path) -> None:
    """Every backend has the same calls, so no process need know which it has."""
    backends: list[api.Directory] = [SqliteDirectory(tmp_path / "d"), SqliteDirectory.in_memory()]
    calls = [name for name in vars(api.Directory) if not name.startswith("_")]
    assert all(callable(getattr(backend, name)) for backend in backends for name in calls)
