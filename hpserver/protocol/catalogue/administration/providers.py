"""Wishes about delegated sign-in: who elsewhere says who somebody is. Knows shapes only."""

from typing import Annotated, Final

import msgspec

from hpserver.protocol.catalogue.administration.wish import Outcome, Wish
from hpserver.protocol.catalogue.fields import Name, Word

MAX_ADDRESS: Final = 512
"""Characters of the address of an identity provider: it goes before what is asked, in a line of HTTP."""

MAX_AUTHORITY: Final = 8 << 10
"""Characters of certificates in PEM: four or five, and a packet between our processes holds all configurations."""

MOST_PROVIDERS: Final = 4
"""Configurations of an account: the one in use, the one before, and two to try."""

Address = Annotated[str, msgspec.Meta(max_length=MAX_ADDRESS)]
Authority = Annotated[str, msgspec.Meta(max_length=MAX_AUTHORITY)]


class ListProviders(Wish, frozen=True, tag="providers.list"):
    """Which configurations of delegated sign-in are there? Answered by `providers`."""


class AddProvider(Wish, frozen=True, tag="providers.add"):
    """Add a configuration, which is not active yet. Sensitive; only while the controller is stopped.

    Answered by `providers`, with it alone.

    Attributes:
        name: what people read at sign-in.
        address: of the service, `https://…`, without what a protocol adds to it.
        authority: certificates in PEM that its own must be issued by one of; empty for those the system trusts.
        attribute: what identifies a person there; empty for the user of the protocol.
        local: who may come in with a password of ours while it is active: `always` everybody, or `superadmins`.
        protocol: `cas`, the only one yet.
    """

    name: Name
    address: Address
    authority: Authority = ""
    attribute: Word = ""
    local: Word = "always"
    protocol: Word = "cas"


class ChangeProvider(Wish, frozen=True, tag="providers.change"):
    """Change a configuration; nil leaves a value as it is. Who came in by it signs in again.

    Sensitive; only while the controller is stopped. Answered by `providers`.

    Attributes:
        name: which one.
        new_name: what people read at sign-in.
        address: of the service.
        authority: certificates in PEM; empty for those the system trusts.
        attribute: what identifies a person there; empty for the user of the protocol.
        local: `always` or `superadmins`.
    """

    name: Name
    new_name: Name | None = None
    address: Address | None = None
    authority: Authority | None = None
    attribute: Word | None = None
    local: Word | None = None


class RemoveProvider(Wish, frozen=True, tag="providers.remove"):
    """Remove a configuration. Who came in by it signs in again.

    Sensitive; only while the controller is stopped. Answered by `providers`.

    Attributes:
        name: which one.
    """

    name: Name


class ActivateProvider(Wish, frozen=True, tag="providers.activate"):
    """Have people sign in by a configuration, and by no other of its protocol; or by none.

    Sensitive; only while the controller is stopped. Answered by `providers`.

    Attributes:
        name: which one.
        active: false to end it.
    """

    name: Name
    active: bool = True


class ProviderRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A configuration of delegated sign-in.

    Attributes:
        name: what people read at sign-in.
        protocol: `cas`, the only one yet.
        address: of the service.
        authority: certificates in PEM; empty for those the system trusts.
        attribute: what identifies a person there; empty for the user of the protocol.
        local: who may come in with a password of ours while it is active.
        active: whether people sign in by it.
    """

    name: str
    protocol: str
    address: str
    authority: str
    attribute: str
    local: str
    active: bool


class Providers(Outcome, frozen=True, tag="providers"):
    """The configurations of delegated sign-in.

    Attributes:
        rows: by name, at most four.
    """

    rows: tuple[ProviderRow, ...]
