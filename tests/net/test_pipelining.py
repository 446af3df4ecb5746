"""Many requests in one piece, through a real dialogue: all are answered, whoever answers and whenever."""

import asyncio
from collections.abc import Callable
from typing import cast

import msgspec
import pytest

from hpserver.errors import HPError
from hpserver.net.dialogue import Dialogue
from hpserver.net.listener import Arrival
from hpserver.net.memory import MemoryLink, joined
from hpserver.net.owner import LinkOwner
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode
from hpserver.protocol.connection import Connection
from hpserver.protocol.limits import MAX_IN_FLIGHT
from hpserver.protocol.states import Role, Side
from tests.conversation import ENTER, ENTERED, HELLO

ASKED = 300


class Client:
    """Reads, and counts the answers."""

    def __init__(self) -> None:
        self.connection = Connection(Side.CLIENT, Role.PLANNING)
        self.answered: list[int] = []
        self.raw = b""

    def link_received(self, _link: object, data: bytes) -> None:
        """Keep what came."""
        self.raw += data

    def link_lost(self, _link: object, _error: HPError | None) -> None:
        """End."""

    def link_fell_behind(self, _link: object) -> None:
        """Never here."""

    def link_caught_up(self, _link: object) -> None:
        """Never here."""
