"""Wishes about the users of an account. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Name, Pin, Secret, Word

Address = Annotated[str, msgspec.Meta(max_length=254)]
Phone = Annotated[str, msgspec.Meta(max_length=32)]


class ListUsers(Wish, frozen=True, tag="users.list"):
    """Which users are there? Answered by `users`.

    Attributes:
        after: the login after which to begin; empty for the first.
        limit: how many at most; fewer come when their rows are long.
    """

    after: Name = ""
    limit: PageSize = MAX_PAGE


class GetUser(Wish, frozen=True, tag="users.get"):
    """Who is this? Everybody may ask it of themselves. Answered by `users`, with one row.

    Attributes:
        login: whom; empty for who asks.
    """

    login: Name = ""


class UserRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One user.

    Attributes:
        user: the user's number.
        login: as it is kept.
        name: family name.
        first_name: first name.
        title: form of address.
        status: `superadmin`, `base_admin` or `user`.
        enabled: whether the user may come in.
        console: whether the user may use the hosting console.
        measure: what protects the user on devices that are not registered; empty before the first sign-in.
        must_change: whether the password is to be changed at the next sign-in.
        email: where mail reaches the user.
        phone: a telephone number.
        mobile: a mobile telephone number.
        ldap: the user's identifier in LDAP.
        cas: the user's identifier in CAS.
        wsfed: the user's identifier in WS-Federation.
        saml: the user's identifier in SAML.
        last_sign_in: UTC in milliseconds since 1970, 0 for never.
        profiles: `[planning, profile]` of each planning the user may open.
        language: of the letters to the user, `fr` or `en`; empty for that of the installation.
    """

    user: int
    login: str
    name: str
    first_name: str
    title: str
    status: str
    enabled: bool
    console: bool
    measure: str
    must_change: bool
    email: str
    phone: str
    mobile: str
    ldap: str
    cas: str
    wsfed: str
    saml: str
    last_sign_in: int
    profiles: tuple[tuple[str, str], ...]
    language: str = ""


class Users(Outcome, frozen=True, tag="users"):
    """Users, by login.

    Attributes:
        rows: the users.
        more: whether there are others after these.
    """

    rows: tuple[UserRow, ...]
    more: bool


class AddUser(Wish, frozen=True, tag="users.add"):
    """Add a user. Sensitive. Answered by `issued`.

    Attributes:
        login: what the user types.
        name: family name.
        first_name: first name.
        title: form of address.
        status: `superadmin`, `base_admin` or `user`.
        console: whether the user may use the hosting console; wants an e-mail address.
        email: where mail reaches the user.
        phone: a telephone number.
        mobile: a mobile telephone number.
        ldap: the user's identifier in LDAP.
        cas: the user's identifier in CAS.
        wsfed: the user's identifier in WS-Federation.
        saml: the user's identifier in SAML.
        measure: `none`, `notification` or `pin`; empty to be chosen at the first sign-in.
        pin: 4 to 12 digits with the measure `pin`, otherwise empty.
        password: empty to have one made, which is good for one sign-in within seven days.
        language: of the letters to the user, `fr` or `en`; empty for that of the installation.
    """

    login: Name
    name: Name
    first_name: Name = ""
    title: Word = ""
    status: Word = "user"
    console: bool = False
    email: Address = ""
    phone: Phone = ""
    mobile: Phone = ""
    ldap: Name = ""
    cas: Name = ""
    wsfed: Name = ""
    saml: Name = ""
    measure: Word = ""
    pin: Pin = ""
    password: Secret = ""
    language: Word = ""


class Issued(Outcome, frozen=True, tag="issued"):
    """A password was set.

    Attributes:
        login: of whom, as it is kept.
        password: the one that was made, told this once; empty when it was given.
        until: UTC in milliseconds since 1970: when it is good for nothing any more, 0 when it was given.
        closed: sessions that were closed for it.
    """

    login: str
    password: str
    until: int
    closed: int = 0


class ChangeUser(Wish, frozen=True, tag="users.change"):
    """Change what is said of a user; nil leaves a field as it is. Sensitive. Answered by `done`.

    Another status, or no console any more, closes the user's sessions.

    Attributes:
        login: whom.
        name: family name.
        first_name: first name.
        title: form of address.
        status: `superadmin`, `base_admin` or `user`.
        console: whether the user may use the hosting console; wants an e-mail address.
        email: where mail reaches the user.
        phone: a telephone number.
        mobile: a mobile telephone number.
        ldap: the user's identifier in LDAP.
        cas: the user's identifier in CAS.
        wsfed: the user's identifier in WS-Federation.
        saml: the user's identifier in SAML.
        language: of the letters to the user, `fr` or `en`; empty for that of the installation.
    """

    login: Name
    name: Name | None = None
    first_name: Name | None = None
    title: Word | None = None
    status: Word | None = None
    console: bool | None = None
    email: Address | None = None
    phone: Phone | None = None
    mobile: Phone | None = None
    ldap: Name | None = None
    cas: Name | None = None
    wsfed: Name | None = None
    saml: Name | None = None
    language: Word | None = None


class SetUserEnabled(Wish, frozen=True, tag="users.enable"):
    """Let a user in again, or no longer: then every session of theirs is closed first. Sensitive. Answered by `done`.

    Attributes:
        login: whom.
        enabled: whether they may come in.
    """

    login: Name
    enabled: bool


class DeleteUser(Wish, frozen=True, tag="users.delete"):
    """Forget a user: devices registered for them, profiles and sessions too. Sensitive. Answered by `done`.

    Attributes:
        login: whom.
    """

    login: Name


class ResetPassword(Wish, frozen=True, tag="users.reset_password"):
    """Make a password that is good for one sign-in within seven days; sessions are closed. Sensitive.

    What too many failures locked is open again. Answered by `issued`.

    Attributes:
        login: whose.
    """

    login: Name


class ResetMeasure(Wish, frozen=True, tag="users.reset_measure"):
    """Have the user choose a security measure, and a PIN, at the next sign-in. Sensitive. Answered by `done`.

    Attributes:
        login: whose.
    """

    login: Name


class Unlock(Wish, frozen=True, tag="users.unlock"):
    """Forget how often a user's password and PIN were tried in vain. Sensitive. Answered by `done`.

    Attributes:
        login: whose.
    """

    login: Name
