"""The Store protocol: what the rest of the server sees of a base."""

from pathlib import Path

from hpserver.store import api
from hpserver.store.memory import MemoryStore
from hpserver.store.sqlite import SqliteStore


def test_backends_are_stores(tmp_path: Path) -> None:
    """Every backend has the same calls, so the planning server need not know which it has."""
    stores: list[api.Store] = [MemoryStore(), SqliteStore(tmp_path / "base")]
    calls = [name for name in vars(api.Store) if not name.startswith("_")]
    assert all(callable(getattr(store, name)) for store in stores for name in calls)


def test_a_row_says_who_when_and_what() -> None:
    """The journal is the record of the school: its fields do not change without a new format."""
    assert api.JournalRow.__struct_fields__ == (
        *("revision", "epoch", "operation", "at", "user", "format", "body", "digest"),
    )
