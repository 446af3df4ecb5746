"""Wishes about devices: which there are, who trusts them, which may no longer connect. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Id, IdOrZero, Name, Word

Uses = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Hours = Annotated[int, msgspec.Meta(ge=1, le=720)]


class ListDevices(Wish, frozen=True, tag="devices.list"):
    """Which devices are there? Answered by `devices`. Everybody may ask it of those registered for them.

    Attributes:
        login: for whom they are registered; empty for who asks, or for all devices when the operator asks.
        everybody: all devices, for superadministrators; `login` is empty then.
        after: the number after which to begin.
        limit: how many at most; fewer come when their rows are long.
    """

    login: Name = ""
    everybody: bool = False
    after: IdOrZero = 0
    limit: PageSize = MAX_PAGE


class DeviceRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One device.

    Attributes:
        device: its number.
        name: what it was called when it was enrolled.
        serial: of its certificate, in lower-case hexadecimal.
        expires: end of its certificate, UTC in milliseconds since 1970; 0 when it is not known.
        last_seen: when it last connected, to a day; 0 for never.
        revoked_at: since when it may no longer connect; 0 when it may.
        registered: `[login, name, at]` of each user who registered it: only of who asks, without the right to all.
    """

    device: int
    name: str
    serial: str
    expires: int
    last_seen: int
    revoked_at: int
    registered: tuple[tuple[str, str, int], ...]


class Devices(Outcome, frozen=True, tag="devices"):
    """Devices, by number.

    Attributes:
        rows: the devices.
        more: whether there are others after these.
    """

    rows: tuple[DeviceRow, ...]
    more: bool


class RenameDevice(Wish, frozen=True, tag="devices.rename"):
    """Give a registered device another name. Everybody may for those registered for them. Answered by `done`.

    Attributes:
        device: its number.
        name: the name.
        login: for whom it is registered; empty for who asks.
    """

    device: Id
    name: Name
    login: Name = ""


class RevokeDevice(Wish, frozen=True, tag="devices.revoke"):
    """Let a device connect no more, ever: its certificates are revoked, its sessions closed. Sensitive.

    Everybody may for a device that is registered for nobody else. Answered by `done`, once all is closed.

    Attributes:
        device: its number.
        reason: for the list of revocations.
    """

    device: Id
    reason: Word = ""


class ForgetDevice(Wish, frozen=True, tag="devices.forget"):
    """Register a device no longer: the PIN is asked on it again. Everybody may for themselves. Answered by `done`.

    Attributes:
        device: its number.
        login: for whom it is registered; empty for who asks.
    """

    device: Id
    login: Name = ""


class EnrolDevices(Wish, frozen=True, tag="devices.enrolment"):
    """Write a `ParamClient` file, which enrols devices. Sensitive. Answered by `letter`.

    Attributes:
        uses: how many devices.
        hours: for how long.
    """

    uses: Uses = 1
    hours: Hours = 1


class Letter(Outcome, frozen=True, tag="letter"):
    """A `ParamClient` file: whoever has it may enrol a device.

    Attributes:
        content: its bytes.
    """

    content: bytes
