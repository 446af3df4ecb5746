"""Wishes about how an account is protected, and what is kept of who came in. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import Outcome, Wish
from hpserver.protocol.catalogue.fields import Name, Word

Measures = Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=8)]
RenewalDays = Annotated[int, msgspec.Meta(ge=1, le=3650)]
SessionHours = Annotated[int, msgspec.Meta(ge=1, le=12)]
IdleMinutes = Annotated[int, msgspec.Meta(ge=0, le=720)]
SessionCount = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class GetSecurity(Wish, frozen=True, tag="security.get"):
    """How is the account protected? Answered by `security`."""


class SetSecurity(Wish, frozen=True, tag="security.set"):
    """Protect the account another way; nil leaves a value as it is. Sensitive. Answered by `security`.

    Attributes:
        measures: those users may choose from: `none`, `notification`, `pin`. Who has another one chooses again.
        renewal: what becomes of an old password: `none`, `notify` or `force`.
        renewal_days: from how many days a password is old.
        session_hours: how long a session lasts, whatever it does.
        idle_minutes: how long it lasts when nobody does anything; 0 for as long as any session.
        sessions: how many a user has at once, at the controller and in each planning; 0 for any number.
        codes: whether who forgot a PIN may have a code sent by mail.
    """

    measures: Measures | None = None
    renewal: Word | None = None
    renewal_days: RenewalDays | None = None
    session_hours: SessionHours | None = None
    idle_minutes: IdleMinutes | None = None
    sessions: SessionCount | None = None
    codes: bool | None = None


class Security(Outcome, frozen=True, tag="security"):
    """How the account is protected.

    Attributes:
        measures: those users may choose from.
        renewal: what becomes of an old password: `none`, `notify` or `force`.
        renewal_days: from how many days a password is old.
        session_hours: how long a session lasts, whatever it does.
        idle_minutes: how long it lasts when nobody does anything; 0 for as long as any session.
        sessions: how many a user has at once, at the controller and in each planning; 0 for any number.
        codes: whether who forgot a PIN may have a code sent by mail.
    """

    measures: tuple[str, ...]
    renewal: str
    renewal_days: int
    session_hours: int
    idle_minutes: int
    sessions: int
    codes: bool = False


class ListAddresses(Wish, frozen=True, tag="addresses.list"):
    """From where did a user come in? Everybody may ask it of themselves. Answered by `addresses`.

    Attributes:
        login: whom; empty for who asks.
    """

    login: Name = ""


class Addresses(Outcome, frozen=True, tag="addresses"):
    """Addresses that a user came in from, the last ones first.

    Attributes:
        rows: `[address, at]`, UTC in milliseconds since 1970.
    """

    rows: tuple[tuple[str, int], ...]
