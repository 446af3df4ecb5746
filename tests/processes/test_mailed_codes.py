"""A forgotten PIN, from the sign-in to the letter and back: real agent, controller and relay."""

import asyncio
import itertools
from pathlib import Path

import pytest

from hpserver.client import School
from hpserver.directory.model import Account, User
from hpserver.errors import BadCodeError, BadPinError
from tests.hosting.test_codes import code_in
from tests.house import PASSWORD, House, a_house, wait_until
from tests.mail.relays import Relay, a_relay
from tests.pki import Pki

pytestmark = pytest.mark.slow

OLD, NEW = "482913", "719352"


def test_a15_who_forgot_the_pin_gets_in_by_a_letter_and_has_another_pin(tmp_path: Path) -> None:
    """One code, one sign-in; the PIN of before is good until then, and nothing that is kept names a code."""
    with a_relay(Pki.create(tmp_path)) as (relay, mail):
        told = {
            "HP_MAIL__HOST": mail.host, "HP_MAIL__PORT": str(mail.port), "HP_MAIL__SENDER": mail.sender,
            "HP_MAIL__CA_FILE": mail.ca_file,
        }  # fmt: skip
        with a_house(tmp_path / "house", activities=5, may_complain=False, **told) as house:
            _prepare(house)
            asyncio.run(_forget_the_pin(house, relay))


def _prepare(house: House) -> None:
    house.run(house.directory.change(Account, house.account.number, codes=True))
    hashed = house.accounts.hash_secret(OLD)
    alice = house.users["alice"].key
    house.run(house.directory.change(User, alice, measure="pin", pin_hash=hashed, email="alice@ecole.example"))


async def _forget_the_pin(house: House, relay: Relay) -> None:
    asked, wrong = itertools.count(1), list[str]()

    def mailed() -> list[str]:
        said = [
            one.content.decode().partition("Votre code est") for one in relay.taken if isinstance(one.content, bytes)
        ]
        return [code_in(after.partition(".")[0]) for _, found, after in said if found]

    async def letter(_: int) -> str:
        number = next(asked)
        await asyncio.to_thread(wait_until, lambda: len(mailed()) >= number)
        return mailed()[-1]

    async def breaks_off(_: tuple[str, ...]) -> tuple[str, str]:
        raise TimeoutError

    async def chooses(_: tuple[str, ...]) -> tuple[str, str]:
        return "pin", NEW

    async def spent(seconds: int) -> str:
        if not wrong:
            wrong.append(await letter(seconds))
        return mailed()[0]

    async def old() -> str:
        return OLD

    async def new() -> str:
        return NEW

    device = await asyncio.to_thread(house.credentials, "alice")
    async with School(device) as school:
        with pytest.raises(TimeoutError):
            await school.log_in("alice", PASSWORD, code=letter, choose=breaks_off)
        await school.log_in("alice", PASSWORD, pin=old)
        with pytest.raises(BadCodeError):
            await school.log_in("alice", PASSWORD, code=spent, choose=chooses)
        await school.log_in("alice", PASSWORD, code=letter, choose=chooses)
        with pytest.raises(BadPinError):
            await school.log_in("alice", PASSWORD, pin=old)
        await school.log_in("alice", PASSWORD, pin=new)
    kept = house.output.read_bytes() + b"".join(
        one.read_bytes() for one in house.paths.state.rglob("*") if one.is_file() and one.suffix != ".letter"
    )
    for code in mailed():
        assert code.encode() not in kept
