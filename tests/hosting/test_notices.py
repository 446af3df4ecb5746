from msgspec.structs import replace

from hpserver.config import Mail
from hpserver.directory.model import User
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.notices import Notices
from hpserver.mail.outbox import Outbox

RELAY = Mail(host="relay.example", sender="hp@ecole.example", language="en")


async def test_people_are_told_what_was_done_to_their_account(accounts: Accounts) -> None:
    """Who has an address, of what concerns them; a device's name adds no line; guesses are told once."""
    account = await accounts.account()
    await accounts.directory.add(User(account=account.number, login="zoe", email="zoe@ecole.example"))
    await accounts.directory.add(User(account=account.number, login="bob"))
    outbox = Outbox(accounts.paths.outbox / account.number)
    notices = Notices(accounts.directory, accounts.paths, RELAY, account)
    for event, who in (("login.locked", "zoe"), ("login.locked", "zoe"), ("user.added", "zoe"), ("login.locked", "x")):
        await notices.tell(event, who)
    await notices.tell("device.registered", "Zoe", "My\r\n\r\nPC {login}")
    await notices.tell("user.password_reset", "bob")
    told = {one.letter.kind: one.letter for one in outbox.waiting()}
    assert (len(outbox.waiting()), set(told)) == (2, {"login.locked", "device.registered"})
    assert "“My PC {login}”" in told["device.registered"].text


async def test_without_a_relay_nothing_is_kept(accounts: Accounts) -> None:
    """An installation without mail fills no folder."""
    account = await accounts.account()
    await accounts.directory.add(User(account=account.number, login="zoe", email="zoe@ecole.example"))
    notices = Notices(accounts.directory, accounts.paths, replace(RELAY, host=""), account)
    await notices.tell("user.password_reset", "zoe")
    assert not (accounts.paths.outbox / account.number).exists()
