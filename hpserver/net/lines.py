"""One line to each of several hubs, dialled again when it breaks. It knows keys and paths, no message."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from hpserver.errors import HPError, UnexpectedMessageError
from hpserver.net.hub import Answer, HubLink, dial_hub
from hpserver.protocol.internal import AnyInternal, Internal

FIRST_PAUSE: Final = 0.1
"""Seconds before a hub that did not answer is dialled again; doubled up to `LONGEST_PAUSE`."""

LONGEST_PAUSE: Final = 5.0
"""See `FIRST_PAUSE`."""


class LinesOwner(Protocol):
    """Who is told what becomes of the lines. No call may block or wait."""

    def line_up(self, key: int) -> None:
        """Know that the hub of that key answers."""

    def line_down(self, key: int, error: HPError | None) -> None:
        """Know that it does not any more."""


class Lines:
    """The lines of one process, by key. `look` is called often: it dials who is wanted, absent, and listens."""

    def __init__(self, group: asyncio.TaskGroup, owner: LinesOwner, *, role: str, name: str) -> None:
        self._group, self._owner, self._role, self._name = group, owner, role, name
        self._loop = asyncio.get_running_loop()
        self._wanted: dict[int, Path] = {}
        self._links: dict[int, HubLink] = {}
        self._dialling: dict[int, asyncio.Task[None]] = {}
        self._pauses: dict[int, tuple[float, float]] = {}  # key -> not before, next pause

    def want(self, paths: Mapping[int, Path]) -> None:
        """Keep a line to each of these hubs, and to no other."""
        self._wanted = dict(paths)
        for key in self._links.keys() - self._wanted.keys():
            self._links[key].close()

    def look(self) -> None:
        """Dial every wanted hub that has no line, whose socket exists and whose pause is over."""
        now = self._loop.time()
        for key, path in self._wanted.items():
            waiting = key in self._links or key in self._dialling or now < self._pauses.get(key, (0.0, 0.0))[0]
            if not waiting and path.exists():
                self._start_dialling(key, path)

    def line(self, key: int) -> HubLink | None:
        """Return the line to the hub of that key, when it is up."""
        link = self._links.get(key)
        return link if link is not None and link.is_open else None

    def all(self) -> list[HubLink]:
        """Return every line that is up."""
        return [link for link in self._links.values() if link.is_open]

    async def reach(self, key: int) -> HubLink | None:
        """Return the line to the hub of that key; one that listens and has no line yet is dialled now, without a pause.

        Somebody waits: a hub that has just started must not look absent until the next `look`.
        """
        line, path = self.line(key), self._wanted.get(key)
        if line is None and path is not None and (key in self._dialling or path.exists()):
            await asyncio.wait({self._dialling.get(key) or self._start_dialling(key, path)})
        return line or self.line(key)

    async def ask_all(self, message: Internal, answer: type[Answer]) -> list[Answer]:
        """Ask every hub whose line is up, one after the other; the answers of those that gave one."""
        answers = []
        for link in list(self._links.values()):
            with contextlib.suppress(HPError):
                answers.append(await link.request(message, answer))
        return answers

    def close(self) -> None:
        """Hang up everywhere. Safe to repeat."""
        self._wanted = {}
        for link in self._links.values():
            link.close()

    # --- the links' owner -------------------------------------------------------------------------------------

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`; not called at the end that dials."""

    def hub_received(self, _link: HubLink, message: AnyInternal, passenger: socket.socket | None) -> None:
        """See `HubOwner`. Whoever was dialled only answers."""
        if passenger is not None:
            passenger.close()
        raise UnexpectedMessageError(f"{type(message).__name__} answers nothing that was asked.")

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""
        for key in [key for key, one in self._links.items() if one is link]:
            del self._links[key]
            self._owner.line_down(key, error)

    def _start_dialling(self, key: int, path: Path) -> asyncio.Task[None]:
        task = self._dialling[key] = self._group.create_task(self._dial(key, path))
        return task

    async def _dial(self, key: int, path: Path) -> None:
        try:
            link = await dial_hub(path, self._loop, self, role=self._role, name=self._name)
        except HPError:
            pause = self._pauses.get(key, (0.0, FIRST_PAUSE))[1]
            self._pauses[key] = (self._loop.time() + pause, min(LONGEST_PAUSE, pause * 2))
            return
        finally:
            self._dialling.pop(key, None)
        if key not in self._wanted or not link.is_open:
            link.close()
            return
        self._pauses.pop(key, None)
        self._links[key] = link
        self._owner.line_up(key)
