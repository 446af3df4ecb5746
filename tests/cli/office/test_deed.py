"""Commands that administer, by the operator and by who signs in."""

from hpserver.cli.client.command import admin
from hpserver.cli.house.users import user
from hpserver.cli.office.users import USERS


def test_every_deed_is_there_for_the_operator_and_for_who_signs_in() -> None:
    """One body, two faces: neither can do what the other cannot."""
    live = admin.commands["user"]
    for deed in USERS:
        mine, theirs = user.commands[deed.name], live.commands[deed.name]  # type: ignore[attr-defined]  # it is a group
        assert mine.help == theirs.help == deed.body.__doc__
        taken = [one.name for one in mine.params if one.name != "account"]
        assert [one.name for one in theirs.params][: len(taken)] == taken
