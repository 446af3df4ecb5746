"""Wishes about the audit log of an account. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Revision

Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]


class ListEvents(Wish, frozen=True, tag="audit.list"):
    """What happened? Answered by `events`.

    Attributes:
        after: the number after which to begin.
        limit: how many at most; fewer come when they are long.
        latest: the last ones, whatever `after`.
    """

    after: Revision = 0
    limit: PageSize = MAX_PAGE
    latest: bool = False


class EventRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One entry of the audit log.

    Attributes:
        number: counts from 1 without a gap.
        at: UTC in milliseconds since 1970.
        event: what happened.
        actor: login of who did it, `operator` for who runs the server, empty when nobody is known.
        about: values of the event by name.
        result: empty for done, `failed`, or `refused` for who may not.
    """

    number: int
    at: int
    event: str
    actor: str
    about: dict[str, str | int | bool]
    result: str


class Events(Outcome, frozen=True, tag="events"):
    """Entries of the audit log, in order.

    Attributes:
        rows: the entries.
        more: whether there are others after these.
    """

    rows: tuple[EventRow, ...]
    more: bool


class VerifyAudit(Wish, frozen=True, tag="audit.verify"):
    """Is the audit log as it was written? Answered by `verdict`."""


class AuditVerdict(Outcome, frozen=True, tag="verdict"):
    """What a check of the whole audit log found.

    Attributes:
        entries: how many were good, up to where it is broken.
        seal: the seal of the last good one: noted elsewhere, it shows later that nothing was put back.
        broken: number of the first that is missing or changed, 0 for none.
        why: what is wrong there, in English.
    """

    entries: int
    seal: str
    broken: int
    why: str


class PruneAudit(Wish, frozen=True, tag="audit.prune"):
    """Forget old entries; what stays is vouched for as before. Sensitive. Answered by `forgotten`.

    Attributes:
        days: older than that many days.
    """

    days: Days


class Pruned(Outcome, frozen=True, tag="forgotten"):
    """Entries that were forgotten.

    Attributes:
        entries: how many.
    """

    entries: int
