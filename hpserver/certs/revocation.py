"""The serials that are no longer trusted, as a value. It knows no reason, no date and no store."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RevokedSerials:
    """A set of revoked serials: asked on every connection, replaced as a whole on every revocation.

    A serial that was revoked is never taken back; those of certificates past their end may be left out when the
    set is made again, for their date refuses them.
    """

    serials: frozenset[int]

    @classmethod
    def of(cls, serials: Iterable[int]) -> "RevokedSerials":
        """Return the set of these serials."""
        return cls(frozenset(serials))

    def adding(self, *serials: int) -> "RevokedSerials":
        """Return this set with more serials in it."""
        return RevokedSerials(self.serials.union(serials))

    def __contains__(self, serial: int) -> bool:
        return serial in self.serials

    def __len__(self) -> int:
        return len(self.serials)


NONE_REVOKED = RevokedSerials(frozenset())
