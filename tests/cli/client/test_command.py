import click

from hpserver.cli.client.command import client


def test_every_command_is_listed_and_found_once() -> None:
    """What a workstation may do is all there, and told in the order of the alphabet."""
    context = click.Context(client)
    names = client.list_commands(context)
    assert {"enrol", "list", "open", "move", "branch", "admin", "request"} <= set(names)
    assert names == sorted(set(names))
    found = [client.get_command(context, name) for name in names]
    assert [one.name for one in found if one is not None] == names
