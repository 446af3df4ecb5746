"""Whom one account trusts now: certificates, users, profiles, as the directory has them. Knows no connection."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Final

from hpserver.certs.peer import Peer, Peers
from hpserver.certs.revocation import RevokedSerials
from hpserver.config import Limits
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Assignment, Revocation, User
from hpserver.errors import ConfigurationError, NotAllowedError
from hpserver.hosting.keyring import Keyring, utc_now
from hpserver.hosting.places import Bearer, holders, places
from hpserver.hosting.profiles import Granted, granted
from hpserver.identity.places import Holder
from hpserver.identity.sessions import FOREVER, SessionLimits
from hpserver.identity.tickets import Admission
from hpserver.protocol.internal import Admit

RIGHTS_CHANGED: Final = "your rights in this planning changed: open it again"


class Trust:
    """What was read from the directory last; `refresh` reads it again when anything changed."""

    def __init__(self, directory: Directory, keyring: Keyring, account: str) -> None:
        self._directory, self._account = directory, account
        self._keyring = keyring
        self._peers_of, self._peers = keyring.intermediates_changed_at(account), Peers(keyring.intermediates(account))
        self._revoked = RevokedSerials.of(())
        self._version = -1

    async def refresh(self) -> bool:
        """Read the revocations and the issuers again when they changed; answers whether anything did."""
        rotated = self._look_at_issuers()
        version = await self._directory.version()
        if version == self._version and not rotated:
            return False
        rows = await self._directory.list(Revocation, account=self._account)
        self._revoked = RevokedSerials.of(int(row.serial, 16) for row in rows)
        self._version = version
        return True

    def _look_at_issuers(self) -> bool:
        """Follow a rotation of the account's intermediate; files that cannot be read change nothing."""
        with contextlib.suppress(ConfigurationError, OSError):
            changed_at = self._keyring.intermediates_changed_at(self._account)
            if changed_at != self._peers_of:
                self._peers = Peers(self._keyring.intermediates(self._account))
                self._peers_of = changed_at
                return True
        return False

    def identify(self, der: bytes) -> Peer:
        """Who shows that certificate; dates and revocation are checked now. Raises CertificateRefusedError."""
        return self._peers.identify(der, now=utc_now(), revoked=self._revoked)

    async def session_limits(self, most: Limits) -> SessionLimits:
        """How long sessions last, as the school wishes it now and the operator allows."""
        account = await self._directory.get(Account, self._account)
        return SessionLimits(
            account.session_hours, account.idle_minutes, account.sessions, most.session_seconds, most.idle_seconds
        )

    async def profile_of(self, planning: int, user: int) -> Granted:
        """The profile of a user in a planning, asked of the directory now. Raises NotAllowedError, NotFoundError."""
        found = await self._directory.get(User, user)
        rights = await self._directory.list(Assignment, planning=planning, user=user)
        if not found.enabled or found.account != self._account or not rights:
            raise NotAllowedError("this user has no profile in this planning")
        name = rights[0].profile
        return (await granted(self._directory, planning, [name]))[name]

    async def admission(
        self, planning: int, admit: Admit, epoch: int, now: float, bearers: Callable[[], Iterable[Bearer]]
    ) -> Admission:
        """What a ticket is worth, when there is a place beside the `bearers`, who are asked for last.

        Nothing is awaited after they were: who is admitted at once has the place. `now` is the caller's clock.
        Raises NotAllowedError, NotFoundError, NoPlaceError.
        """
        profile = await self.profile_of(planning, admit.user)
        room = await places(self._directory, planning)
        room.refuse_without_place(Holder(admit.user, admit.thumbprint, admit.login, profile.name), holders(bearers()))
        ends = now + admit.lasts_ms / 1000 if admit.lasts_ms else FOREVER
        return admission_of(admit, profile, epoch, now + admit.ttl_ms / 1000, ends)

    async def profiles(self, planning: int) -> dict[int, Granted]:
        """The profile of every enabled user of a planning, by key."""
        enabled = {user.key for user in await self._directory.list(User, account=self._account) if user.enabled}
        rights = await self._directory.list(Assignment, planning=planning)
        known = await granted(self._directory, planning, {one.profile for one in rights})
        return {one.user: known[one.profile] for one in rights if one.user in enabled}

    async def lost(self, planning: int, bearers: Iterable[Bearer]) -> dict[int, str]:
        """Of those who came in, the users whose rights are others now, and what they are told."""
        profiles = await self.profiles(planning)
        gone: dict[int, str] = {}
        for one in bearers:
            now = profiles.get(one.user)
            if now is None or (now.name, now.rights) != (one.profile, one.rights):
                gone[one.user] = "" if now is None else RIGHTS_CHANGED
        return gone


def admission_of(admit: Admit, granted: Granted, epoch: int, expires: float, ends: float = FOREVER) -> Admission:
    """What a ticket is worth: who the controller says it is for, what that user may do here. Moments as `Admission`.

    `epoch` is that of the base, for a controller that did not know it.
    """
    return Admission(
        admit.ticket_hash, admit.thumbprint, admit.account, admit.user, admit.login, admit.name,
        admit.planning, admit.epoch or epoch, expires, granted.name, granted.rights, ends,
    )  # fmt: skip
