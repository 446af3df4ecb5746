"""An account as it is served: its certificate, its people, who is asked for more."""

import msgspec
import pytest

from hpserver.directory.model import Account
from hpserver.errors import CertificateRefusedError
from hpserver.identity.login import Facts
from hpserver.web import served as module
from hpserver.web.served import Pending
from tests.web.site import Browser, Site

FACTS = Facts(known=True, enabled=True, password_right=True, measure="pin", registered=False, pin_off=False)


async def test_the_certificate_is_replaced_while_it_serves(site: Site, manager: Browser) -> None:
    """A renewal on disk reaches the next handshake; a file that is half there changes nothing."""
    served = site.console._served[site.account.number]
    before = served.context()
    await site.accounts.issuing.certify_servers(site.account.number, anew=True)
    await site.console.refresh()
    assert served.context() is not before
    site.entrance.contexts = site.console.contexts
    assert (await manager.get("/plannings")).status == 200
    chain, _ = site.accounts.keyring.server_files(site.account.number)
    kept, now = chain.read_bytes(), served.context()
    chain.write_bytes(b"half")
    assert served.context() is now
    chain.write_bytes(kept)


async def test_a_certificate_is_needed_and_looked_at(site: Site) -> None:
    """None, garbage, and one of another issuer."""
    served = site.console._served[site.account.number]
    for certificate in (b"", b"rien"):
        with pytest.raises(CertificateRefusedError):
            await served.device(certificate)


async def test_who_is_asked_for_more_answers_once_in_time_from_the_same_device(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is late, elsewhere, or one of too many, begins again."""
    served = site.console._served[site.account.number]
    user = await site.user("ada")

    def asked() -> Pending:
        return Pending(user, FACTS, 1, served.ends())

    token = served.ask_more(asked())
    assert served.asked(token, 2) is None
    token = served.ask_more(asked())
    assert served.asked(token, 1) is not None
    assert served.asked(token, 1) is None
    first = served.ask_more(asked())
    for _ in range(module.MAX_PENDING):
        served.ask_more(asked())
    assert served.asked(first, 1) is None
    assert len(served.pending) <= module.MAX_PENDING
    monkeypatch.setattr(module, "PENDING_SECONDS", -1.0)
    assert served.asked(served.ask_more(asked()), 1) is None


async def test_a_suspended_account_signs_everybody_out(site: Site, manager: Browser) -> None:
    """At the next request."""
    await site.accounts.directory.change(Account, site.account.number, suspended=True)
    assert (await manager.get("/plannings")).to.startswith("/sign-in")
    assert msgspec.structs.asdict(site.account)["suspended"] is False
