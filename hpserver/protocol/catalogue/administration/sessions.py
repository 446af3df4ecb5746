"""Wishes about who is there now. Knows shapes only."""

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import IdOrZero, Name


class ListSessions(Wish, frozen=True, tag="sessions.list"):
    """Who is there, at the controller and in every planning in service? Answered by `sessions`.

    Everybody may ask it of themselves.

    Attributes:
        login: whose sessions; empty for who asks, or for everybody's when the operator asks.
        everybody: everybody's, for superadministrators; `login` is empty then.
        place: begin after the session `number` of that place; empty for the controller.
        number: see `place`; 0 for the first.
        limit: how many at most; fewer come when they are long.
    """

    login: Name = ""
    everybody: bool = False
    place: Name = ""
    number: IdOrZero = 0
    limit: PageSize = MAX_PAGE


class SessionRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One session.

    Attributes:
        place: the planning, empty for the controller.
        number: of the session there.
        login: whose it is.
        device: number of the device, 0 when it is not known any more.
        device_name: what the device was called when it was enrolled.
        source: the address it came from.
        since: UTC in milliseconds since 1970.
        active: when a person last did something there, in the same unit.
        profile: in a planning, that of the user.
    """

    place: str
    number: int
    login: str
    device: int
    device_name: str
    source: str
    since: int
    active: int
    profile: str


class Sessions(Outcome, frozen=True, tag="sessions"):
    """Sessions, by place and number: the controller's first.

    Attributes:
        rows: the sessions.
        more: whether there are others after these.
    """

    rows: tuple[SessionRow, ...]
    more: bool


class CloseSessions(Wish, frozen=True, tag="sessions.close"):
    """Close a session, or all those of a user. Everybody may close their own. Answered by `done`, once it is closed.

    All of one's own are those on other devices: the one that asks goes on.

    Attributes:
        login: whose; empty for who asks.
        place: the planning, empty for the controller.
        number: of the session there; 0 for all of the user, everywhere.
    """

    login: Name = ""
    place: Name = ""
    number: IdOrZero = 0
