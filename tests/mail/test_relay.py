import socket
from pathlib import Path

import pytest
from msgspec.structs import replace

from hpserver.config import Mail
from hpserver.errors import ConfigurationError, MailNotSentError, MailRefusedError
from hpserver.mail.letters import Letter, write
from hpserver.mail.relay import hand_over
from tests.mail.relays import a_relay
from tests.pki import Pki

MESSAGE = write(Letter("zoe@monecole.example", "test", "Été", "Bonjour\n.\n"), "hp@monecole.example", "k", 0.0)


@pytest.mark.slow
async def test_a_letter_reaches_a_relay_in_tls(tmp_path: Path) -> None:
    """What was written is what arrives, for whom it was meant."""
    with a_relay(Pki.create(tmp_path)) as (relay, settings):
        await hand_over(settings, MESSAGE)
    [one] = relay.taken
    assert one.rcpt_tos == ["zoe@monecole.example"]


@pytest.mark.slow
async def test_a_relay_without_tls_or_trust_gets_nothing(tmp_path: Path) -> None:
    """Neither in the clear nor to whom nobody vouches for."""
    pki = Pki.create(tmp_path)
    with a_relay(pki, tls=False) as (relay, settings):
        with pytest.raises(MailNotSentError):
            await hand_over(settings, MESSAGE)
        assert not relay.taken
    with a_relay(pki) as (relay, settings):
        with pytest.raises(MailNotSentError):
            await hand_over(replace(settings, ca_file=""), MESSAGE)
        assert not relay.taken


@pytest.mark.slow
async def test_later_and_never_are_told_apart(tmp_path: Path) -> None:
    """A 4xx is tried again, a 5xx is not."""
    with a_relay(Pki.create(tmp_path)) as (relay, settings):
        relay.answer = "451 later"
        with pytest.raises(MailNotSentError):
            await hand_over(settings, MESSAGE)
        relay.answer = "554 never"
        with pytest.raises(MailRefusedError):
            await hand_over(settings, MESSAGE)


async def test_a_relay_that_is_not_there_is_told(tmp_path: Path) -> None:
    """And so is one that was never named, or whose password others may read."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    away = Mail(host="127.0.0.1", port=port, sender="hp@x.example")
    with pytest.raises(MailNotSentError):
        await hand_over(away, MESSAGE)
    with pytest.raises(ConfigurationError):
        await hand_over(Mail(), MESSAGE)
    secret = tmp_path / "secret"
    secret.write_text("p\n")
    secret.chmod(0o644)
    with pytest.raises(ConfigurationError):
        await hand_over(replace(away, password_file=str(secret)), MESSAGE)
