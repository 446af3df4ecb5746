from tests.cli.shell import WEEKS, Shell


def test_a_new_base_is_placed_once_and_told(shell: Shell) -> None:
    """What is in service is not replaced, and nothing says it runs when no agent does."""
    done = shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert "planning01: Base created, in service once `hp agent` runs" in done.out
    assert shell.hp("base", "create", "planning01", "Other", *WEEKS).status == 5
    assert [row["base"] for row in shell.json("base", "list")] == ["Base"]
