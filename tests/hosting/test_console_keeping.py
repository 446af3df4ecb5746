"""What the operator does about a console, on a copied installation."""

import msgspec
import pytest

from hpserver.client.console import read_address
from hpserver.directory.model import Account, ConsoleSession, Device
from hpserver.errors import BadCredentialsError, NotAllowedError
from hpserver.hosting import console_keeping
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.console_door import ConsoleDoor
from hpserver.hosting.hashing import Hashing
from hpserver.identity import ladder


async def signed_in(accounts: Accounts, user: int = 0) -> Account:
    """Have somebody signed in at the console."""
    account = await accounts.account()
    found = await accounts.directory.list(Device, account=account.number)
    row = Device(account=account.number, name="B", thumbprint=b"t" * 32, serial="a1", console=True)
    device = found[0] if found else await accounts.directory.add(row)
    await accounts.directory.add(
        ConsoleSession(
            hash=bytes([user]) * 32, account=account.number, user=user, device=device.key,
            created_at=1.0, last_at=1.0, proved_at=1.0,
        )
    )  # fmt: skip
    return account


async def test_another_password_signs_the_manager_out_and_forgets_the_guesses(accounts: Accounts) -> None:
    """The old one is worth nothing, a locked door opens, administrators stay."""
    account = await signed_in(accounts)
    await signed_in(accounts, user=7)
    await accounts.directory.spend_attempt({ladder.console_key(account.number, 0): (0.0, ladder.OFF)}, 0.0, b"x")
    password = await console_keeping.reset_password(accounts, account)
    assert [one.user for one in await accounts.directory.list(ConsoleSession)] == [7]
    hashing = Hashing()
    door = ConsoleDoor(accounts, hashing)
    assert (await door.check(account.number, account.number, password)).number == account.number
    again = await console_keeping.reset_password(accounts, account)
    assert again != password
    with pytest.raises(BadCredentialsError):
        await door.check(account.number, account.number, password)
    hashing.close()


async def test_another_workstation_may_be_installed(accounts: Accounts) -> None:
    """The one of before is revoked and signed out; a second time there is none."""
    account = await signed_in(accounts)
    assert await console_keeping.reset_workstation(accounts, account) == 1
    assert all(one.revoked_at for one in await accounts.directory.list(Device))
    assert await accounts.directory.list(ConsoleSession) == ()
    assert await console_keeping.reset_workstation(accounts, account) == 0


async def test_a_suspended_account_is_stopped_and_stays_so(accounts: Accounts) -> None:
    """Everything is wished down, nobody is signed in, and nothing is put in service until it is resumed."""
    account = await signed_in(accounts)
    await accounts.wish_controller(account, "up")
    await console_keeping.suspend(accounts, account)
    assert set((await accounts.directory.desired()).values()) == {"down"}
    assert await accounts.directory.list(ConsoleSession) == ()
    with pytest.raises(NotAllowedError, match="suspended"):
        await accounts.wish_controller(account, "up")
    with pytest.raises(NotAllowedError, match="suspended"):
        await accounts.wish_planning(account, await accounts.planning(account, "planning01"), "up")
    await console_keeping.resume(accounts, account)
    assert (await accounts.wish_controller(account, "up")).desired == "up"


async def test_the_file_of_the_letter_has_no_secret(accounts: Accounts) -> None:
    """Where the console is and whom to trust: a launcher reads it."""
    account = await accounts.account()
    told = console_keeping.address_file(accounts, account, "hp.example")
    address = read_address(told)
    assert (address.host, address.name, address.number) == ("hp.example", "console.monecole.example", account.number)
    assert "PRIVATE" not in address.root
    assert account.console_hash.encode() not in told
    assert account.invoice.encode() not in told
    assert msgspec.json.decode(told)["format"] == 1
