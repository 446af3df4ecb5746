from pathlib import Path

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
