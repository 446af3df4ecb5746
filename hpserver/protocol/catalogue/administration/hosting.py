"""Wishes about the controller, the plannings and the bases of an account. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Outcome, PageSize, Wish
from hpserver.protocol.catalogue.fields import Name, Word

Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", max_length=10)]
Small = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1_440)]
FileBytes = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
DomainName = Annotated[str, msgspec.Meta(max_length=253)]
Reachable = Annotated[tuple[Word, ...], msgspec.Meta(max_length=8)]


class GetHosting(Wish, frozen=True, tag="hosting.get"):
    """What is hosted, and how is it? Answered by `hosting`."""


class PlanningRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One planning.

    Attributes:
        key: the planning's number.
        name: its technical name.
        publication_name: the name that people see.
        domain: its name: one of its own, or the technical one with the account's domain, which leads here always.
        port: the port of its own.
        timezone: an IANA name.
        base: the base that is loaded; empty for none.
        desired: what is wished, `up` or `down`.
        state: what it is: `starting`, `live`, `frozen`, `draining`, `stopped` or `failed`.
        reason: why it is not as wished; empty when it is.
        counters: what its process counts: `sessions`, `revision`, the objects of each kind, and others.
        saved_at: when the base was edited last, UTC in milliseconds since 1970; 0 for never.
        net: whether its licence is for the web publication too.
    """

    key: int
    name: str
    publication_name: str
    domain: str
    port: int
    timezone: str
    base: str
    desired: str
    state: str
    reason: str
    counters: dict[str, int]
    saved_at: int
    net: bool = False


class Hosting(Outcome, frozen=True, tag="hosting"):
    """A hosting account.

    Attributes:
        number: its hosting number.
        name: of the school.
        domain: of the controller.
        port: of the controller.
        desired: what is wished of the controller, `up` or `down`.
        state: what the controller is, as for a planning.
        reason: why it is not as wished; empty when it is.
        plannings: the plannings, by name.
        bases: the names of the bases there are, loaded or not; to a base administrator those that they may load.
        zone: the domain that the account was opened with, for ever; that of the controller is it, or below it.
        licence: version of the contract that was accepted; empty before.
    """

    number: str
    name: str
    domain: str
    port: int
    desired: str
    state: str
    reason: str
    plannings: tuple[PlanningRow, ...]
    bases: tuple[str, ...]
    zone: str = ""
    licence: str = ""


class NameController(Wish, frozen=True, tag="controller.name"):
    """Give the controller another domain. For the hosting manager. Sensitive. Answered by `hosting`.

    The certificate of the servers has the name before the answer; the domain that the account was opened with goes on
    leading here, and a name the controller had in between does no more.

    Attributes:
        domain: below the domain that the account was opened with, or one label; that domain itself when empty.
    """

    domain: DomainName = ""


class GetDns(Wish, frozen=True, tag="hosting.dns"):
    """What is to be written in the school's DNS? Answered by `dns`. For the hosting manager.

    Attributes:
        addresses: where clients reach this machine; as it is known here when empty.
    """

    addresses: Reachable = ()


class Dns(Outcome, frozen=True, tag="dns"):
    """Lines that make the names of an account lead to its server.

    Attributes:
        names: every name, that of the controller first.
        addresses: where they lead.
        zone: the records of a zone file.
        hosts: the lines of a hosts file, where there is no zone to write in.
    """

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    zone: tuple[str, ...]
    hosts: tuple[str, ...]


class StartController(Wish, frozen=True, tag="controller.start"):
    """Put the controller in service; one that has failed is tried again. Answered by `done`, before it runs."""


class StopController(Wish, frozen=True, tag="controller.stop"):
    """Stop the controller; plannings in service stay so. Sensitive. Answered by `done`, before it has stopped."""


class AddPlanning(Wish, frozen=True, tag="plannings.add"):
    """Add a planning, with a port of its own. For the hosting manager. Answered by `hosting`.

    Attributes:
        planning: its technical name: a lower-case letter, then letters, digits, hyphens.
        publication_name: the name that people see; the technical one when empty.
    """

    planning: Name
    publication_name: Name = ""


class RenamePlanning(Wish, frozen=True, tag="plannings.rename"):
    """Give a stopped planning another technical name. For the hosting manager. Answered by `hosting`.

    Attributes:
        planning: its name until now.
        name: its name from now on.
    """

    planning: Name
    name: Name


class RemovePlanning(Wish, frozen=True, tag="plannings.remove"):
    """Remove a stopped planning and the profiles given there; its base stays. For the hosting manager. Sensitive.

    Answered by `hosting`.

    Attributes:
        planning: its name.
    """

    planning: Name


