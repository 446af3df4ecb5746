from itertools import chain

import click

from hpserver.cli.client.live import COMMANDS


def test_who_works_in_a_planning_says_who_they_are() -> None:
    """Every command that works in a planning in service takes the options of who signs in."""
    groups = [one.commands.values() for one in COMMANDS if isinstance(one, click.Group)]
    assert groups
    for command in chain((one for one in COMMANDS if not isinstance(one, click.Group)), *groups):
        assert {"planning", "signs_in", "device"} <= {one.name for one in command.params}
