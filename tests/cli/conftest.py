"""Installations for the tests of the command line: an empty one, and one with a school, made once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell, a_shell


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
    with a_shell(tmp_path) as shell:
        yield shell
