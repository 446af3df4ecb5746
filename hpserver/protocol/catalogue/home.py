"""Messages of a controller once logged in: which plannings there are, how to get into one. Knows no base."""

import msgspec

from hpserver.protocol.catalogue.fields import Answer, Endpoint, Name, Request, Revision, Ticket


class ListPlannings(Request, frozen=True, tag=30):
    """Client: which plannings may I open?"""


class PlanningListed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One planning.

    Attributes:
        name: its name, used in OpenPlanning and Enter.
        publication_name: the name people see.
        profile: the user's profile there.
        state: what it is now: `starting`, `live`, `frozen`, `draining`, `stopped` or `failed`.
        base: the name of the loaded base.
    """

    name: str
    publication_name: str
    profile: str
    state: str
    base: str


class Plannings(Answer, frozen=True, tag=31):
    """Server: the plannings in service where the user has a profile.

    Attributes:
        plannings: in the order of their names.
    """

    plannings: tuple[PlanningListed, ...]


class OpenPlanning(Request, frozen=True, tag=32):
    """Client: let me into a planning.

    Attributes:
        planning: its name.
    """

    planning: Name


class PlanningOpened(Answer, frozen=True, tag=33):
    """Server: connect there and send Enter.

    Attributes:
        endpoint: the controller's own port; the server name leads to the planning.
        direct: the planning's own port, for networks where it is open.
        ticket: good once, for this certificate, planning and epoch.
        epoch: the epoch of the base served.
        expires_ms: milliseconds until the ticket is refused.
    """

    endpoint: Endpoint
    direct: Endpoint
    ticket: Ticket
    epoch: Revision
    expires_ms: int


class Logout(Request, frozen=True, tag=34):
    """Client: end the session. Nothing more may be asked."""


class LoggedOut(Answer, frozen=True, tag=35):
    """Server: ended; it closes next."""
