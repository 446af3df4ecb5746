"""Wishes about who may open which planning, with which profile. Knows shapes only."""

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Name


class ListAssignments(Wish, frozen=True, tag="assignments.list"):
    """Who may open a planning? Answered by `assignments`.

    Attributes:
        planning: its name.
        after: the login after which to begin; empty for the first.
        limit: how many at most.
    """

    planning: Name
    after: Name = ""
    limit: PageSize = MAX_PAGE


class AssignmentRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One user of a planning.

    Attributes:
        login: of the user.
        name: family name.
        first_name: first name.
        status: what the user is.
        enabled: whether the user may come in.
        profile: the user's profile in the planning.
    """

    login: str
    name: str
    first_name: str
    status: str
    enabled: bool
    profile: str


class Assignments(Outcome, frozen=True, tag="assignments"):
    """The users of a planning, by login.

    Attributes:
        rows: the users.
        more: whether there are others after these.
    """

    rows: tuple[AssignmentRow, ...]
    more: bool


class Assign(Wish, frozen=True, tag="assignments.set"):
    """Let a user into a planning, or with another profile: their sessions there are closed. Answered by `done`.

    Attributes:
        planning: its name.
        login: whom.
        profile: the name of the profile.
    """

    planning: Name
    login: Name
    profile: Name


class Unassign(Wish, frozen=True, tag="assignments.remove"):
    """Let a user into a planning no longer: their sessions there are closed. Answered by `done`.

    Attributes:
        planning: its name.
        login: whom.
    """

    planning: Name
    login: Name
