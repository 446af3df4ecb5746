"""Who waits for the one who can do one thing at a time: each user in turn. Knows no time and no connection."""

from collections import deque
from typing import Final, Generic, TypeVar

from hpserver.errors import BusyError

T = TypeVar("T")

MOST_WAITING: Final = 64
"""Things of one user that may wait: as many requests as one connection has in flight (`MAX_IN_FLIGHT`)."""


class FairQueue(Generic[T]):
    """One thing of each user, then the next of each; those of one user in their order."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[int, deque[T]] = {}
        """In the order in which users have their turn."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, user: int, one: T) -> None:
        """Let it wait. Raises BusyError when too much of that user does."""
        waiting = self._waiting.setdefault(user, deque())
        if len(waiting) >= MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} long questions of yours wait already.", seconds=1)
        waiting.append(one)

    def take(self) -> T:
        """Return whose turn it is; the next turn is another user's, if another waits. Raises StopIteration if empty."""
        user = next(iter(self._waiting))
        waiting = self._waiting.pop(user)
        one = waiting.popleft()
        if waiting:
            self._waiting[user] = waiting
        return one
