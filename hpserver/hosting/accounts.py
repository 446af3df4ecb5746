"""Hosting accounts, plannings, users and what should run: every use case once. Knows no screen and no process."""

import asyncio
import secrets
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography import x509

from hpserver.base.planning import Planning as Base
from hpserver.certs.param_client import FORMAT, ParamClient
from hpserver.config import Paths, Settings
from hpserver.directory import hosting, names
from hpserver.directory.api import Directory
from hpserver.directory.model import (
    Account,
    Assignment,
    Desired,
    Enrolment,
    Measure,
    Planning,
    Status,
    User,
    controller_subject,
    planning_subject,
)
from hpserver.directory.ports import allocate
from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    ConfigurationError,
    NotAllowedError,
    NotFoundError,
)
from hpserver.hosting import holding, profiles
from hpserver.hosting.bases import create_base
from hpserver.hosting.calibrating import ensure_cost
from hpserver.hosting.common_passwords import common_passwords
from hpserver.hosting.domains import refuse_taken, refuse_zone
from hpserver.hosting.issuing import Issuing, OwnIssuing
from hpserver.hosting.keyring import Keyring, enrol_name, planning_name, server_names, utc_now
from hpserver.hosting.last_edits import LastEdits
from hpserver.hosting.ports import busy_before
from hpserver.identity.passwords import SALT_BYTES, SUPERADMINS, USERS, Cost, hash_password
from hpserver.identity.pins import check_pin
from hpserver.identity.tickets import ticket_hash
from hpserver.protocol.limits import TICKET_BYTES
from hpserver.protocol.password_rules import check_password

ENROLMENT_SECONDS: Final = 15 * 60.0
"""Life of an enrolment ticket unless the operator asks for more (Teleport 30 min to 1 h, step-ca minutes)."""

MAX_ENROLMENT_SECONDS: Final = 7 * 86_400.0
"""A file that is carried to the workstations of a school in a week."""


class Opened(msgspec.Struct, frozen=True):
    """A new account, with the console password that is shown this once."""

    account: Account
    plannings: tuple[Planning, ...]
    console_password: str


