"""How many may be in a planning at once, by profile and by type of profile. It knows no session and no clock.

A place is of a user on a device: who comes back after a broken line takes the place they had.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from hpserver.errors import NoPlaceError

ANY: Final = -1
"""As many as want to."""

MODIFIERS: Final = "*modifiers"
CONSULTANTS: Final = "*consultants"
"""Whose limit is that of all profiles of one type together."""


class Limit(msgspec.Struct, frozen=True, gc=False):
    """At most `places` at once, `ANY` for any number; `reserved` are taken by nobody else."""

    places: int = ANY
    reserved: int = 0


class Holder(msgspec.Struct, frozen=True, gc=False):
    """Who takes a place: a user on the device with that certificate, with a profile."""

    user: int
    thumbprint: bytes
    login: str
    profile: str


class Places(msgspec.Struct, frozen=True):
    """The limits of a planning: by the name of a profile, or by type. `consultants` are the profiles that only read."""

    limits: Mapping[str, Limit]
    consultants: frozenset[str]

    def refuse_without_place(self, wanted: Holder, inside: Iterable[Holder]) -> None:
        """Raise NoPlaceError when who wants to come in finds no place beside those `inside`; it names them."""
        places = {(one.user, one.thumbprint): one for one in inside}
        places.pop((wanted.user, wanted.thumbprint), None)
        same = [one for one in places.values() if one.profile == wanted.profile]
        own = self.limits.get(wanted.profile, Limit())
        if own.places != ANY and len(same) >= own.places:
            raise _no_place(own.places, same, wanted.profile)
        kind = self._type(wanted.profile)
        of_type = [one for one in places.values() if self._type(one.profile) == kind]
        most = self.limits.get(kind, Limit()).places
        if most != ANY and len(of_type) + self._kept(wanted.profile, kind, of_type) >= most:
            raise _no_place(most, of_type, "")

    def _kept(self, profile: str, kind: str, inside: list[Holder]) -> int:
        """Count the places that are free but reserved for others; none while the profile has reserved ones itself."""
        if sum(one.profile == profile for one in inside) < self.limits.get(profile, Limit()).reserved:
            return 0
        others = {name: one.reserved for name, one in self.limits.items() if one.reserved and name != profile}
        return sum(
            max(0, reserved - sum(one.profile == name for one in inside))
            for name, reserved in others.items()
            if self._type(name) == kind
        )

    def _type(self, profile: str) -> str:
        return CONSULTANTS if profile in self.consultants else MODIFIERS


def _no_place(places: int, inside: list[Holder], profile: str) -> NoPlaceError:
    logins = ", ".join(sorted({one.login for one in inside}))
    whose = f"Places of the profile {profile}" if profile else "Places of this planning"
    taken = f", taken by {logins}" if logins else ""
    return NoPlaceError(f"{whose}: {places}{taken}.", places=places, holders=logins, profile=profile)
