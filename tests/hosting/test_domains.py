"""Domain names: whose they are in the whole installation, and which lead to an account."""

import msgspec
import pytest

from hpserver.directory.model import Account, Planning
from hpserver.errors import AlreadyExistsError, InvalidNameError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.domains import every_name, name_of_controller, name_of_planning, refuse_taken, refuse_zone


async def opened(accounts: Accounts, zone: str) -> Account:
    """Another school, in the directory alone: no key is made for it."""
    first = await accounts.account("monecole.example")
    number = str(int(first.number) - 1 - len(await accounts.accounts()))
    return await accounts.directory.add(
        Account(number=number, name="Autre", domain=zone, invoice="1" * 10, port=1 + len(zone))
    )


async def test_an_account_without_a_zone_is_in_its_domain(accounts: Accounts) -> None:
    """Nobody makes one by mistake whose certificates speak for nothing; another domain leaves it where it is."""
    account = await accounts.account()
    assert account.zone == account.domain == "monecole.example"
    moved = await accounts.directory.change(Account, account.number, domain="edt.monecole.example")
    assert (moved.zone, moved.domain) == ("monecole.example", "edt.monecole.example")
    assert msgspec.structs.replace(moved, port=7).zone == "monecole.example"


async def test_a_name_of_another_school_is_taken_and_it_is_said_by_whom(accounts: Accounts) -> None:
    """Its domain, what is below it, its plannings': none is given to somebody else."""
    account, other = await accounts.account(), await opened(accounts, "ens.monecole.example")
    directory = accounts.directory
    planning = (await accounts.plannings(account))[0]
    with pytest.raises(AlreadyExistsError, match=r"'ens.monecole.example' is taken: the controller of"):
        await name_of_planning(directory, account, planning, "ens")
    with pytest.raises(AlreadyExistsError, match=r"is below the domain 'ens.monecole.example'"):
        await name_of_controller(directory, account, "edt.ens.monecole.example")
    await refuse_taken(directory, "edt.ens.monecole.example", other.number)
    await directory.add(
        Planning(account=other.number, name="annee", publication_name="A", port=9, domain="edt.ens.monecole.example")
    )
    with pytest.raises(AlreadyExistsError, match="planning 'annee'"):
        await refuse_taken(directory, "edt.ens.monecole.example", account.number)


async def test_an_account_is_not_opened_where_another_one_answers(accounts: Accounts) -> None:
    """Whoever had typed the name before would reach another school."""
    account, directory = await accounts.account(), accounts.directory
    planning = (await accounts.plannings(account))[0]
    await directory.change(Planning, planning.key, domain="x.ens.monecole.example")
    await refuse_zone(directory, "autre.example", ["planning01"])
    await refuse_zone(directory, "iut.monecole.example", ["planning01"])
    for zone in ("monecole.example", "planning02.monecole.example", "enrol.monecole.example", "ens.monecole.example"):
        with pytest.raises(AlreadyExistsError, match="is taken"):
            await refuse_zone(directory, zone, ["planning01"])
    await opened(accounts, "petite.example")
    with pytest.raises(AlreadyExistsError):
        await accounts.open_account("Encore", "petite.example")


async def test_a_name_is_given_back_to_who_has_it(accounts: Accounts) -> None:
    """Saying the same thing twice changes nothing and is no refusal."""
    account, directory = await accounts.account(), accounts.directory
    planning = (await accounts.plannings(account))[0]
    for typed in ("edt", "edt.monecole.example", "EDT.monecole.example."):
        assert await name_of_planning(directory, account, planning, typed) == "edt.monecole.example"
        planning = await directory.change(Planning, planning.key, domain="edt.monecole.example")
    assert await name_of_planning(directory, account, planning, "planning01") == ""
    account = await directory.change(Account, account.number, domain="ici.monecole.example")
    assert await name_of_controller(directory, account, "ici") == "ici.monecole.example"
    assert await name_of_controller(directory, account, " ") == "monecole.example"
    with pytest.raises(InvalidNameError):
        await name_of_controller(directory, account, "monecole.example.org")


async def test_every_name_of_an_account_is_told_once(accounts: Accounts) -> None:
    """None that leads here is missing in the DNS, the controller's is the first."""
    account = await accounts.account()
    plannings = await accounts.plannings(account)
    plain = every_name(account, plannings)
    assert plain == [
        "monecole.example", "enrol.monecole.example", "console.monecole.example",
        "planning01.monecole.example", "planning02.monecole.example",
    ]  # fmt: skip
    named = every_name(
        msgspec.structs.replace(account, domain="edt.monecole.example"),
        (msgspec.structs.replace(plannings[0], domain="ici.monecole.example"),),
    )
    assert named[0] == "edt.monecole.example"
    assert set(named) == {
        *plain[:4], "edt.monecole.example", "enrol.edt.monecole.example", "ici.monecole.example",
    }  # fmt: skip