class SetPlanning(Wish, frozen=True, tag="plannings.set"):
    """Say where a planning is found, which time it has, and what its licence is. For the hosting manager.

    Answered by `hosting`.

    Attributes:
        planning: its name.
        domain: below the domain that the account was opened with, or one label; its first one when empty; as it is when
            null.
        timezone: an IANA name, of the bases created from then on; as it is when null.
        net: whether the licence is for the web publication too; as it is when null.
    """

    planning: Name
    domain: DomainName | None = None
    timezone: Word | None = None
    net: bool | None = None


class SetPublication(Wish, frozen=True, tag="plannings.publication"):
    """Give a planning another name for people. Answered by `hosting`.

    Attributes:
        planning: its technical name.
        publication_name: the name that people see.
    """

    planning: Name
    publication_name: Name


class StartPlanning(Wish, frozen=True, tag="plannings.start"):
    """Put a planning in service; one that has failed is tried again. Answered by `done`, before it runs.

    Attributes:
        planning: its name.
    """

    planning: Name


class StopPlanning(Wish, frozen=True, tag="plannings.stop"):
    """Stop a planning; who is inside is told, what was acknowledged is kept.

    Answered by `done`, before it has stopped, with how many were inside.

    Attributes:
        planning: its name.
    """

    planning: Name


class CreateBase(Wish, frozen=True, tag="bases.create"):
    """Create an empty base, load it into a stopped planning and put it in service. Answered by `done`.

    Attributes:
        planning: the planning that is to have it.
        base: its name.
        first_monday: the first day of the timetable, as `2026-08-31`.
        last_sunday: the last day; 1 to 62 weeks in all.
        days: working days, the sum of 1 for Monday, 2 for Tuesday, 4 for Wednesday and so on.
        sequences: in a day.
        sequence_minutes: in a sequence.
        division: time steps in a sequence: 1, 2, 3, 4, 6 or 12.
        day_start: when the first sequence begins, in minutes after midnight.
        timezone: an IANA name; that of the planning when empty.
    """

    planning: Name
    base: Name
    first_monday: Day
    last_sunday: Day
    days: Small = 31
    sequences: Small = 12
    sequence_minutes: Minutes = 60
    division: Small = 2
    day_start: Minutes = 480
    timezone: Word = ""


class LoadBase(Wish, frozen=True, tag="bases.load"):
    """Put a base of the account into a stopped planning; it is not put in service. Answered by `done`.

    Attributes:
        planning: the planning that is to have it.
        base: its name.
    """

    planning: Name
    base: Name


class UnloadBase(Wish, frozen=True, tag="bases.unload"):
    """Take the base out of a stopped planning; it stays in the account. Answered by `done`.

    Attributes:
        planning: the planning that has it.
    """

    planning: Name


class UploadBase(Wish, frozen=True, tag="bases.upload"):
    """Take in an exported base or a backup as a new base, which is loaded nowhere. Answered by `begun`.

    Its bytes follow at the console, or from a command of the server; a client sends them to the planning itself, with
    StartUpload. What is not followed by bytes ends within a minute.

    Attributes:
        planning: the planning that it is for: who administers it may.
        base: the name that the base is to have.
        bytes: of the file, at most.
    """

    planning: Name
    base: Name
    bytes: FileBytes


class ExportBase(Wish, frozen=True, tag="bases.export"):
    """Write a copy of a base with its history, in service or not, and prove it. Sensitive. Answered by `begun`.

    The copy waits an hour at the console, for who asked.

    Attributes:
        planning: a planning; a base administrator takes the base that is loaded there.
        base: its name; the one that is loaded when empty.
    """

    planning: Name
    base: Name = ""


class ListBases(Wish, frozen=True, tag="bases.list"):
    """Which bases are there? Answered by `bases`.

    Attributes:
        after: the name after which to begin; empty for the first.
        limit: how many at most.
    """

    after: Name = ""
    limit: PageSize = MAX_PAGE


class BaseRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One base.

    Attributes:
        name: its name.
        planning: the planning it is loaded in; empty for none.
        branch_of: the base it was forked from; empty when it is no branch.
        size: bytes on disk.
        saved_at: when it was written last, UTC in milliseconds since 1970.
        backed_up_at: when its last backup was taken, the same; 0 for never.
        verified_at: when that backup was rebuilt and found to be the same, the same; 0 for never.
        backup_failed: why there is no newer backup, the name of the error; empty when the last one went well.
    """

    name: str
    planning: str
    branch_of: str
    size: int
    saved_at: int
    backed_up_at: int = 0
    verified_at: int = 0
    backup_failed: str = ""


class Bases(Outcome, frozen=True, tag="bases"):
    """The bases of an account, by name.

    Attributes:
        rows: the bases.
        more: whether there are others after these.
    """

    rows: tuple[BaseRow, ...]
    more: bool
