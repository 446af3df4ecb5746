"""Accounts, plannings, users, devices and what runs: plain values. Knows no rule and no database."""

from typing import ClassVar, Literal

import msgspec

from hpserver.identity.profiles import Type

Desired = Literal["up", "down", "moving"]
State = Literal["starting", "live", "frozen", "draining", "stopped", "failed"]
Status = Literal["superadmin", "base_admin", "user"]
Measure = Literal["", "none", "notification", "pin"]
Renewal = Literal["none", "notify", "force"]
Language = Literal["", "fr", "en"]
Delegate = Literal["cas"]
Local = Literal["always", "superadmins"]


class Entity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of the directory. `identified_by` names the fields that identify it.

    Where that is `key`, the directory gives it out when the row is added: above 0, never given twice.
    Instants are Unix seconds, for people and certificate dates only; 0.0 is "never".
    """

    identified_by: ClassVar[tuple[str, ...]] = ("key",)


class Account(Entity, frozen=True, kw_only=True, gc=False):
    """One school's hosting: 12-digit `number`, 10-digit `invoice`, its controller's `domain` and `port`.

    `zone` is the domain it was opened with, for ever: what its certificates may speak for. `domain` is that or a name
    below it. Without a zone, it is made of the domain.
    `console_hash` is the hosting manager's password, hashed; `licence` is the version of the contract they accepted,
    `licence_at` when. Nobody signs in at the console of a `suspended` account, and nothing of it serves. `measures` are
    those users may choose from, with a blank between; `renewal` says what becomes of a password after `renewal_days`.
    `session_hours`, `idle_minutes` and `sessions` are the limits of `identity.sessions`. With `codes`, who forgot a PIN
    may have a code sent by mail.
    """

    identified_by: ClassVar[tuple[str, ...]] = ("number",)

    number: str
    name: str
    domain: str
    invoice: str
    port: int
    desired: Desired = "down"
    console_hash: str = ""
    email: str = ""
    created_at: float = 0.0
    measures: str = "none notification pin"
    renewal: Renewal = "none"
    renewal_days: int = 365
    session_hours: int = 12
    idle_minutes: int = 60
    sessions: int = 5
    codes: bool = False
    suspended: bool = False
    licence: str = ""
    licence_at: float = 0.0
    zone: str = ""

    def __post_init__(self) -> None:
        if not self.zone:
            msgspec.structs.force_setattr(self, "zone", self.domain)


class Planning(Entity, frozen=True, kw_only=True, gc=False):
    """One planning of an account. `base` is the name of the loaded base, "" for none.

    `domain` is a name of its own, "" for none; with `net` its licence is for the web publication too. `had` are the
    bases that were loaded here last, the one that is among them: a line each.
    """

    key: int = 0
    account: str
    name: str
    publication_name: str
    port: int
    domain: str = ""
    base: str = ""
    desired: Desired = "down"
    timezone: str = "Europe/Paris"
    net: bool = False
    had: str = ""


class User(Entity, frozen=True, kw_only=True, gc=False):
    """A person of an account. `login` is kept as `names.login` gives it, unique in the account.

    `measure` is what protects the user on a device that is not registered; "" is not chosen yet. `must_change`: the
    password is changed at the next sign-in; with `one_time_until` it is good until then only. `console` lets into the
    hosting console; `ldap`, `cas`, `wsfed` and `saml` are what other systems call the user. `language` is that of the
    letters to them, "" for that of the installation.
    """

    key: int = 0
    account: str
    login: str
    name: str = ""
    first_name: str = ""
    status: Status = "user"
    enabled: bool = True
    password_hash: str = ""
    must_change: bool = False
    measure: Measure = ""
    pin_hash: str = ""
    email: str = ""
    password_set_at: float = 0.0
    one_time_until: float = 0.0
    last_sign_in: float = 0.0
    title: str = ""
    phone: str = ""
    mobile: str = ""
    console: bool = False
    ldap: str = ""
    cas: str = ""
    wsfed: str = ""
    saml: str = ""
    language: Language = ""


class IdentityProvider(Entity, frozen=True, kw_only=True, gc=False):
    """A configuration of delegated sign-in: who, elsewhere, says who somebody is. One of a `protocol` is `active`.

    `address` begins with https; its certificate is issued by one of `authority` (PEM), or by one the system trusts
    when that is "". `attribute` is what identifies a person there, "" for the user; it is compared with what the
    directory keeps of a user for that protocol (`User.cas`), never with a login. `local` says who may come in with a
    password of ours while it is active.
    """

    key: int = 0
    account: str
    protocol: Delegate = "cas"
    name: str
    address: str
    authority: str = ""
    attribute: str = ""
    local: Local = "always"
    active: bool = False


class Device(Entity, frozen=True, kw_only=True, gc=False):
    """A machine with a client certificate. `user` is whom it was enrolled for, 0 for nobody in particular.

    `thumbprint` is the SHA-256 of its newest certificate, `serial` its number in lower-case hex, `expires` its end. The
    `previous` ones are those of the certificate that the newest was asked for with: it is good until its own end.
    With `console` it is the workstation that the hosting manager signs in from.
    """

    key: int = 0
    account: str
    name: str
    user: int = 0
    thumbprint: bytes
    serial: str
    revoked_at: float = 0.0
    last_seen: float = 0.0
    expires: float = 0.0
    previous_thumbprint: bytes = b""
    previous_serial: str = ""
    console: bool = False


class Registration(Entity, frozen=True, kw_only=True, gc=False):
    """`J'ajoute cet appareil…`: the user trusts the device, under a name of theirs."""

    identified_by: ClassVar[tuple[str, ...]] = ("device", "user")

    device: int
    user: int
    name: str
    at: float


class Address(Entity, frozen=True, kw_only=True, gc=False):
    """The user came in from the address `source`, last `at`."""

    identified_by: ClassVar[tuple[str, ...]] = ("user", "source")

    user: int
    source: str
    at: float


class Enrolment(Entity, frozen=True, kw_only=True, gc=False):
    """An enrolment ticket, by the SHA-256 of its secret. `uses` is how often it may still be spent.

    With `console`, what it enrols is the workstation of the hosting manager.
    """

    identified_by: ClassVar[tuple[str, ...]] = ("ticket_hash",)

    ticket_hash: bytes
    account: str
    expires: float
    spent_at: float = 0.0
    uses: int = 1
    console: bool = False


class ConsoleSession(Entity, frozen=True, kw_only=True, gc=False):
    """Somebody is signed in at the hosting console: the hosting manager when `user` is 0, on that device alone.

    `hash` is the SHA-256 of the cookie. `proved_at` is when the password was given last, `agent` what the browser
    calls itself. `provider` is the identity provider that vouched for them as `identifier`, 0 for a password of ours.
    """

    identified_by: ClassVar[tuple[str, ...]] = ("hash",)

    hash: bytes
    account: str
    user: int = 0
    device: int
    created_at: float
    last_at: float
    proved_at: float
    address: str = ""
    agent: str = ""
    provider: int = 0
    identifier: str = ""


class Assignment(Entity, frozen=True, kw_only=True, gc=False):
    """The user may open the planning, with the rights of the profile: a `Profile`, or the name of an OwnProfile."""

    identified_by: ClassVar[tuple[str, ...]] = ("planning", "user")

    planning: int
    user: int
    profile: str


class OwnProfile(Entity, frozen=True, kw_only=True, gc=False):
    """A profile that a school made for a planning. `rights` are as `identity.profiles.write_rights` gives them."""

    key: int = 0
    planning: int
    name: str
    type: Type
    rights: str


class Licence(Entity, frozen=True, kw_only=True, gc=False):
    """How many sessions of one profile a planning bears at once, -1 for any number; `reserved` are nobody else's.

    `profile` is the name of one, or `*modifiers` or `*consultants` for all profiles of that type together.
    """

    identified_by: ClassVar[tuple[str, ...]] = ("planning", "profile")

    planning: int
    profile: str
    places: int = -1
    reserved: int = 0


class Template(Entity, frozen=True, kw_only=True, gc=False):
    """Who has which profile, kept under a name: `assignments` is JSON, `[[login, profile], ...]`."""

    key: int = 0
    account: str
    name: str
    assignments: str


class Revocation(Entity, frozen=True, kw_only=True, gc=False):
    """A certificate of the account that is no longer trusted, for ever. `serial` is lower-case hex."""

    identified_by: ClassVar[tuple[str, ...]] = ("account", "serial")

    serial: str
    account: str
    at: float
    reason: str = ""


class Observed(Entity, frozen=True, kw_only=True, gc=False):
    """What a process reports of itself. `subject` is "controller:<account>" or "planning:<key>".

    `counters` are small numbers for the screens (sessions, revision); they change without notice to watchers.
    """

    identified_by: ClassVar[tuple[str, ...]] = ("subject",)

    subject: str
    state: State
    pid: int = 0
    epoch: int = 0
    reason: str = ""
    at: float = 0.0
    counters: dict[str, int] = msgspec.field(default_factory=dict)


class Attempts(Entity, frozen=True, kw_only=True, gc=False):
    """How often a secret was tried without success; `last_at` and `locked_until` by the clock of the caller.

    `key` is the caller's, for example "password:<account>:<login>:<lane>". `tag` stands for the secret tried last.
    """

    key: str
    count: int = 0
    last_at: float = 0.0
    locked_until: float = 0.0
    tag: bytes = b""


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """Where a planning is served now: by which node, at which address and port, under which epoch."""

    planning: int
    node: str
    address: str
    port: int
    epoch: int


def controller_subject(account: str) -> str:
    """Name the controller of an account, for desired and observed states."""
    return f"controller:{account}"


def planning_subject(planning: int) -> str:
    """Name the server of a planning, for desired and observed states."""
    return f"planning:{planning}"
