"""Who is present in a planning, and what each has heard. Knows no connection."""

from hpserver.identity.tickets import Admission
from hpserver.protocol.messages import Present

MAX_HOLDS = 64
"""Objects one session may hold at once: a drag takes a few, never a whole base."""


class Session:
    """One client that spent its ticket."""

    __slots__ = (
        "author",
        "behind",
        "following",
        "heard",
        "holds",
        "login",
        "name",
        "number",
        "profile",
        "thumbprint",
        "user",
        "watching",
    )

    def __init__(self, number: int, bearer: Admission, author: str) -> None:
        self.number = number
        self.author = author
        """Names the replica for merges: the same when a client comes back, never that of another user."""
        self.user = bearer.user
        self.login = bearer.login
        self.name = bearer.name
        self.profile = bearer.profile
        self.thumbprint = bearer.thumbprint
        self.following = False
        """Deltas are pushed to it."""
        self.behind = False
        """It followed, but read too slowly."""
        self.heard = 0
        """The last revision pushed to it, while behind."""
        self.watching = False
        """Presence is pushed to it."""
        self.holds: dict[tuple[str, int], None] = {}

    def present(self) -> Present:
        """What the others see of it."""
        return Present(self.number, self.login, self.name, self.profile, tuple(self.holds))
