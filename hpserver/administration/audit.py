"""The audit log, for those who may read it. Knows no file."""

import time
from typing import Final

from hpserver.administration.case import Case, Office
from hpserver.administration.paging import page
from hpserver.identity.actor import Actor
from hpserver.protocol.catalogue import administration as w
from hpserver.store.audit import Entry

DAY_MS: Final = 86_400_000


async def list_events(office: Office, _actor: Actor, wish: w.ListEvents) -> w.Events:
    """Read entries."""
    if wish.latest:
        rows, _ = page([_row(one) for one in reversed(await office.audit.latest(wish.limit))])
        return w.Events(tuple(reversed(rows)), more=False)
    return w.Events(*page([_row(one) for one in await office.audit.read(wish.after, wish.limit + 1)], wish.limit))


async def verify_audit(office: Office, _: Actor, __: w.VerifyAudit) -> w.AuditVerdict:
    """Check every entry."""
    verdict = await office.audit.verify()
    return w.AuditVerdict(verdict.entries, verdict.seal, verdict.broken, verdict.why)


async def prune_audit(office: Office, _: Actor, wish: w.PruneAudit) -> w.Pruned:
    """Forget old entries."""
    return w.Pruned(await office.audit.prune(time.time_ns() // 1_000_000 - wish.days * DAY_MS))


def _row(one: Entry) -> w.EventRow:
    return w.EventRow(one.number, one.at, one.event, one.actor, one.about, one.result)


CASES: Final[dict[type[w.Wish], Case]] = {
    w.ListEvents: Case(list_events, live=False),
    w.VerifyAudit: Case(verify_audit, live=False),
    w.PruneAudit: Case(prune_audit, event="audit.pruned", sensitive=True),
}
