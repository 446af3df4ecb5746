"""An office over a copy of the installation of one account, and people to ask it for things."""

import pytest
import pytest_asyncio

from hpserver.administration.office import Office
from hpserver.directory.model import Status, User
from hpserver.hosting.accounts import Accounts
from hpserver.identity.actor import Actor
from hpserver.protocol.internal import Inside
from tests.hosting.conftest import accounts, prepared

__all__ = ["accounts", "prepared"]


class Sessions:
    """The sessions of the account, as a note of who was sent away."""

    def __init__(self) -> None:
        self.here: list[Inside] = []
        self.ended: list[tuple[int, int, int]] = []
        self.closed: list[tuple[int, bytes, bytes]] = []
        self.left: list[tuple[int, int]] = []

    async def close(self, *, user: int = 0, thumbprint: bytes = b"", but: bytes = b"") -> int:
        """See `Live`."""
        self.closed.append((user, thumbprint, but))
        return 1

    async def leave(self, planning: int, user: int) -> int:
        """See `Live`."""
        self.left.append((planning, user))
        return 1

    async def end(self, planning: int, number: int, user: int) -> int:
        """See `Live`."""
        self.ended.append((planning, number, user))
        return 1

    async def sessions(self) -> list[Inside]:
        """See `Live`."""
        return list(self.here)


@pytest.fixture
def sessions() -> Sessions:
    """Whom the office sent away."""
    return Sessions()


@pytest_asyncio.fixture
async def office(accounts: Accounts, sessions: Sessions) -> Office:
    """The office of the one account, where ada is superadmin, bob base administrator and zoe a user."""
    account = await accounts.account()
    people: tuple[tuple[str, Status], ...] = (("ada", "superadmin"), ("bob", "base_admin"), ("zoe", "user"))
    for login, status in people:
        await accounts.directory.add(User(account=account.number, login=login, name=login.title(), status=status))
    return Office(accounts, account, sessions)


async def actor(office: Office, login: str, *, proved: bool = True) -> Actor:
    """One of the people, signed in."""
    user = await office.accounts.user(office.account, login)
    return Actor(user.key, user.login, user.status, proved, b"t" * 32)
