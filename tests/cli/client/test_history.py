import re

import pytest

from tests.cli.desks import Desk

pytestmark = pytest.mark.slow


def test_an_edit_is_told_taken_back_done_again_and_restored(alice: Desk) -> None:
    """Each from a new sign-in: what is taken back is the person's last edit, wherever it was made."""
    alice.ok("place", "planning01", "7", "--at", "tue 10:00", "--force", "--why", "essai")
    row = alice.json("history", "planning01", "activity", "7")["rows"][-1]
    assert (row["user"], row["why"], len(row["device"])) == ("alice", "essai", 16)
    placed = row["revision"]
    assert f"takes back revision {placed}" in alice.ok("undo", "planning01", "--why", "non", "--force")
    assert "does again" in alice.ok("redo", "planning01", "--force")
    told = alice.ok("history", "planning01", "--limit", "3")
    assert re.search(r"Tuesday 10:00", told), told
    assert "restore" not in alice.ok("restore", "planning01", "activity", "7", str(placed - 1), "--force")
    assert alice.client("restore", "planning01", "activity", "7", str(placed - 1)).returncode == 3
    assert alice.client("undo", "planning01", "--revision", "1000000").returncode == 3
