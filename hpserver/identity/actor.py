"""Who asks for something to be administered. It knows nothing of what."""

from typing import Final

import msgspec

PROOF_SECONDS: Final = 300.0
"""For how long a password that was proved counts for sensitive wishes (ASVS 7.5.1, 7.5.3)."""


class Actor(msgspec.Struct, frozen=True, gc=False):
    """A user who signed in, the hosting manager at the console, or the operator, whom this machine lets read our keys.

    `device` is theirs, `thumbprint` that of its certificate: what runs there is spared when other sessions close.
    `proved` says that the password was given within `PROOF_SECONDS`.
    """

    user: int
    login: str
    status: str
    proved: bool = False
    thumbprint: bytes = b""
    device: int = 0

    @property
    def may_all(self) -> bool:
        """Whether nothing of the account is kept from them."""
        return self.status in {"superadmin", "manager", "operator"}


MANAGER: Final = "manager"
"""The status of the hosting manager, who is no user of the school and signs in with the hosting number."""

OPERATOR: Final = Actor(0, "operator", "operator", proved=True)
