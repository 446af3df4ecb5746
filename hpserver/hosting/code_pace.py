"""How many codes may be asked for from one device and one address. It sends nothing, and knows no clock.

What counts is letters that nobody answered: who has a right code gives back those that were sent for it, so a school
behind one address in which many forgot their PIN waits for nothing.
"""

import math
from typing import Final

import msgspec

from hpserver.errors import LockedError
from hpserver.identity.ladder import HOUR

CODES_OF_DEVICE: Final = 10
"""Codes asked for on one device within an hour and not answered: more than the people at one machine."""

CODES_OF_SOURCE: Final = 40
"""The same of one address: what `net.gate.FAULTS_BURST` is for wrong guesses, and so four devices at least."""


class Asked(msgspec.Struct, frozen=True, eq=False):
    """Somebody asked for a code: when, for whom, on which device, from which address.

    `source` is "" where a device answers for itself alone: some user has registered it.
    """

    at: float
    user: int
    device: int
    source: str


class CodePace:
    """Remembers who asked within the last hour: at most four times for each user, as `ladder.CODES_SENT` goes."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    def take(self, asked: Asked) -> Asked:
        """Count a code before it is sent.

        Raises LockedError with the seconds to wait, when nothing was counted.
        """
        self._asked = [one for one in self._asked if asked.at < one.at + HOUR]
        self._refuse_beyond(CODES_OF_DEVICE, [one.at for one in self._asked if one.device == asked.device], asked.at)
        if asked.source:
            alike = [one.at for one in self._asked if one.source == asked.source]
            self._refuse_beyond(CODES_OF_SOURCE, alike, asked.at)
        self._asked.append(asked)
        return asked

    def give_back(self, asked: Asked) -> None:
        """Know that this one was not sent."""
        self._asked = [one for one in self._asked if one is not asked]

    def answered(self, user: int) -> None:
        """Know that the user had a right code."""
        self._asked = [one for one in self._asked if one.user != user]

    def _refuse_beyond(self, most: int, times: list[float], now: float) -> None:
        if len(times) >= most:
            wait = sorted(times)[-most] + HOUR - now
            raise LockedError("Too many codes were asked for from here.", seconds=math.ceil(wait))
