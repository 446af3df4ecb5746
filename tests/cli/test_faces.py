"""Whatever the office does can be asked of `hp`: no wish is for a screen alone."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from hpserver.cli.main import hp
from hpserver.cli.office.deed import Deed
from hpserver.protocol.catalogue import administration as w
from tests.test_architecture import PACKAGE, tree_of

WISHES = {kind.__name__ for kind in get_args(w.AnyWish)}
OF_CLIENTS = "client"
"""What is asked from a desk: the same deeds, and not what the operator of a machine has."""


def commands(group: click.Group, context: click.Context) -> Iterator[click.Command]:
    """Yield every command of the operator, those that are imported late too."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            if name != OF_CLIENTS:
                yield from commands(command, click.Context(command, parent=context))
        else:
            yield command


def homes(function: Callable[..., Any]) -> Iterator[str]:
    """Yield the modules of what a command runs: its own, and that of the deed that it is made of."""
    ways: list[Any] = [function]
    while ways:
        way = ways.pop()
        if isinstance(way, Deed):
            way = way.body
        if callable(way):
            yield way.__module__
            ways += [cell.cell_contents for cell in getattr(way, "__closure__", None) or ()]


def wished(module: str) -> set[str]:
    """Return the wishes that a module makes, and hands to who carries them out."""
    path = PACKAGE.parent / Path(*module.split(".")).with_suffix(".py")
    return {
        node.func.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WISHES
    }


@pytest.mark.slow
def test_every_wish_is_reached_by_a_command_of_the_operator() -> None:
    """`hp` and the console can never disagree: both ask the office, and for all of it."""
    modules = {
        home
        for command in commands(hp, click.Context(hp))
        if command.callback is not None
        for home in homes(command.callback)
        if home.startswith("hpserver.cli.")
    }
    made = {name for module in modules for name in wished(module)}
    assert WISHES - made == set()
