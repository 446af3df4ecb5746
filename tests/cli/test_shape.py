"""Who knows whom inside the command line; the table is the contract."""

import pytest

from tests.test_architecture import PACKAGE, imports

TELLS = {"screen", "options", "running", "words", "lazy"}

MAY_IMPORT = {
    "words": set(),
    "house": TELLS | {"office"},
    "client": TELLS | {"work", "office"},
    "office": TELLS | {"client"},
    "work": TELLS | {"client"},
    "base": TELLS | {"house", "work", "client", "office"},
    "demo": TELLS | {"house", "client"},
}
"""Folder of commands -> the folders and modules beside it that it may import."""

TABLES = {"hpserver.hosting.common_passwords.common_passwords"} | {
    f"hpserver.identity.pins.{name}" for name in ("MAX_DIGITS", "MIN_DIGITS", "check_pin")
}
"""Rules of secrets, which who chooses one may see before the server does: words in a file, and what a PIN may be."""

HOUSE_OF_A_CLIENT = {"hosting", "store", "directory", "identity", "config", "log"}
"""Rooms that a client's machine does without."""


def known(folder: str) -> set[str]:
    """Return what a folder imports, in full."""
    return {name for path in (PACKAGE / "cli" / folder).glob("*.py") for name in imports(path)}


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_a_folder_of_commands_imports_only_what_the_table_allows(folder: str) -> None:
    """What is said in words knows no command; what a client does knows no base on a disk."""
    beside = {name.split(".")[2] for name in known(folder) if name.startswith("hpserver.cli.")}
    assert beside - {folder} <= MAY_IMPORT[folder]


@pytest.mark.parametrize("folder", ["words", "client", "work"])
def test_what_a_client_runs_knows_no_installation(folder: str) -> None:
    """`hp client` works on a desk where nothing is hosted."""
    rooms = {name.split(".")[1] for name in known(folder) - TABLES if name.startswith("hpserver.")}
    assert not rooms & HOUSE_OF_A_CLIENT
