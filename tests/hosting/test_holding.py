"""Which planning had a base last."""

from hpserver.hosting.accounts import Accounts
from hpserver.hosting.branches import Origin
from hpserver.hosting.holding import beginning, follow, had, take


async def test_a_base_is_of_the_planning_that_had_it_last(accounts: Accounts) -> None:
    """Taken out it stays theirs, loaded elsewhere it is no longer; a new name follows, and what is gone is nobody's."""
    account = await accounts.account()

    async def now() -> list[tuple[str, list[str]]]:
        return [(one.base, sorted(had(one))) for one in await accounts.plannings(account)]

    for place, base in ((0, "B"), (0, "A"), (1, "A")):
        every = await accounts.plannings(account)
        await take(accounts.directory, every[place], every, base)
        if (place, base) == (0, "A"):
            assert await now() == [("A", ["A", "B"]), ("", [])]
            await accounts.unload_base(account, every[0])
    assert await now() == [("", ["B"]), ("A", ["A"])]
    await follow(accounts.directory, await accounts.plannings(account), "A", "C")
    assert await now() == [("", ["B"]), ("C", ["C"])]
    for gone in ("B", "C", "D"):
        await follow(accounts.directory, await accounts.plannings(account), gone, "")
    assert await now() == [("", []), ("", [])]


def test_a_branch_is_as_what_it_comes_from() -> None:
    """A branch of a branch too; a file that was made to go round ends."""
    branches = {"b": Origin("a", 1, 1), "c": Origin("b", 1, 1), "x": Origin("y", 1, 1), "y": Origin("x", 1, 1)}
    assert [beginning(branches, name) for name in ("a", "b", "c")] == ["a", "a", "a"]
    assert beginning(branches, "x") in {"x", "y"}
