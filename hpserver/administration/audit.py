"""The audit log, for those who may read it. Knows no file."""

import time
from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w
from hpserver.store.audit import Entry

DAY_MS: Final = 86_400_000

MAX_PAGE_CHARACTERS: Final = 40_000
"""Of one page: with what is around them they fit a packet between our processes (64 KiB)."""


async def list_events(office: Office, _: Actor, wish: w.ListEvents) -> w.Events:
    """Read entries."""
    if wish.latest:
        found = _fitting([*reversed(await office.audit.latest(wish.limit))])
        return w.Events(tuple(_row(one) for one in reversed(found)), more=False)
    rows = await office.audit.read(wish.after, wish.limit + 1)
    page = _fitting(rows[: wish.limit])
    return w.Events(tuple(_row(one) for one in page), more=len(page) < len(rows))


async def verify_audit(office: Office, _: Actor, __: w.VerifyAudit) -> w.AuditVerdict:
    """Check every entry."""
    verdict = await office.audit.verify()
    return w.AuditVerdict(verdict.entries, verdict.seal, verdict.broken, verdict.why)


async def prune_audit(office: Office, _: Actor, wish: w.PruneAudit) -> w.Pruned:
    """Forget old entries."""
    return w.Pruned(await office.audit.prune(time.time_ns() // 1_000_000 - wish.days * DAY_MS))


def _fitting(rows: list[Entry]) -> list[Entry]:
    left, page = MAX_PAGE_CHARACTERS, list[Entry]()
    for one in rows:
        left -= 100 + sum(len(name) + len(str(value)) for name, value in one.about.items())
        if left < 0 and page:
            break
        page.append(one)
    return page


def _row(one: Entry) -> w.EventRow:
    return w.EventRow(one.number, one.at, one.event, one.actor, one.about, one.result)


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListEvents: Case(list_events),
    w.VerifyAudit: Case(verify_audit),
    w.PruneAudit: Case(prune_audit, event="audit.pruned", sensitive=True),
}
