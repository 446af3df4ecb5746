"""Who may open which planning."""

from typing import Any

import pytest

from hpserver.administration.office import Office
from hpserver.directory.model import Assignment
from hpserver.errors import NotAllowedError, NotFoundError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.catalogue import administration as w
from tests.administration.conftest import Sessions, actor


async def asked(office: Office, wish: Any) -> Any:
    """What becomes of the operator's wish."""
    return await office.carry_out(OPERATOR, wish)


async def test_profiles_are_given_changed_and_taken_away(office: Office, sessions: Sessions) -> None:
    """Who loses or changes one has left the planning when it is answered."""
    assert await asked(office, w.Assign("planning01", "zoe", "modification")) == w.Done(0)
    listed = await asked(office, w.ListAssignments("planning01"))
    assert [(one.login, one.profile) for one in listed.rows] == [("zoe", "Modification")]
    assert await asked(office, w.Assign("planning01", "zoe", "Modification")) == w.Done(0)
    assert not sessions.left
    assert await asked(office, w.Assign("planning01", "zoe", "Consultation")) == w.Done(1)
    assert await asked(office, w.Unassign("planning01", "zoe")) == w.Done(1)
    assert len(sessions.left) == 2
    assert not await office.accounts.directory.list(Assignment)
    with pytest.raises(NotFoundError):
        await asked(office, w.Unassign("planning01", "zoe"))


async def test_a_base_administrator_rules_their_planning_and_no_other(office: Office) -> None:
    """The profile Administration is asked for in that planning."""
    bob = await actor(office, "bob")
    wish = w.Assign("planning01", "zoe", "Consultation")
    with pytest.raises(NotAllowedError):
        await office.carry_out(bob, wish)
    await asked(office, w.Assign("planning01", "bob", "Administration"))
    await office.carry_out(bob, wish)
    with pytest.raises(NotAllowedError):
        await office.carry_out(bob, w.Assign("planning02", "zoe", "Consultation"))
    with pytest.raises(NotAllowedError):
        await office.carry_out(bob, w.Assign("planning01", "zoe", "Administration"))
    with pytest.raises(NotFoundError):
        await asked(office, w.Assign("planning09", "zoe", "Consultation"))
