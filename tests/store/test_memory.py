"""The Store in memory: what the conformance suite cannot see."""

from hpserver.store.api import JournalRow
from hpserver.store.memory import MemoryBase, MemoryStore


async def test_a_base_outlives_its_stores() -> None:
    """A test can restart a server on what the last one left."""
    base = MemoryBase()
    first = MemoryStore(base)
    await first.create("annee", b"{}")
    epoch = await first.open()
    await first.commit(epoch, [JournalRow(1, epoch, b"o" * 16, 0, "dupont", 1, b"{}")])
    await first.close()
    second = MemoryStore(base)
    assert await second.open() == epoch + 1
    assert [row.revision for row in (await second.load()).tail] == [1]
