"""Directory entities in SQL: every kind has its table, and no name of a caller becomes SQL."""

from pathlib import Path

import msgspec
import pytest

from hpserver.directory import model
from hpserver.directory.model import Entity, Observed, User
from hpserver.store import sqlite_file
from hpserver.store.entities import checked, table

KINDS = [kind for kind in Entity.__subclasses__() if kind.__module__ == model.__name__]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_tables_follow_the_model(tmp_path: Path, kind: type[Entity]) -> None:
    """A field added to the model and not to the schema is found here, not at a school."""
    sqlite_file.prepare(tmp_path / "file")
    connection = sqlite_file.connect(tmp_path / "file")
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table(kind).name})")]
    connection.close()
    assert columns == [field.name for field in msgspec.structs.fields(kind)]


def test_values_come_back() -> None:
    """Truth values and counters survive columns that have no such type."""
    user = User(key=3, account="a", login="b", enabled=False, must_change=True)
    assert table(User).entity(User, table(User).values(user)) == user
    report = Observed(subject="s", state="live", counters={"sessions": 3})
    assert table(Observed).entity(Observed, table(Observed).values(report)) == report


def test_a_new_row_has_no_key_yet() -> None:
    """The database gives the key, the caller cannot."""
    assert table(User).values(User(account="a", login="b"))[0] is None


@pytest.mark.parametrize("name", ["1=1; --", "login = '' OR 1", "Login", ""])
def test_only_fields_of_the_model_enter_a_statement(name: str) -> None:
    """A name that comes from outside is refused before it is SQL."""
    with pytest.raises(ValueError, match="no field"):
        table(User).select_equal([name])
    with pytest.raises(ValueError, match="no field"):
        table(User).update([name])


def test_values_are_checked_against_the_model() -> None:
    """A status nobody defined never reaches the rights."""
    user = User(key=3, account="a", login="b")
    assert checked(user, {"status": "superadmin"}).status == "superadmin"
    assert checked(user, {"name": "x"}).name == "x"
    for wrong in ({"status": "root"}, {"enabled": 1}, {"key": 4}, {"unknown": 1}):
        with pytest.raises(ValueError, match="User"):
            checked(user, wrong)


def test_a_table_is_made_once() -> None:
    """Statements are built at the first use only, so that SQLite's statement cache is hit."""
    assert table(User) is table(User)
