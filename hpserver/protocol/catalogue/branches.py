"""Messages about branches of the base in service: listed, compared, taken over, brought up to date. Knows no file."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.fields import Answer, Key, Name, Operation, Request, Revision, Word

MAX_NAMED = 1000
"""Objects that one request may name."""

Objects = Annotated[tuple[tuple[Word, Key], ...], msgspec.Meta(max_length=MAX_NAMED)]


class ListBranches(Request, frozen=True, tag=120):
    """Client, who may import and sees everything: which branches has this base? Answered by Branches or Failed."""


class BranchRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A branch.

    Attributes:
        name: of the branch, which is a base of the account.
        revision: of the base when the branch was forked, or brought up to date.
    """

    name: str
    revision: Revision


class Branches(Answer, frozen=True, tag=121):
    """Server: the branches of the base.

    Attributes:
        branches: array of BranchRow.
    """

    branches: tuple[BranchRow, ...]


class CompareBranch(Request, frozen=True, tag=122):
    """Client, who may import and sees everything: what was done on a branch? Answered by BranchCompared or Failed.

    Attributes:
        branch: its name.
    """

    branch: Name


class BranchCompared(Answer, frozen=True, tag=123):
    """Server: what was done on the branch, and what others changed in the base too.

    Attributes:
        revision: of the base, that it is compared with.
        count: objects that differ; `differences` are the first of them, as many as fit.
        differences: array of `[kind, key, how, [[field, before, after], ...]]`; `how` is `created`, `changed`
            or `deleted`.
        conflicting: fields that both sides changed; `conflicts` are the first of them, as many as fit.
        conflicts: array of `[kind, key, field, origin, branch, current]`, the field empty for the object itself.
    """

    revision: Revision
    count: int
    differences: msgspec.Raw
    conflicting: int
    conflicts: msgspec.Raw


class AcceptBranch(Request, frozen=True, tag=124):
    """Client: take a branch over into the base, as one transaction of any size: all of it is done, or nothing.

    What both sides changed stays as the base has it, unless it is insisted on. Each change is checked as one of
    Transact would be; what others write meanwhile merges, or is in conflict, in the same way. For who may import and
    sees everything. Answered by Committed, Clashed, Conflicted, Weighed (of a dry run) or Failed. The keys of what
    was created are not told. Then UpdateBranch lets the branch know.

    Attributes:
        operation: 16 random bytes: sent again, it is not done again.
        branch: its name.
        only: `[kind, key]` of the objects to take over, with what they need; all of them when empty.
        insist: `[kind, key]` of the objects for which the branch's side stands where both sides changed.
        force: accept clashes.
        dry_run: say what would clash and what it would cost; do nothing.
    """

    operation: Operation
    branch: Name
    only: Objects = ()
    insist: Objects = ()
    force: bool = False
    dry_run: bool = False

    @property
    def why(self) -> str:
        """What the history says of it."""
        return f"branch {self.branch}"


class DropBranch(Request, frozen=True, tag=125):
    """Client, who may import and sees everything: forget a branch that is loaded nowhere. Answered by BranchDropped.

    Attributes:
        branch: its name.
    """

    branch: Name


class BranchDropped(Answer, frozen=True, tag=127):
    """Server: nothing is left of it."""


class UpdateBranch(Request, frozen=True, tag=128):
    """Client, who may import and sees everything: let a branch know what the base took over of it.

    The branch starts anew from the base as it is now, with what is left. Answered by BranchUpdated or Failed.

    Attributes:
        branch: its name.
        revision: of Committed; the transaction that took it over.
        only: as it was taken over.
        insist: as it was taken over.
    """

    branch: Name
    revision: Revision
    only: Objects = ()
    insist: Objects = ()


class BranchUpdated(Answer, frozen=True, tag=129):
    """Server: the branch is up to date.

    Attributes:
        left: objects that still differ.
        conflicts: fields that both sides had changed, and that were left as the base has them.
    """

    left: int
    conflicts: int
