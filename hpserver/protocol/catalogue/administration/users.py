"""Wishes about the users of an account. Knows shapes only."""

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Name


class ListUsers(Wish, frozen=True, tag="users.list"):
    """Which users are there? Answered by `users`.

    Attributes:
        after: the login after which to begin; empty for the first.
        limit: how many at most.
    """

    after: Name = ""
    limit: PageSize = MAX_PAGE


class UserRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One user.

    Attributes:
        user: the user's number.
        login: as it is kept.
        name: family name.
        first_name: first name.
        status: `superadmin`, `base_admin` or `user`.
        enabled: whether the user may come in.
        measure: what protects the user on devices that are not registered; empty before the first sign-in.
        email: where mail reaches the user.
    """

    user: int
    login: str
    name: str
    first_name: str
    status: str
    enabled: bool
    measure: str
    email: str


class Users(Outcome, frozen=True, tag="users"):
    """Users, by login.

    Attributes:
        rows: the users.
        more: whether there are others after these.
    """

    rows: tuple[UserRow, ...]
    more: bool


class SetUserEnabled(Wish, frozen=True, tag="users.enable"):
    """Let a user in again, or no longer: then every session of theirs is closed first. Answered by `done`.

    Attributes:
        login: whom.
        enabled: whether they may come in.
    """

    login: Name
    enabled: bool
