"""The Directory protocol: what is hosted, what should run, what runs. Knows no database."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from hpserver.directory.model import (
    Attempts,
    Desired,
    Endpoint,
    Enrolment,
    Entity,
    Observed,
)

E = TypeVar("E", bound=Entity)
"""Account, Planning, User, Device, Registration, Enrolment, Assignment, OwnProfile, ConsoleSession, IdentityProvider or
Revocation."""

LEASE = 3.0
"""Seconds a node lives without a heartbeat (measured: machine lost, next commit after 3.4 s)."""


class Directory(Protocol):
    """One directory for all processes of an installation; every write is durable on return.

    A call may raise `StoreFullError` (nothing written, may be tried again), `BusyError` (another process
    writes for too long, may be tried again) or `OutcomeUnknownError` (the disk failed: stop).
    """

    async def open(self) -> None:
        """Open the directory, made and migrated when needed. Raises StoreVersionError, CorruptBaseError."""

    async def close(self) -> None:
        """Let go of the directory. Safe twice, and before `open`."""

    # --- what is hosted -----------------------------------------------------------------------------------

    async def add(self, entity: E) -> E:
        """Add one row; the answer has its key.

        Raises:
            AlreadyExistsError: its identity, name, domain, login or port is taken.
            NotFoundError: what it refers to does not exist.
        """

    async def add_all(self, entities: Sequence[Entity]) -> tuple[Entity, ...]:
        """Add all rows in this order, or none. Raises as `add`."""

    async def get(self, kind: type[E], *identity: str | int | bytes) -> E:
        """Read one row by the fields of `kind.identified_by`. Raises NotFoundError."""

    async def list(self, kind: type[E], **equal: str | int | bytes) -> tuple[E, ...]:
        """Read the rows whose fields equal these, by identity order; all rows without any."""

    async def change(self, kind: type[E], *identity: str | int | bytes, **fields: Any) -> E:
        """Set these fields of one row and no others; the answer is the row as it is now.

        Raises:
            NotFoundError: there is no such row.
            AlreadyExistsError: the new name, domain, login or port is taken.
            ValueError: no such field, a value of another type, or a field of the identity.
        """

    async def remove(self, kind: type[Entity], *identity: str | int | bytes) -> None:
        """Remove one row and all that belongs to it (an account's users, a user's assignments).

        Raises NotFoundError. Revocations outlive everything but their account.
        """

    # --- secrets that may be spent ------------------------------------------------------------------------

    async def spend_enrolment(self, ticket_hash: bytes, now: float, account: str = "") -> Enrolment:
        """Spend one use of a ticket: exactly as many winners as uses, durable before the answer (T07).

        With `account`, a ticket of another account is refused and stays unspent.

        Raises:
            EnrolmentRefusedError: unknown, spent, expired, or of another account; which is not said.
        """

    async def spend_attempt(
        self, keys: Mapping[str, Sequence[float]], now: float, tag: bytes = b""
    ) -> tuple[Attempts, ...]:  # fmt: skip
        """Count one attempt on every key, each with its ladder, before the secret is compared; all or none.

        Durable before the answer, which is the counters as they are now (A05, A06). `ladder[n - 1]` is for how many
        seconds the key is locked once n attempts were spent since the last `reset_attempts`; past its end the last
        step holds; `math.inf` locks until reset. `now` should be CLOCK_BOOTTIME, which all processes of a machine
        share: no jump of the wall clock shortens a lock, sleep counts, and after a restart of the machine, when `now`
        starts again, a lock lasts its own step once more.

        `tag` stands for the secret (`passwords.tag`): a key whose last attempt had the same one is not counted again,
        since that secret was paid for. It is written with the count, before anything is compared.

        Raises:
            LockedError: one of them is locked now, for `seconds` (0: until reset); none was counted.
        """

    async def reset_attempts(self, *keys: str) -> None:
        """Forget the attempts of the keys: the secret was right, or an administrator unlocked it."""

    async def attempts(self, key: str) -> Attempts:
        """Read the attempts of a key; count 0 when there are none."""

    async def tried(self) -> tuple[tuple[str, float], ...]:
        """Read every key that has attempts, and when it was tried last by the clock of who tried."""

    # --- what should run, and what runs -------------------------------------------------------------------

    async def set_desired(self, subject: str, desired: Desired) -> None:
        """Wish a controller or planning up, down or moving. Raises NotFoundError."""

    async def desired(self) -> dict[str, Desired]:
        """Read every wish, by subject."""

    async def observe(self, *observed: Observed) -> None:
        """Keep what processes report, all of it or nothing; replaces what was known of their subjects."""

    async def observed(self) -> dict[str, Observed]:
        """Read what is known of every process, by subject."""

    async def version(self) -> int:
        """Read a number that differs after anything changed; cheap enough to poll every 100 ms.

        Heartbeats, attempts, and these alone do not count: `Device.last_seen`, `User.last_sign_in`, `Observed.at` and
        `counters`.
        """

    # --- nodes and who serves what ------------------------------------------------------------------------

    async def register_node(self, name: str, address: str = "127.0.0.1") -> int:
        """Take the name of a node; its new incarnation. The former one of that name is dead from now on."""

    async def heartbeat(self, name: str, incarnation: int) -> None:
        """Live for another `LEASE`. Raises FencedError when a newer incarnation took the name: stop."""

    async def claim(self, planning: int, name: str, incarnation: int) -> int:
        """Take a planning for a living node; its new epoch.

        Raises:
            BaseInUseError: a living node has it.
            FencedError: this incarnation is not alive any more.
            NotFoundError: there is no such planning.
        """

    async def release(self, planning: int, epoch: int) -> None:
        """Give a planning back; nothing happens when the epoch is not the newest."""

    async def reap(self) -> tuple[int, ...]:
        """Free the plannings of nodes that are dead or silent for `LEASE`; answers which."""

    async def lookup(self, planning: int) -> Endpoint | None:
        """Read where a planning is served; None when no living node has it."""
