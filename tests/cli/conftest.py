"""Installations for the tests of the command line: an empty one, and one with a school, made once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.cli.desks import Desk
from tests.cli.shell import Shell, a_shell
from tests.house import PASSWORD, House, a_house


@pytest.fixture(scope="session")
def _school_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    with a_shell(folder) as shell:
        shell.ok("hosting", "create", "École", "--domain", "ecole.example")
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Shell]:
    """Nothing was ever done here."""
    with a_shell(tmp_path) as shell:
        yield shell


@pytest.fixture
def shell(tmp_path: Path, _school_once: Path) -> Iterator[Shell]:
    """A school was opened here."""
    shutil.copytree(_school_once / "state", tmp_path / "state")
    structlog.reset_defaults()  # a command has no log, whatever tests of this process did with theirs
    with a_shell(tmp_path) as shell:
        yield shell


@pytest.fixture(scope="session")
def client_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A whole installation in service."""
    with a_house(tmp_path_factory.mktemp("clients")) as house:
        yield house


@pytest.fixture(scope="session")
def alice(client_house: House) -> Desk:
    """Alice, who may edit, enrolled by `hp` itself."""
    house = client_house
    folder = house.folder / "alice"
    assert house.hp("hosting", "param-client", "--out", "PC").returncode == 0
    enrolled = house.hp("client", "enrol", "PC", "--device", str(folder), "--name", "Bureau")
    assert (enrolled.returncode, "enrolled until" in enrolled.stdout) == (0, True), enrolled
    (house.folder / "pw").write_text(PASSWORD + "\n")
    return Desk(house, ("--login", "alice", "--password-file", "pw", "--device", str(folder)))
