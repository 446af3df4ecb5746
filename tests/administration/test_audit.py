"""What is kept of what is administered, and who may read it."""

import pytest

from hpserver.administration import paging
from hpserver.administration.office import Office, fields_told, told
from hpserver.errors import NotAllowedError, NotFoundError, StoreFullError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.messages import Pin, Secret
from tests.administration.conftest import actor


class Hiding(w.Wish, frozen=True, tag="hiding"):
    """A wish with a secret that may be nothing."""

    login: str
    password: Secret | None = None
    pin: Pin | None = None


SHUT = w.SetUserEnabled("zoe", enabled=False)


async def events(office: Office) -> list[tuple[str, str, str]]:
    """What the log holds."""
    page = await office.carry_out(OPERATOR, w.ListEvents())
    assert isinstance(page, w.Events)
    return [(one.event, one.actor, one.result) for one in page.rows]


async def test_what_is_done_refused_and_not_done_is_kept(office: Office) -> None:
    """Each with who wished it."""
    await office.carry_out(await actor(office, "ada"), SHUT)
    with pytest.raises(NotAllowedError):
        await office.carry_out(await actor(office, "zoe"), w.ListUsers())
    with pytest.raises(NotFoundError):
        await office.carry_out(OPERATOR, w.SetUserEnabled("nobody", enabled=False))
    assert await events(office) == [
        ("user.enabled_set", "ada", ""),
        ("users.list", "zoe", "refused"),
        ("user.enabled_set", "operator", ""),
        ("user.enabled_set", "operator", "failed"),
    ]
    verdict = await office.carry_out(OPERATOR, w.VerifyAudit())
    assert isinstance(verdict, w.AuditVerdict)
    assert (verdict.entries, verdict.broken) == (4, 0)


async def test_what_cannot_be_audited_is_not_done(office: Office) -> None:
    """An administrator without a trace is an attacker's wish."""
    office.accounts.paths.audit.rmdir()
    with pytest.raises(StoreFullError):
        await office.carry_out(OPERATOR, SHUT)
    assert (await office.accounts.user(office.account, "zoe")).enabled


async def test_pages_are_read_from_the_first_or_from_the_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page ends where it would not fit a packet any more."""
    for _ in range(5):
        await office.carry_out(OPERATOR, SHUT)
    last = await office.carry_out(OPERATOR, w.ListEvents(limit=2, latest=True))
    assert isinstance(last, w.Events)
    assert ([one.number for one in last.rows], last.more) == ([4, 5], False)
    monkeypatch.setattr(paging, "MAX_PAGE_BYTES", 150)
    page = await office.carry_out(OPERATOR, w.ListEvents(1))
    assert isinstance(page, w.Events)
    assert ([one.number for one in page.rows], page.more) == ([2, 3], True)


async def test_old_events_are_forgotten_but_not_by_anybody(office: Office) -> None:
    """What is forgotten is itself an event."""
    with pytest.raises(NotAllowedError):
        await office.carry_out(await actor(office, "bob"), w.PruneAudit(1))
    assert await office.carry_out(OPERATOR, w.PruneAudit(1)) == w.Pruned(0)
    assert ("audit.pruned", "operator", "") in await events(office)


def test_no_secret_is_told() -> None:
    """Nothings are left out, long values are told by their size."""
    assert told(SHUT) == {"login": "zoe", "enabled": False}
    assert told(w.SetUserEnabled("z" * 300, enabled=True)) == {"login": "300 items", "enabled": True}
    assert {"password", "pin"}.isdisjoint(fields_told(w.AddUser))
    assert fields_told(Hiding) == ("login",)
    assert told(w.ListUsers()) == {"limit": w.MAX_PAGE}
