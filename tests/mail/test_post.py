import asyncio
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from hpserver.mail.letters import Letter
from hpserver.mail.outbox import LASTS, Outbox
from hpserver.mail.post import Post
from tests.mail.relays import a_relay, settings
from tests.pki import Pki

LETTER = Letter("zoe@monecole.example", "test", "s", "t")


@pytest.mark.slow
async def test_a_letter_arrives_once_the_relay_is_back(tmp_path: Path) -> None:
    """What waits outlives the relay's absence and the process that kept it."""
    pki, outbox = Pki.create(tmp_path), Outbox(tmp_path / "box")
    outbox.put(LETTER, now=0.0)
    with a_relay(pki) as (_, there):
        port = there.port
    assert await Post(settings(pki, port), outbox).send_due(0.0) == 0
    with a_relay(pki) as (relay, there):
        again = Post(there, Outbox(tmp_path / "box"))
        assert await again.send_due(1.0) == 0
        assert await again.send_due(31.0) == 1
        assert await again.send_due(32.0) == 0
    assert len(relay.taken) == 1


@pytest.mark.slow
async def test_what_never_leaves_is_given_up(tmp_path: Path) -> None:
    """When it is no news any more, or for an address that nobody can write to."""
    pki, outbox = Pki.create(tmp_path), Outbox(tmp_path / "box")
    outbox.put(Letter("é@x", "test", "s", "t"), now=LASTS)
    outbox.put(LETTER, now=0.0)
    await Post(settings(pki, 9), outbox).send_due(LASTS)
    assert outbox.waiting() == []


SENDER = """
import asyncio, os, signal, sys
import msgspec
from pathlib import Path
from hpserver.config import Mail
from hpserver.mail.letters import Letter
from hpserver.mail.outbox import Outbox
from hpserver.mail.post import Post

outbox = Outbox(Path(sys.argv[1]))
outbox.put(Letter("zoe@monecole.example", "test", "s", "t"), now=0.0)
if sys.argv[2] == "queued":
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(Post(msgspec.json.decode(sys.argv[3], type=Mail), outbox).send_due(1.0))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("killed", "times"), [("queued", 1), ("sent", 2)])
async def test_a_killed_sender_loses_no_letter_and_sends_it_under_one_name(
    tmp_path: Path, killed: str, times: int
) -> None:
    """Killed once it is kept: it leaves once. Killed once the relay has it, not noted yet: twice, as the same."""
    box = tmp_path / "box"
    with a_relay(Pki.create(tmp_path)) as (relay, there):
        command = [sys.executable, "-c", SENDER, str(box), killed, msgspec.json.encode(there).decode()]
        process = await asyncio.create_subprocess_exec(*command)
        relay.once_taken = process.kill
        assert await process.wait() == -signal.SIGKILL
        relay.once_taken = lambda: None
        assert await Post(there, Outbox(box)).send_due(2.0) == 1
        assert await Post(there, Outbox(box)).send_due(3.0) == 0
    assert len(relay.taken) == times
    letters = {one.content for one in relay.taken}
    assert len(letters) == 1
