"""Commands that administer, by the operator and by who signs in."""

from types import SimpleNamespace
from typing import Any

from hpserver.cli.client.admin import admin
from hpserver.cli.house.office import audit, device, profile, security, session, template, user
from hpserver.cli.office.audit import AUDIT
from hpserver.cli.office.deed import every_row
from hpserver.cli.office.devices import DEVICES
from hpserver.cli.office.personal_data import PERSONAL_DATA
from hpserver.cli.office.profiles import PROFILES
from hpserver.cli.office.security import SECURITY
from hpserver.cli.office.sessions import SESSIONS
from hpserver.cli.office.templates import TEMPLATES
from hpserver.cli.office.users import USERS


def test_every_deed_is_there_for_the_operator_and_for_who_signs_in() -> None:
    """One body, two faces: neither can do what the other cannot."""
    groups = (
        (user, (*USERS, *PERSONAL_DATA)), (profile, PROFILES), (template, TEMPLATES), (audit, AUDIT),
        (session, SESSIONS), (device, DEVICES), (security, SECURITY),
    )  # fmt: skip
    for local, deed in ((group, deed) for group, deeds in groups for deed in deeds):
        live: Any = admin.commands[local.name or ""]
        mine, theirs = local.commands[deed.name], live.commands[deed.name]
        assert mine.help == theirs.help == deed.body.__doc__
        taken = [one.name for one in mine.params if one.name != "account"]
        given = [one.name for one in theirs.params]
        assert given[: len(taken)] == taken
        assert len(set(given)) == len(given), f"{local.name} {deed.name}: who signs in is not whom it is about"


async def test_every_page_is_asked_for_once_from_where_the_last_one_ended() -> None:
    """A list that stops at its first page hides the users who were added last."""
    asked = list[Any]()

    async def ask(wish: Any) -> Any:
        asked.append(wish)
        return SimpleNamespace(rows=(wish + 1, wish + 2), more=wish < 4)

    last: Any = lambda row: row or 0  # noqa: E731 - stands for a wish
    assert await every_row(ask, last) == [1, 2, 3, 4, 5, 6]
    assert asked == [0, 2, 4]
