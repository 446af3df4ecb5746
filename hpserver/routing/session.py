"""One session of a controller: where it stands by the protocol's table. Knows no other session."""

from hpserver.errors import HPError
from hpserver.identity.login import Facts
from hpserver.identity.sessions import MOST_HOURS
from hpserver.protocol.messages import Message, Request
from hpserver.protocol.states import START, TRANSITIONS, Role, Side
from hpserver.routing.stimuli import Person


class Session:
    """A client of the controller. Its `state` moves by the table of the protocol and by nothing else."""

    __slots__ = (
        "asked", "deadline", "device", "facts", "knocking", "lasts", "number", "over", "person", "proved_until",
        "revoking", "source", "state", "thumbprint",
    )  # fmt: skip

    def __init__(
        self, number: int, role: Role, device: int, thumbprint: bytes, deadline: float, source: str = "",
        lasts: float = MOST_HOURS * 3600.0,
    ) -> None:  # fmt: skip
        self.number = number
        self.source = source
        self.lasts = lasts
        """Seconds from its sign-in to its end."""
        self.device = device
        self.thumbprint = thumbprint
        self.state = START[role]
        self.deadline = deadline
        self.person: Person | None = None
        """Who signed in; None before."""
        self.knocking: Person | None = None
        """Whose password was right, while the PIN, another password or the measure is asked."""
        self.proved_until = 0.0
        """The password was given, and counts for sensitive wishes until then."""
        self.facts: Facts | None = None
        """What is known of that person, and what was done about it since."""
        self.asked: dict[int, type[Request]] = {}
        """Requests without an answer yet."""
        self.revoking: int | None = None
        """The request that revokes the very device it comes from: it is answered before the session ends."""
        self.over: HPError | None = None
        """Why it ends with that answer; it is not heard any more."""

    def hears(self, message: Message) -> bool:
        """Move by what the client said; False when it may not say that now. Default deny."""
        after = TRANSITIONS[self.state, Side.CLIENT].get(type(message))
        if after is None:
            return False
        if isinstance(message, Request):
            if message.id in self.asked:
                return False
            self.asked[message.id] = type(message)
        self.state = after
        return True

    def may_say(self, kind: type[Message]) -> bool:
        """Return whether the server may say a message of that kind now."""
        return kind in TRANSITIONS[self.state, Side.SERVER]

    def says(self, kind: type[Message]) -> None:
        """Move by what the server says. Raises KeyError when the table does not allow it: a bug here."""
        self.state = TRANSITIONS[self.state, Side.SERVER][kind]
