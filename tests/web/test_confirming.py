"""The console and `hp` cannot disagree: both are faces of the same wishes."""

import re
import shlex

import click
import pytest

from hpserver.administration.office import CASES
from hpserver.cli.main import hp
from hpserver.web.confirming import DEEDS

NO_FACE = {
    "audit.prune": "the retention of the audit log is the operator's: `hp audit prune`",
    "templates.preview": "said before a template is applied on the command line",
}
"""Wishes that change something and that no page offers, and why."""


def test_every_wish_has_a_face_on_a_page_or_a_reason() -> None:
    """Whoever adds a use case decides where people find it."""
    doing = {str(kind.__struct_config__.tag) for kind, case in CASES.items() if case.event}
    assert doing - DEEDS.keys() - NO_FACE.keys() == set()
    assert DEEDS.keys() <= {str(kind.__struct_config__.tag) for kind in CASES}
    assert not NO_FACE.keys() & DEEDS.keys()


@pytest.mark.parametrize("name", DEEDS)
def test_every_page_tells_a_command_that_exists(name: str) -> None:
    """The line that does the same is a line of `hp`, with options it has."""
    words = shlex.split(re.sub(r"\{(\w+)\}", r"\1", DEEDS[name].command))
    assert words.pop(0) == "hp"
    command: click.Command = hp
    context = click.Context(hp)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, DEEDS[name].command
        command = found
    options = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    assert {word for word in words if word.startswith("--")} <= options
    given = [word for before, word in zip(["", *words], words, strict=False) if "--" not in before + word[:2]]
    assert len(given) <= len(arguments)


@pytest.mark.parametrize("name", DEEDS)
def test_every_deed_says_what_became_of_it(name: str) -> None:
    """A page of its own, a file, or a sentence, and the holes are fields of the wish."""
    deed = DEEDS[name]
    kind = next(kind for kind in CASES if kind.__struct_config__.tag == name)
    assert bool(deed.done) + bool(deed.outcome) + (deed.file is not None) == 1
    for text in (deed.done, deed.confirm, deed.command):
        assert set(re.findall(r"\{(\w+)\}", text)) <= set(kind.__struct_fields__), text
