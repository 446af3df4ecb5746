"""One case of administration: who may wish it, and how it is carried out. Knows no wish."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from hpserver.directory.model import Account
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import Audit
from hpserver.hosting.transfers import Transfers
from hpserver.hosting.works import Works
from hpserver.identity.actor import Actor
from hpserver.protocol.internal import Inside
from hpserver.protocol.messages import Outcome

Need = Literal["manager", "superadmin", "base_admin", "own", "anybody"]
"""Who may: the hosting manager; a superadmin; a base administrator, in plannings they administer; a user for
themselves; anybody signed in.

Each one may all that those after it may, and the operator may everything. A wish that is about one planning has its
name in a field `planning`, one that is about one user the login in a field `login`, where "" is who asks.
"""


class Live(Protocol):
    """The sessions of the account, in every process."""

    async def close(self, *, user: int = 0, thumbprint: bytes = b"", but: bytes = b"") -> int:
        """Close the sessions of a user or certificate, wherever they are, and say how many.

        Those on the device with the certificate `but` go on. When this returns, they are closed.
        """

    async def leave(self, planning: int, user: int) -> int:
        """Close the sessions of a user in one planning, and say how many. When this returns, they are closed."""

    async def end(self, planning: int, number: int, user: int) -> int:
        """Close one session, by number, if it is that user's; `planning` is 0 for the controller. Answers how many."""

    async def sessions(self) -> list[Inside]:
        """Return who is there, in every process."""


class Case(msgspec.Struct, frozen=True):
    """How one kind of wish is treated.

    `event` is what the audit log calls it; "" for a question, which changes nothing. A sensitive one wants the
    password again. A `live` one asks or tells who is there, which the running controller knows; any other is carried
    out by whatever process of this machine it is asked of.
    """

    carry_out: Callable[["Office", Actor, Any], Awaitable[Outcome]]
    need: Need = "superadmin"
    event: str = ""
    sensitive: bool = False
    live: bool = True


class Office(Protocol):
    """What a case may use."""

    account: Account
    accounts: Accounts
    live: Live
    audit: Audit
    works: Works
    transfers: Transfers

    async def administers(self, actor: Actor, name: str) -> bool:
        """Whether a user has the profile Administration in the planning of that name."""
