"""Who may come in at the hosting console as its manager: hosting number, password, and once the invoice number.

A console is one account's. The number that is typed there is a part of what has to be right, like the password:
whatever it is, the attempt is counted for that account, on disk, before anything is compared, and a wrong one is
refused in the same words.
"""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

import structlog

from hpserver.directory.model import Account, Device, Enrolment
from hpserver.errors import AlreadyExistsError, BadCredentialsError, LockedError, NotAllowedError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.audit import About, Audit
from hpserver.hosting.devices import Certified
from hpserver.hosting.hashing import Hashing
from hpserver.hosting.notices import Notices
from hpserver.hosting.one_by_one import OneByOne
from hpserver.hosting.sign_in import machine_seconds
from hpserver.identity import ladder, passwords
from hpserver.identity.passwords import SUPERADMINS
from hpserver.identity.tickets import ticket_hash
from hpserver.protocol.console import Installation
from hpserver.protocol.limits import TICKET_BYTES

INSTALL_SECONDS: Final = 60.0
"""Between a right invoice number and the certificate: both are of one request."""

MAX_WAITING: Final = 8
"""Checks of one number that may wait for each other: one person signs in there."""

log = structlog.get_logger()


class ConsoleDoor:
    """The checks of every account of this installation. `clock` is that of ladders."""

    def __init__(self, accounts: Accounts, hashing: Hashing, *, clock: Callable[[], float] = machine_seconds) -> None:
        self._accounts, self._hashing, self._clock = accounts, hashing, clock
        self._directory = accounts.directory
        self._turn = OneByOne(MAX_WAITING).turn
        self._letters: dict[tuple[str, str], Notices] = {}

    async def check(self, account: str, number: str, password: str, device: int = 0) -> Account:
        """Return the account of that number, whose manager typed `number` and `password` at that workstation.

        Raises:
            BadCredentialsError: the number or the password is not right; which one is not said.
            LockedError: too many attempts; this one was not compared.
            BusyError: no thread came free; this one was neither spent nor compared.
            NotAllowedError: the account is suspended, which only who has its password is told.
        """
        async with self._turn(account), self._hashing.slot():
            return await self._compare(await self._directory.get(Account, account), _digits(number), password, device)

    async def install(self, account: str, asked: Installation) -> Certified:
        """Certify the workstation of an account's manager, once.

        Raises as `check`, and:
            NotAllowedError: there is a workstation already, or too many invoice numbers were wrong: the operator helps.
            BadCredentialsError: the invoice number is not right; `field` is then "invoice".
            EnrolmentRefusedError, InvalidNameError: the request or the name of the workstation is not sound.
        """
        found = await self.check(account, asked.number, asked.password)
        async with self._turn(account):
            if await self.workstations(found):
                raise AlreadyExistsError(
                    "The console is installed on a workstation already: ask your host to let you install another one."
                )
            await self._compare_invoice(found, asked.invoice)
            ticket = secrets.token_bytes(TICKET_BYTES)
            expires = time.time() + INSTALL_SECONDS
            await self._directory.add(
                Enrolment(ticket_hash=ticket_hash(ticket), account=account, expires=expires, console=True)
            )
            made = await self._accounts.issuing.enrol(account, ticket, asked.request, asked.name)
            await self._directory.reset_attempts(ladder.invoice_key(account))
        await self._tell(found, "console.installed", {"device": made.device, "serial": made.serial, "name": asked.name})
        await self._notices(found).tell_manager("console.installed", asked.name)
        return made

    async def workstations(self, account: Account) -> list[Device]:
        """Return the workstations that the manager may sign in from."""
        devices = await self._directory.list(Device, account=account.number)
        return [one for one in devices if one.console and not one.revoked_at]

    # --- within a turn ----------------------------------------------------------------------------------------

    async def _compare(self, account: Account, number: str, password: str, device: int) -> Account:
        counter, pepper = ladder.console_key(account.number, device), self._accounts.keyring.pepper()
        tag = passwords.tag(f"{number} {password}", counter, pepper=pepper)
        try:
            spent = await self._directory.spend_attempt({counter: ladder.CONSOLE}, self._clock(), tag)
        except LockedError:
            await self._tell(account, "console.locked", {"device": device}, done=False)
            raise
        hashed = account.console_hash or passwords.dummy(SUPERADMINS)
        right = await self._hashing.run(lambda: passwords.verify(hashed, password, pepper=pepper))
        if not (hmac.compare_digest(number.encode(), account.number.encode()) and right):
            await self._refused(account, device, spent[0].count)
            raise BadCredentialsError("The hosting number or the password is not right.", field="number")
        await self._directory.reset_attempts(counter)
        if account.suspended:
            await self._tell(account, "console.signed_in", {"device": device}, done=False)
            raise NotAllowedError("This hosting is suspended: ask your host.")
        await self._tell(account, "console.signed_in", {"device": device})
        return account

    async def _refused(self, account: Account, device: int, count: int) -> None:
        await self._tell(account, "console.signed_in", {"device": device}, done=False)
        if count >= ladder.CONSOLE_TOLD:
            await self._notices(account).tell_manager("console.locked")

    async def _compare_invoice(self, account: Account, invoice: str) -> None:
        """Compare the invoice number; it is counted under its own key, once for the same wrong one."""
        counter, typed = ladder.invoice_key(account.number), re.sub(r"\s", "", invoice)
        tag = passwords.tag(typed, counter, pepper=self._accounts.keyring.pepper())
        await self._directory.spend_attempt({counter: ladder.INVOICE}, self._clock(), tag)
        if not hmac.compare_digest(typed.encode(), account.invoice.encode()):
            await self._tell(account, "console.installed", {}, done=False)
            raise BadCredentialsError("The invoice number is not right.", field="invoice")

    async def _tell(self, account: Account, event: str, about: About, *, done: bool = True) -> None:
        audit = Audit(self._accounts.paths, self._accounts.keyring, account.number)
        await audit.tell(event, account.number, about, "" if done else "refused")

    def _notices(self, account: Account) -> Notices:
        """Return the letters of an account, the same ones each time: they know who was told lately."""
        key = account.number, account.email
        if key not in self._letters:
            letters = Notices(self._directory, self._accounts.paths, self._accounts.settings.mail, account)
            self._letters[key] = letters
        return self._letters[key]


def _digits(typed: str) -> str:
    """Return a hosting number as it is kept, from what was read from a letter and typed."""
    return re.sub(r"[\s.-]", "", typed)
