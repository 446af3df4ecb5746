"""Users: who there is, who may come in."""

import pytest

from hpserver.administration.office import Office
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import Sessions, actor


async def test_users_are_listed_page_by_page(office: Office) -> None:
    """A school of thousands is read without a message of megabytes."""
    who = await actor(office, "bob")
    first = await office.carry_out(who, w.ListUsers("", 2))
    assert isinstance(first, w.Users)
    assert ([one.login for one in first.rows], first.more) == (["ada", "bob"], True)
    rest = await office.carry_out(who, w.ListUsers("bob", 2))
    assert isinstance(rest, w.Users)
    assert ([one.login for one in rest.rows], rest.more) == (["zoe"], False)


async def test_a13_who_is_shut_out_is_out_when_it_is_answered(office: Office, sessions: Sessions) -> None:
    """The sessions are closed before the administrator reads that it is done."""
    ada, zoe = await actor(office, "ada"), await actor(office, "zoe")
    assert await office.carry_out(ada, w.SetUserEnabled("zoe", enabled=False)) == w.Done(1)
    assert sessions.closed == [(zoe.user, b"", b"")]
    assert await office.carry_out(ada, w.SetUserEnabled("zoe", enabled=True)) == w.Done(0)
    assert (await office.accounts.user(office.account, "zoe")).enabled


async def test_nobody_shuts_themselves_out_nor_somebody_who_is_not_there(office: Office) -> None:
    """The last superadmin stays."""
    ada = await actor(office, "ada")
    with pytest.raises(NotAllowedError):
        await office.carry_out(ada, w.SetUserEnabled("ADA", enabled=False))
    with pytest.raises(NotFoundError):
        await office.carry_out(ada, w.SetUserEnabled("nobody", enabled=False))
