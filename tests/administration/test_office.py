"""Who may have what carried out."""

from typing import get_args

import pytest

from hpserver.administration.office import CASES, NobodyHere, Office
from hpserver.directory.model import User
from hpserver.errors import NotAllowedError, ProofNeededError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import actor

SHUT = w.SetUserEnabled("zoe", enabled=False)


async def test_a13_a_status_that_may_not_is_refused_and_changes_nothing(office: Office) -> None:
    """Default deny: neither a base administrator nor a user shuts anybody out."""
    for login in ("bob", "zoe"):
        with pytest.raises(NotAllowedError):
            await office.carry_out(await actor(office, login), SHUT)
    assert (await office.accounts.user(office.account, "zoe")).enabled


async def test_what_is_sensitive_wants_the_password_again(office: Office) -> None:
    """Who finds a screen unlocked does not become an administrator of it."""
    with pytest.raises(ProofNeededError):
        await office.carry_out(await actor(office, "ada", proved=False), SHUT)
    assert (await office.accounts.user(office.account, "zoe")).enabled


async def test_the_operator_needs_no_proof(office: Office) -> None:
    """Who reads our keys is asked for nothing more."""
    await office.carry_out(OPERATOR, SHUT)
    assert not (await office.accounts.user(office.account, "zoe")).enabled


async def test_every_wish_has_its_case_and_every_writing_case_its_event() -> None:
    """What changes something is told to the audit log; what only asks is not."""
    assert set(CASES) == set(get_args(w.AnyWish))
    for kind, case in CASES.items():
        asks = kind.__name__.startswith(("List", "Get", "Preview", "Verify"))
        assert asks != bool(case.event), kind


async def test_where_nobody_is_nobody_is_closed(office: Office) -> None:
    """Without a controller there is no session."""
    assert await NobodyHere().close(user=(await office.accounts.directory.list(User))[0].key) == 0
