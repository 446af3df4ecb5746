"""The past of a base from the command line: told, looked at, taken back, packed; beside its server or without one."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from hpserver.base.changes import Change, create, delete, encode_changes, update
from hpserver.hosting.bases import open_base
from hpserver.hosting.editing import Program, an_operation
from hpserver.hosting.keeping import Keeping
from hpserver.planning.accepting import Accepting
from hpserver.protocol import messages as m
from hpserver.store.sqlite import SqliteStore
from tests.cli.shell import WEEKS, Shell

AT = 1_795_375_629_128
"""2026-11-22, a second later for each transaction."""

STEPS: list[tuple[str, str, list[Change]]] = [
    ("ada", "", [create("room", 1, name="A1"), create("activity", 1, rooms=[1], weeks=15, duration=2)]),
    ("ada", "réunion", [update("activity", 1, place=4)]),
    ("bob", "", [update("activity", 1, memo="bob"), create("room", 2, name="B2")]),
    ("ada", "", [delete("room", 2)]),
]


async def edited(path: Path, steps: list[tuple[str, str, list[Change]]] = STEPS) -> None:
    """Do all of it in a base."""
    store = SqliteStore(path)
    opened = await open_base(store)
    keeping = Keeping(store, opened.epoch)
    accepting = Accepting(opened.planning, opened.history, opened.epoch)
    for login, why, changes in steps:
        head = opened.history.head
        raw = msgspec.Raw(encode_changes(changes))
        wish = m.Transact(1, 0, an_operation(), head, raw, force=True, why=why)
        accepting.transact(Program(login=login, author=login), wish, head, AT + head * 1000)
        drafts = tuple(accepting.waiting)
        accepting.waiting.clear()
        await keeping.write(drafts)
    await store.close()


@pytest.fixture
def path(shell: Shell) -> Path:
    """A base to which things were done, which nobody serves."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    (found,) = (shell.state / "bases").rglob("Base.hpbase")
    asyncio.run(edited(found))
    return found


@pytest.mark.usefixtures("path")
def test_the_history_of_a_base_is_told(shell: Shell) -> None:
    """Who, when, why, what before and after; some of it when asked so."""
    text = shell.ok("base", "history", "Base").out
    assert "ada  (réunion)" in text
    assert "place nothing → Monday 10:00" in text.replace("Place", "place") or "→" in text
    rows = shell.json("base", "history", "Base")["rows"]
    assert [row["revision"] for row in rows] == [1, 2, 3, 4]
    assert rows[1]["changes"] == [
        {"do": "update", "kind": "activity", "key": 1, "after": {"place": 4}, "before": {"place": None}}
    ]

    def told(*words: str) -> list[int]:
        return [row["revision"] for row in shell.json("base", "history", "Base", *words)["rows"]]

    assert told("--user", "bob") == [3]
    assert told("--since", "2", "--until", "3") == [2, 3]
    assert told("--limit", "2") == [3, 4]
    assert told("activity", "1") == [1, 2, 3]
    assert told("room", "2") == [3, 4]
    assert told("room", "A1") == [1]
    assert told("--since", "2026-11-20", "--until", "2030-01-01") == [1, 2, 3, 4]
    assert told("--until", "2026-11-01") == []
    assert shell.hp("base", "history", "Base", "room", "99").status == 3
    assert shell.hp("base", "history", "Base", "room").status == 2
    assert shell.hp("base", "history", "Base", "--since", "yesterday").status == 2
    assert shell.hp("base", "history", "Nope").status == 3


@pytest.mark.usefixtures("path")
def test_a_base_is_shown_as_it_was(shell: Shell) -> None:
    """After a revision, or at a moment."""
    out = shell.folder / "then.json"
    assert shell.json("base", "as-of", "Base", "3", "--out", out)["counts"]["room"] == 2
    assert set(json.loads(out.read_bytes())["objects"]["room"]) == {"1", "2"}
    assert shell.json("base", "as-of", "Base", "0")["counts"]["room"] == 0
    assert shell.json("base", "as-of", "Base", "2030-01-01 00:00")["revision"] == 4
    assert shell.hp("base", "as-of", "Base", "9").status == 3


@pytest.mark.usefixtures("path")
def test_a_transaction_is_taken_back_by_the_operator(shell: Shell) -> None:
    """The last one of a user, or any; what others did since is told, and stays."""
    assert "say whose (--user) or which" in shell.hp("base", "undo", "Base").err
    assert "takes back revision 4" in shell.ok("base", "undo", "Base", "--user", "ada").out
    refused = shell.hp("base", "undo", "Base", "--revision", "1")
    assert refused.status == 5
    assert "bob changed it (revision 3)" in refused.err
    assert "takes back revision 2" in shell.ok("base", "undo", "Base", "--user", "ada", "--why", "erreur").out
    assert shell.hp("base", "undo", "Base", "--revision", "2").status == 3
    assert "does again what 6" in shell.ok("base", "undo", "Base", "--revision", "6").out
    rows = shell.json("base", "history", "Base", "--user", "hp")["rows"]
    assert [(row["undoes"], row["redoes"], row["why"]) for row in rows] == [(4, 0, ""), (2, 0, "erreur"), (0, 6, "")]


@pytest.mark.usefixtures("path")
def test_an_object_is_put_back(shell: Shell) -> None:
    """One that was deleted, by its key; and one that was changed."""
    assert "B2: created" in shell.ok("base", "restore-object", "Base", "room", "2", "3").out
    assert "“bob” → nothing" in shell.ok("base", "restore-object", "Base", "activity", "1", "2").out
    assert shell.hp("base", "restore-object", "Base", "activity", "1", "2").status == 3


async def test_a_base_in_service_is_read_and_not_changed(shell: Shell, path: Path) -> None:
    """The history is told beside the server; for the rest the command to use is named."""
    store = SqliteStore(path)
    await store.open()
    try:
        assert len((await asyncio.to_thread(shell.json, "base", "history", "Base"))["rows"]) == 4
        for words in (("undo", "Base", "--user", "ada"), ("restore-object", "Base", "room", "2", "3")):
            refused = await asyncio.to_thread(shell.hp, "base", *words)
            assert refused.status == 5
            assert "hp client" in refused.err
        assert (await asyncio.to_thread(shell.hp, "base", "compact", "Base")).status == 5
    finally:
        await store.close()


def test_a_packed_base_tells_the_same(shell: Shell, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compaction is nothing that a person sees but the size."""
    monkeypatch.setattr("hpserver.store.chunks.CHUNK_ROWS", 50)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_ROWS", 10)
    monkeypatch.setattr("hpserver.store.policy.PLAIN_DAYS", -3000)
    asyncio.run(edited(path, [("ada", "", [update("activity", 1, memo=str(n))]) for n in range(200)]))
    before = shell.json("base", "history", "Base", "--limit", "400")
    seen = shell.json("base", "as-of", "Base", "100")
    done = shell.json("base", "compact", "Base")
    assert done["rows"] == 150
    assert done["bytes_after"] < done["bytes_before"]
    assert shell.json("base", "history", "Base", "--limit", "400") == before
    assert shell.json("base", "as-of", "Base", "100") == seen
    assert "packed" in shell.ok("base", "compact", "Base").out
    assert shell.hp("base", "undo", "Base", "--revision", "2", "--force").status == 0
