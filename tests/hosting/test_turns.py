"""What one process does, another does not at the same moment."""

import asyncio
from pathlib import Path

import pytest

from hpserver.errors import BusyError, StoreFullError
from hpserver.hosting import turns
from hpserver.hosting.turns import Turn


async def test_two_who_share_a_file_have_their_turns_one_after_the_other(tmp_path: Path) -> None:
    """Whether they are of one process or of two: the file decides."""
    inside: list[int] = []
    most = 0

    async def visit(turn: Turn) -> None:
        nonlocal most
        async with turn.taken():
            inside.append(1)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.pop()

    pair = [Turn(tmp_path / "lock") for _ in range(2)]
    await asyncio.gather(*[visit(turn) for turn in pair * 10])
    assert most == 1


async def test_who_waits_too_long_is_told_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs in its turn stops nobody for ever, and one that cannot have a turn does nothing."""
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.05)
    first, second = (Turn(tmp_path / "lock") for _ in range(2))
    async with first.taken():
        with pytest.raises(BusyError):
            async with second.taken():
                pass
    async with second.taken():
        pass
    with pytest.raises(StoreFullError):
        async with Turn(tmp_path / "missing" / "lock").taken():
            pass
