"""Who is present in a planning, and what each has heard. Knows no connection."""

from hpserver.identity.profiles import Rights
from hpserver.identity.tickets import Admission
from hpserver.planning.feed import Feed
from hpserver.planning.rights import Access
from hpserver.protocol.messages import Present

MAX_HOLDS = 64
"""Objects one session may hold at once: a drag takes a few, never a whole base."""


class Session:
    """One client that spent its ticket."""

    __slots__ = (
        "access",
        "author",
        "behind",
        "ends",
        "feed",
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

    def __init__(self, number: int, bearer: Admission, author: str, access: Access, feed: Feed) -> None:
        self.number = number
        self.access = access
        """What it may see and change."""
        self.feed = feed
        """What it reads."""
        self.author = author
        """Names the replica for merges: the same when a client comes back, never that of another user."""
        self.user = bearer.user
        self.login = bearer.login
        self.name = bearer.name
        self.profile = bearer.profile
        self.thumbprint = bearer.thumbprint
        self.ends = bearer.ends
        """When it ends, whatever it does (monotonic s)."""
        self.following = False
        """Deltas are pushed to it."""
        self.behind = False
        """It followed, but read too slowly."""
        self.heard = 0
        """The last revision pushed to it, while behind."""
        self.watching = False
        """Presence is pushed to it."""
        self.holds: dict[tuple[str, int], float] = {}
        """What it holds, and until when: infinity for when it ends."""

    @property
    def rights(self) -> Rights:
        """What its profile may do."""
        return self.access.rights

    @property
    def is_display(self) -> bool:
        """Whether it follows a base in which it may change nothing: a display on a wall, say."""
        return self.following and not self.access.edits

    def present(self) -> Present:
        """What the others see of it."""
        return Present(self.number, self.login, self.name, self.profile, tuple(self.holds))
