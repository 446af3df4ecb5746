import asyncio
import re

import pytest
from msgspec.structs import replace

from hpserver.config import Mail
from hpserver.directory.model import Language, User
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.notices import Notices
from hpserver.mail.outbox import Outbox
from hpserver.mail.post import Post

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


async def test_a_fault_of_the_post_ends_nothing_else(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller goes on serving, and the next look at the outbox is tried."""
    tried, gone_on = list[float](), asyncio.Event()

    async def send_due(_: Post, now: float) -> int:
        tried.append(now)
        if len(tried) == 1:
            raise RuntimeError("a fault of the program")
        gone_on.set()
        return 0

    monkeypatch.setattr(Post, "send_due", send_due)
    monkeypatch.setattr("hpserver.hosting.notices.LOOK_SECONDS", 0.0)
    notices = Notices(accounts.directory, accounts.paths, RELAY, await accounts.account())
    async with asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(notices.run())
        await gone_on.wait()
        posting.cancel()


async def test_everybody_is_written_to_in_their_language(accounts: Accounts) -> None:
    """Who has none said has that of the installation."""
    account = await accounts.account()
    spoken: dict[str, Language] = {"zoe": "fr", "bob": "en", "ada": ""}
    for login, language in spoken.items():
        email = f"{login}@ecole.example"
        await accounts.directory.add(User(account=account.number, login=login, email=email, language=language))
    notices = Notices(accounts.directory, accounts.paths, RELAY, account)
    for login in spoken:
        await notices.tell("user.password_reset", login)
    waiting = Outbox(accounts.paths.outbox / account.number).waiting()
    said = {one.letter.to.partition("@")[0]: one.letter.text.partition(",")[0] for one in waiting}
    assert said == {"zoe": "Bonjour", "bob": "Hello", "ada": "Hello"}
    texts = {one.letter.to.partition("@")[0]: one.letter.text for one in waiting}
    assert re.search(r"^Date : \d\d/\d\d/\d{4} \d\d:\d\d UTC$", texts["zoe"], re.MULTILINE)
    assert re.search(r"^Date: \d{4}-\d\d-\d\d \d\d:\d\d UTC$", texts["bob"], re.MULTILINE)
