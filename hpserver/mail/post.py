"""Takes letters out of one outbox and hands them to the relay, for ever. Knows nobody who waits for them."""

import asyncio
import time
from typing import Final

import structlog

from hpserver.config import Mail
from hpserver.errors import ConfigurationError, HPError, MailNotSentError, MailRefusedError, StoreFullError
from hpserver.mail.letters import write
from hpserver.mail.outbox import Outbox, Waiting
from hpserver.mail.relay import hand_over

LOOK_SECONDS: Final = 2.0
"""How long a letter waits at most that another process put in."""

log = structlog.get_logger()


class Post:
    """The one sender of an outbox: a letter leaves at least once, under one Message-ID."""

    def __init__(self, settings: Mail, outbox: Outbox) -> None:
        self._settings, self._outbox = settings, outbox

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self.send_due(time.time())
            await asyncio.sleep(LOOK_SECONDS)

    async def send_due(self, now: float) -> int:
        """Try once what is due, and say how many have left. While the relay is away the others wait their turn."""
        sent = 0
        for one in await asyncio.to_thread(self._outbox.waiting):
            if one.expires <= now:
                log.warning("mail.expired", kind=one.letter.kind, tries=one.tries)
                await asyncio.to_thread(self._outbox.remove, one)
            elif one.due <= now:
                try:
                    sent += await self._send(one)
                except (MailNotSentError, ConfigurationError, StoreFullError) as error:
                    log.warning("mail.not_sent", kind=one.letter.kind, tries=one.tries, **error.details)
                    await self._put_off(one, now)
        return sent

    async def _send(self, one: Waiting) -> bool:
        try:
            await hand_over(self._settings, write(one.letter, self._settings.sender, one.key, one.at))
        except MailRefusedError as error:
            log.warning("mail.refused", kind=one.letter.kind, cause=type(error).__name__)
            await asyncio.to_thread(self._outbox.remove, one)
            return False
        await asyncio.to_thread(self._outbox.remove, one)
        log.info("mail.sent", kind=one.letter.kind, tries=one.tries)
        return True

    async def _put_off(self, one: Waiting, now: float) -> None:
        try:
            await asyncio.to_thread(self._outbox.later, one, now)
        except HPError as error:  # tried again at the next look instead
            log.warning("mail.not_put_off", cause=type(error).__name__)
