"""A client in another language against the real server, while a planner edits the same timetable."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpserver.base.changes import update
from hpserver.certs.param_client import read_param_client
from hpserver.directory.model import User
from tests.house import ACTIVITIES, DOMAIN, PASSWORD, PATIENCE, House, a_house

CLIENT = Path(__file__).with_name("client.mjs")
NODE = shutil.which("node")
PIN = "482913"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.uvloop_only,
    pytest.mark.skipif(NODE is None, reason="WITHOUT node: the client in JavaScript is not tried on the real server"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house where the visitor has not chosen a measure yet."""
    with a_house(tmp_path_factory.mktemp("house")) as house:
        user = house.add_user("visitor")
        house.run(house.directory.change(User, user.key, measure=""))
        yield house


async def visit(house: House, folder: Path, *more: str) -> asyncio.subprocess.Process:
    """Start the client on a new device."""
    assert NODE is not None
    param = read_param_client(await asyncio.to_thread(house.run, house.accounts.param_client(house.account)))
    root = folder / "root.pem"
    root.write_text(param.root)
    options = {
        "host": param.host, "port": str(param.port), "domain": DOMAIN, "ca": str(root), "ticket": param.ticket,
        "login": "visitor", "password": PASSWORD, "pin": PIN, "planning": "planning01",
    }  # fmt: skip
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(NODE, str(CLIENT), *given, *more, stdout=pipe, stderr=pipe)


async def read_steps(process: asyncio.subprocess.Process, until: str = "") -> list[dict[str, Any]]:
    """Read what the client tells, up to a step or to the end."""
    assert process.stdout is not None
    steps: list[dict[str, Any]] = []
    while not steps or steps[-1]["step"] != until:
        line = await process.stdout.readline()
        if not line:
            break
        steps.append(json.loads(line))
    return steps


async def test_another_language_works_with_a_planner(house: House, tmp_path: Path) -> None:
    """Enrolled with a ticket, a measure chosen, an activity placed, and the planner's edits heard meanwhile."""
    async with asyncio.timeout(PATIENCE), house.inside("alice") as alice:
        assert alice.replica is not None
        process = await visit(house, tmp_path, "--deltas", "4", "--seconds", "20")
        steps = await read_steps(process, until="confirmed")
        assert steps[-1]["step"] == "confirmed", steps
        told = {step["step"]: step for step in steps}
        assert told["plannings"]["names"] == ["planning01"]
        assert told["entered"]["profile"] == "Modification"
        assert told["snapshot"]["activities"] == ACTIVITIES
        assert told["sent_again"]["same"] is True
        placed = told["placed"]
        replica = await alice.wait_revision(placed["revision"])
        assert replica.planning.activity(placed["activity"]).place == placed["place"]
        for number in range(3):
            done = await alice.edit([update("activity", 5, memo=f"pour l'autre langue {number}")])
        steps += await read_steps(process)
        assert await process.wait() == 0, steps
        deltas = [(step["revision"], step["user"]) for step in steps if step["step"] == "delta"]
        first = placed["revision"]
        assert deltas == [(first, "visitor"), *((first + 1 + one, "alice") for one in range(3))]
        followed = next(step for step in steps if step["step"] == "followed")
        assert followed == {"step": "followed", "transactions": 4, "revision": done.revision}
        assert steps[-1]["step"] == "left"


async def test_another_language_proves_its_pin_on_the_next_device(house: House, tmp_path: Path) -> None:
    """The measure chosen at the first visit is asked on a device that is not registered."""
    async with asyncio.timeout(PATIENCE):
        process = await visit(house, tmp_path)
        steps = await read_steps(process)
        assert await process.wait() == 0, steps
        assert [step["step"] for step in steps][:2] == ["enrolled", "logged_in"]
        [user] = await asyncio.to_thread(
            house.run, house.directory.list(User, account=house.account.number, login="visitor")
        )
        assert user.measure == "pin"
