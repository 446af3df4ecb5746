"""The places of a planning as the directory has them. Knows no session."""

from collections.abc import Iterable
from typing import Protocol

from hpserver.directory.api import Directory
from hpserver.directory.model import Licence, OwnProfile
from hpserver.identity.places import Holder, Limit, Places
from hpserver.identity.profiles import Rights

CONSULTATION = "Consultation"


class Bearer(Protocol):
    """Who came in, or holds a ticket."""

    @property
    def user(self) -> int:
        """Key in the directory."""

    @property
    def login(self) -> str:
        """What they typed."""

    @property
    def thumbprint(self) -> bytes:
        """Of the certificate of their device."""

    @property
    def profile(self) -> str:
        """Its name, when they were let in."""

    @property
    def rights(self) -> Rights:
        """What it gave then."""


async def places(directory: Directory, planning: int) -> Places:
    """Read the limits of a planning."""
    own = await directory.list(OwnProfile, planning=planning)
    limits = await directory.list(Licence, planning=planning)
    return Places(
        {one.profile: Limit(one.places, one.reserved) for one in limits},
        frozenset({CONSULTATION, *(one.name for one in own if one.type != "modifier")}),
    )


def holders(bearers: Iterable[Bearer]) -> list[Holder]:
    """Who takes a place: those inside and those who hold a ticket."""
    return [Holder(one.user, one.thumbprint, one.login, one.profile) for one in bearers]
