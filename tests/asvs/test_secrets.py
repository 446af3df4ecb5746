"""What the checklist asks of accounts and secrets, and no other suite says in so many words."""

import secrets
from pathlib import Path

import pytest

from hpserver.config import Paths, Settings
from hpserver.directory.model import User
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.common_passwords import common_passwords
from hpserver.identity import passwords
from hpserver.protocol.password_rules import MAX_CHARACTERS, check_password
from hpserver.store.sqlite_directory import SqliteDirectory

PIN = "4827"


@pytest.mark.parametrize("length", [64, 100, MAX_CHARACTERS])
def test_sixty_four_characters_and_more_are_a_password(length: int) -> None:
    """A password program draws what it likes."""
    drawn = (secrets.token_urlsafe(MAX_CHARACTERS))[:length]
    assert len(drawn) == length
    check_password(drawn, ["durand", "monlycee.example"], common_passwords())


@pytest.mark.slow
async def test_an_account_begins_without_a_user(tmp_path: Path) -> None:
    """No login of the house is the same everywhere."""
    paths = Paths(tmp_path / "state", tmp_path / "run")
    paths.make()
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    try:
        accounts = Accounts(directory, paths, Settings())
        opened = await accounts.open_account("Mon École", "monecole.example")
        assert await directory.list(User) == ()
        assert len(opened.console_password) >= 14
    finally:
        await directory.close()


def test_a_pin_is_kept_as_a_password_is() -> None:
    """Ten thousand values are soon tried: what is kept is salted, costly, and keyed with what is not beside it."""
    pepper = secrets.token_bytes(passwords.PEPPER_BYTES)
    kept = [
        passwords.hash_password(PIN, salt=secrets.token_bytes(passwords.SALT_BYTES), pepper=pepper) for _ in range(2)
    ]
    assert kept[0] != kept[1]
    assert all(one.startswith("$argon2id$") for one in kept)
    assert passwords.verify(kept[0], PIN, pepper=pepper)
    assert not passwords.verify(kept[0], PIN, pepper=bytes(passwords.PEPPER_BYTES))
