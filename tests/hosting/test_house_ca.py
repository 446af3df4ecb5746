"""How an account's certificates are, and what of them ends soon."""

from datetime import timedelta

from hpserver.certs.authority import INTERMEDIATE_LIFE, LEAF_LIFE, ROOT_LIFE
from hpserver.directory.model import Device
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.house_ca import DEVICE_WARNING, INTERMEDIATE_WARNING, SERVER_WARNING, standing, warnings_of
from hpserver.hosting.keyring import utc_now


async def test_a_new_account_has_nothing_to_worry_about(accounts: Accounts) -> None:
    """And its certificates are told with their ends."""
    account, now = await accounts.account(), utc_now()
    told = await standing(accounts.directory, accounts.keyring, account, now)
    assert (told.devices, told.expired, told.revoked, told.overlap_until) == (0, 0, 0, "")
    assert told.server.what == "server"
    assert "monecole.example" in told.server_names
    assert len(told.root_sha256) == 64
    assert await warnings_of(accounts.directory, accounts.keyring, account, now) == []


async def test_what_ends_soon_is_told_in_time(accounts: Accounts) -> None:
    """Each at its own notice, and not a day before."""
    account, now = await accounts.account(), utc_now()
    moments = {
        "server": LEAF_LIFE - SERVER_WARNING,
        "intermediate": INTERMEDIATE_LIFE - INTERMEDIATE_WARNING,
        "root": ROOT_LIFE - timedelta(days=365),
    }
    for what, after in moments.items():
        early = await warnings_of(accounts.directory, accounts.keyring, account, now + after - timedelta(days=1))
        assert what not in {one.what for one in early}
        late = await warnings_of(accounts.directory, accounts.keyring, account, now + after + timedelta(days=1))
        assert what in {one.what for one in late}


async def test_devices_that_end_soon_have_ended_or_are_revoked(accounts: Accounts) -> None:
    """The first are warned of, the others counted apart."""
    account, now = await accounts.account(), utc_now()
    soon, past = (now + DEVICE_WARNING / 2).timestamp(), now.timestamp() - 1
    for number, (expires, revoked) in enumerate(((soon, 0.0), (past, 0.0), (soon, 1.0), (0.0, 0.0)), 1):
        row = Device(
            account=account.number, name=f"Poste {number}", thumbprint=bytes([number]) * 32, serial=f"{number:x}"
        )
        key = (await accounts.directory.add(row)).key
        await accounts.directory.change(Device, key, expires=expires, revoked_at=revoked)
    told = await standing(accounts.directory, accounts.keyring, account, now)
    assert (told.devices, told.expired) == (2, 1)
    assert [one.what for one in told.ending] == ["Poste 1"]
    warnings = await warnings_of(accounts.directory, accounts.keyring, account, now)
    assert [one.what for one in warnings] == ["device 1"]


async def test_a_rotation_is_told_with_who_depends_on_the_former_authority(accounts: Accounts) -> None:
    """Until the last of its devices has ended or taken another certificate."""
    account = await accounts.account()
    row = Device(
        account=account.number, name="Poste", thumbprint=b"t" * 32, serial="1", expires=utc_now().timestamp() + 60
    )
    await accounts.directory.add(row)
    accounts.rotate(account)
    told = await standing(accounts.directory, accounts.keyring, account, utc_now())
    assert (len(told.intermediates), told.of_former) == (2, 1)
    assert told.overlap_until
    assert told.server.what == "server of a former intermediate"
    accounts.rotate(account, at_once=True)
    assert len((await standing(accounts.directory, accounts.keyring, account, utc_now())).intermediates) == 1
