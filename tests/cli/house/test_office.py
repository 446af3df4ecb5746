"""The office, for the operator."""

from hpserver.cli.house import office
from hpserver.cli.main import COMMANDS


def test_every_group_of_the_office_is_a_command() -> None:
    """What is administered is found under `hp`."""
    for name, (module, function, _) in COMMANDS.items():
        if module == "house.office":
            assert getattr(office, function).name == name