class Accounts:
    """The use cases over one directory, one keyring and the bases of one installation.

    `issuing` signs for the accounts; this process itself unless another one is given.
    """

    def __init__(
        self, directory: Directory, paths: Paths, settings: Settings, issuing: Issuing | None = None
    ) -> None:  # fmt: skip
        self.directory = directory
        self.paths = paths
        self.settings = settings
        self.keyring = Keyring(paths.certs)
        self.last_edits = LastEdits()
        self.issuing: Issuing = issuing or OwnIssuing(directory, self.keyring)

    # --- accounts -------------------------------------------------------------------------------------------

    async def open_account(self, name: str, domain: str, port: int = 0, email: str = "") -> Opened:
        """Open a hosting account: its numbers, its ports, its keys, its two plannings.

        `port` 0 takes the next free one; `email` is the hosting manager's.

        Raises InvalidNameError, AlreadyExistsError, NoPortLeftError, and
        ConfigurationError when the passphrase of the root was taken away.
        """
        now = utc_now()
        self.keyring.ensure_root("hpserver", now)
        await asyncio.to_thread(ensure_cost, self.paths.certs)
        password = hosting.console_password(secrets.token_bytes(hosting.PASSWORD_BYTES))
        wished = Account(
            number=hosting.hosting_number(secrets.token_bytes(hosting.NUMBER_BYTES)),
            name=names.title(name),
            domain=names.zone(domain),
            invoice=hosting.invoice_number(secrets.token_bytes(hosting.NUMBER_BYTES)),
            port=port,
            console_hash=self._hash(password, SUPERADMINS),
            email=names.email(email),
            created_at=now.timestamp(),
        )
        await refuse_zone(self.directory, wished.zone, (planning for planning, _ in hosting.DEFAULT_PLANNINGS))
        ports, taken = self.settings.ports, await self._ports_taken(1 + len(hosting.DEFAULT_PLANNINGS))
        account, plannings = hosting.with_plannings(wished, taken, ports.first, ports.last)
        # Keys that no account has harm nobody; an account without keys would be in everybody's way.
        self.keyring.create_account(account.number, account.zone, self._hosts(), now)
        wanted = server_names(account.zone, (one.name for one in plannings))
        self.keyring.ensure_server(account.number, wanted, now)
        added = await self.directory.add_all([account, *plannings])
        kept = tuple(one for one in added if isinstance(one, Planning))
        return Opened(account, kept, password)

    async def accounts(self) -> tuple[Account, ...]:
        """Every account."""
        return await self.directory.list(Account)

    async def account(self, number_or_domain: str = "") -> Account:
        """One account by number or domain; the only one there is when neither is given. Raises NotFoundError."""
        found = [one for one in await self.accounts() if number_or_domain in {"", one.number, one.domain, one.zone}]
        if len(found) == 1:
            return found[0]
        if number_or_domain:
            raise NotFoundError(f"no account has the number or domain {number_or_domain!r}", account=number_or_domain)
        many = "there are several accounts: name one by its number or domain"
        raise NotFoundError(many if found else "there is no account yet: create one with `hp hosting create`")

    async def plannings(self, account: Account) -> tuple[Planning, ...]:
        """The plannings of an account."""
        return await self.directory.list(Planning, account=account.number)

    async def planning(self, account: Account, name: str) -> Planning:
        """One planning by its technical name. Raises NotFoundError."""
        for one in await self.plannings(account):
            if one.name == name:
                return one
        raise NotFoundError(f"there is no planning {name!r} in {account.domain}", planning=name)

    async def add_planning(self, account: Account, name: str, publication_name: str) -> Planning:
        """Add a planning with a port of its own. Raises InvalidNameError, AlreadyExistsError, NoPortLeftError."""
        named = names.new_planning(name)
        await refuse_taken(self.directory, planning_name(named, account.zone), account.number, 0)
        ports = self.settings.ports
        port = allocate(await self._ports_taken(1), 1, ports.first, ports.last)[0]
        planning = await self.directory.add(
            Planning(
                account=account.number,
                name=named,
                publication_name=names.title(publication_name),
                port=port,
            )
        )
        await self.issuing.certify_servers(account.number)
        return planning

    # --- users ----------------------------------------------------------------------------------------------

    async def add_user(
        self,
        account: Account,
        login: str,
        *,
        name: str,
        password: str,
        first_name: str = "",
        status: Status = "user",
        measure: Measure = "",
        pin: str = "",
        email: str = "",
        one_time_until: float = 0.0,
        **noted: Any,
    ) -> User:
        """Add a user. With `measure` "pin", `pin` is the one the user will be asked for.

        With `one_time_until` the password is good for one sign-in until then. `noted` are other fields of a `User`.
        Raises InvalidNameError, AlreadyExistsError, WeakSecretError.
        """
        key = names.login(login)
        check_password(password, (key, name, first_name, account.domain, account.name), common_passwords())
        if measure == "pin":
            check_pin(pin)
        return await self.directory.add(
            User(
                account=account.number,
                login=key,
                name=names.title(name),
                first_name=names.title(first_name) if first_name.strip() else "",
                status=status,
                password_hash=await asyncio.to_thread(self.hash_secret, password, status),
                password_set_at=time.time(),
                must_change=bool(one_time_until),
                one_time_until=one_time_until,
                measure=measure,
                pin_hash=await asyncio.to_thread(self.hash_secret, pin) if measure == "pin" else "",
                email=names.email(email),
                **noted,
            )
        )

    async def users(self, account: Account) -> tuple[User, ...]:
        """The users of an account."""
        return await self.directory.list(User, account=account.number)

    async def user(self, account: Account, login: str) -> User:
        """One user by login. Raises NotFoundError, InvalidNameError."""
        found = await self.directory.list(User, account=account.number, login=names.login(login))
        if not found:
            raise NotFoundError(f"there is no user {login!r} in {account.domain}", user=login)
        return found[0]

    async def assign(self, planning: Planning, user: User, profile: str) -> None:
        """Let a user into a planning of the same account, or change the profile there.

        Only superadmins and base administrators have the profile Administration. Raises NotAllowedError, NotFoundError.
        """
        profile = (await profiles.profile(self.directory, planning, profile)).name
        if user.account != planning.account:
            raise NotAllowedError(f"{user.login} is of another account", user=user.login)
        if profile == "Administration" and user.status == "user":
            raise NotAllowedError(
                f"{user.login} has the status of a plain user: Administration is for administrators", user=user.login
            )
        if await self.directory.list(Assignment, planning=planning.key, user=user.key):
            await self.directory.change(Assignment, planning.key, user.key, profile=profile)
        else:
            await self.directory.add(Assignment(planning=planning.key, user=user.key, profile=profile))

    async def param_client(
        self, account: Account, *, uses: int = 1, seconds: float = ENROLMENT_SECONDS, host: str = ""
    ) -> bytes:
        """A `ParamClient` file whose ticket enrols `uses` devices within `seconds`, `MAX_ENROLMENT_SECONDS` at most.

        `host` is where clients connect; without it, where we listen, or the school's domain when that is everywhere.
        """
        ticket = secrets.token_bytes(TICKET_BYTES)
        expires = time.time() + min(seconds, MAX_ENROLMENT_SECONDS)
        enrolment = Enrolment(ticket_hash=ticket_hash(ticket), account=account.number, expires=expires, uses=uses)
        await self.directory.add(enrolment)
        letter = ParamClient(
            format=FORMAT,
            account=account.number,
            school=account.name,
            host=host or next(iter(self._hosts()), account.domain),
            port=account.port,
            server_name=account.zone,
            enrol_name=enrol_name(account.zone),
            ticket=ticket.hex(),
            expires_ms=int(expires * 1000),
            root="",
            chain="",
        )
        return await self.issuing.sign_letter(account.number, letter)

    def rotate(self, account: Account, passphrase: bytes = b"", *, at_once: bool = False) -> x509.Certificate:
        """Give an account another intermediate. Raises as `Keyring.rotate`. Takes its time: not for a loop."""
        return self.keyring.rotate(
            account.number, self._hosts(), utc_now(), passphrase=passphrase, at_once=at_once
        )  # fmt: skip

    # --- bases and service ----------------------------------------------------------------------------------

    async def create_base(self, account: Account, planning: Planning, name: str, base: Base) -> Planning:
        """Create a base, load it into the planning and wish it in service, as the product does on validation.

        Raises InvalidNameError, AlreadyExistsError, BaseInUseError when the planning is in service.
        """
        name = names.base(name)
        await self.check_free(account, planning, name)
        await create_base(self.base_path(account, name), name, base)
        await self.load_base(account, planning, name)
        return await self.wish_planning(account, planning, "up")

    async def check_free(self, account: Account, planning: Planning, name: str) -> None:
        """Find out whether `create_base` may be, before a file is read for it. Raises as it does."""
        await self._refuse_in_service(account, planning)
        if self.base_path(account, names.base(name)).exists():
            raise AlreadyExistsError(f"there is a base {name!r} already", base=name)

    async def load_base(self, account: Account, planning: Planning, name: str) -> Planning:
        """Put a base of the account into a planning that is stopped.

        Raises NotFoundError, BaseInUseError when the planning is in service, ConfigurationError when another one has
        the base.
        """
        name = names.base(name)
        await self._refuse_in_service(account, planning)
        self.existing_base(account, name)
        every = await self.plannings(account)
        for other in every:
            if other.base == name and other.key != planning.key:
                raise ConfigurationError(f"the base {name!r} is loaded in {other.name}", planning=other.name)
        return await holding.take(self.directory, planning, every, name)

    async def unload_base(self, account: Account, planning: Planning) -> Planning:
        """Take the base out of a planning that is stopped. Raises BaseInUseError when the planning is in service."""
        await self._refuse_in_service(account, planning)
        return await self.directory.change(Planning, planning.key, base="")

    async def wish_controller(self, account: Account, desired: Desired) -> Account:
        """Wish the controller up or down; the agent makes it so. Raises NotAllowedError while suspended."""
        await self._refuse_suspended(account, desired)
        await self.directory.set_desired(controller_subject(account.number), desired)
        return await self.directory.get(Account, account.number)

    async def wish_planning(self, account: Account, planning: Planning, desired: Desired) -> Planning:
        """Wish a planning in service or stopped.

        Raises ConfigurationError when it has no base to serve, NotAllowedError while the account is suspended.
        """
        await self._refuse_suspended(account, desired)
        planning = await self.planning(account, planning.name)
        if desired == "up" and not planning.base:
            raise ConfigurationError(
                f"{planning.name} has no base: create or load one first", planning=planning.name
            )  # fmt: skip
        await self.directory.set_desired(planning_subject(planning.key), desired)
        return await self.planning(account, planning.name)

    def base_path(self, account: Account, name: str) -> Path:
        """Where a base of the account lies."""
        return self.paths.base(account.number, name)

    def existing_base(self, account: Account, name: str) -> Path:
        """Where a base of the account lies. Raises NotFoundError when there is none."""
        path = self.base_path(account, names.base(name))
        if not path.exists():
            raise NotFoundError(f"there is no base {name!r} in {account.domain}", base=name)
        return path

    async def stopped_base(self, account: Account, name: str) -> Path:
        """Where a base lies that no planning is to have in service. Raises NotFoundError, BaseInUseError."""
        path = self.existing_base(account, name)
        for planning in await self.plannings(account):
            if planning.base == names.base(name) and planning.desired != "down":
                raise BaseInUseError(f"{planning.name} is in service", planning=planning.name)
        return path

    # --- within ---------------------------------------------------------------------------------------------

    def hash_secret(self, secret: str, status: Status = "user") -> str:
        """Hash a password, or a PIN, as that of a user of this status. Takes its time: not for a loop."""
        return self._hash(secret, USERS if status == "user" else SUPERADMINS)

    def _hash(self, secret: str, cost: Cost) -> str:
        return hash_password(secret, salt=secrets.token_bytes(SALT_BYTES), pepper=self.keyring.pepper(), cost=cost)

    async def _ports_taken(self, wanted: int) -> list[int]:
        """Ports that are given out, or that another program has, up to the `wanted` free ones."""
        given = [one.port for one in await self.directory.list(Account)]
        given += [one.port for one in await self.directory.list(Planning)]
        ports, host = self.settings.ports, next(iter(self._hosts()), "")
        rest = (port for port in range(ports.first, ports.last + 1) if port not in given)
        return given + list(busy_before(host, rest, wanted))

    def _hosts(self) -> list[str]:
        """The addresses we are known to listen on: none when it is on all of them."""
        everywhere = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
        return [] if self.settings.listen.host in everywhere else [self.settings.listen.host]

    async def _refuse_suspended(self, account: Account, desired: Desired) -> None:
        if desired == "up" and (await self.directory.get(Account, account.number)).suspended:
            raise NotAllowedError("This hosting is suspended: nothing of it is put in service.")

    async def _refuse_in_service(self, account: Account, planning: Planning) -> None:
        """Ask the directory: the caller's value may be of before it was started."""
        if (await self.planning(account, planning.name)).desired != "down":
            raise BaseInUseError(f"{planning.name} is in service", planning=planning.name)
