"""The figures of a planning in service, as everybody who looks sees them: real processes."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from hpserver.base.changes import create
from hpserver.directory.model import Observed, planning_subject
from tests.house import House, a_house, wait_until

pytestmark = pytest.mark.slow


def seen(house: House) -> dict[str, Any]:
    """What `hp hosting show` says of the first planning."""
    done = house.hp("--output", "json", "hosting", "show")
    assert done.returncode == 0, done.stderr
    row: dict[str, Any] = json.loads(done.stdout)["plannings"][0]
    return row


def test_figures_follow_what_is_edited_and_outlive_the_process(tmp_path: Path) -> None:
    """They come from the process itself; the last edit is known after a start, before anybody edits again."""
    with a_house(tmp_path) as house:
        subject = planning_subject(house.plannings["planning01"].key)

        def told() -> Observed | None:
            return house.run(house.directory.observed()).get(subject)

        def counted(number: int) -> bool:
            found = told()
            return found is not None and found.counters.get("subject", 0) == number

        first = wait_until(lambda: one.counters.get("subject", 0) if (one := told()) is not None else 0)
        before = time.time_ns() // 1_000_000

        async def edit() -> None:
            async with house.inside("alice") as alice:
                await alice.edit([create("subject", -1, name="Volapük")])

        house.run(edit())
        wait_until(lambda: counted(first + 1))
        edited = seen(house)["saved_at"]
        assert before <= edited <= time.time_ns() // 1_000_000
        text = house.hp("planning", "status", "planning01").stdout
        assert f"Subjects: {first + 1}\n" in text
        assert "Timetable and teaching" in text
        assert "Last edit on " in text
        house.wait_live("planning01", after=house.kill("planning01"))
        assert seen(house)["saved_at"] == edited
        wait_until(lambda: counted(first + 1))
        assert seen(house)["saved_at"] == edited
        assert house.hp("planning", "stop", "planning01").returncode == 0
        assert seen(house)["saved_at"] == edited
