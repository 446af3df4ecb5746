"""What a session may ask and change inside a base, checked at each request and each fact. Pure; knows no session.

Default deny: a request without a line in `RULES` is refused, a kind without a level is neither seen nor changed.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn

import msgspec

from hpserver.base.changes import Applied, Change
from hpserver.base.clashes import Clash
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS, kind_of
from hpserver.base.rules.api import Breach
from hpserver.errors import NotAllowedError, StillReferencedError, UnknownObjectError
from hpserver.identity.profiles import BUILT_IN, NOTHING, Rights, read_rights, write_rights
from hpserver.planning.naming import check_named, completed, missing, was_seen
from hpserver.planning.projection import Lens, maybe_sight
from hpserver.planning.undo import Target
from hpserver.protocol import messages as m

KNOWN_PROFILES: Final = 64
"""Profiles whose rights are kept ready: more than a school gives out."""

Rule = Literal["view", "change", "presence", "object", "timeline", "administrate", "bring", "branch"]
"""`view`: answered from the base as it is seen. `change`: each fact is checked. `presence`: holds are filtered.
`object`: it must be there for us. `timeline`: of an object that is seen.
`administrate`: for who has that action. `bring`: a base for who administrates, changes for who imports and sees all.
`branch`: for who imports and sees all."""

RULES: Final[dict[type[m.Message], Rule]] = {
    m.FetchSnapshot: "view",
    m.Follow: "view",
    m.GetTimetable: "view",
    m.GetObjects: "view",
    m.GetFreePlaces: "view",
    m.GetDiagnosis: "view",
    m.GetRepairs: "view",
    m.GetFreeRooms: "view",
    m.GetFreeSlots: "view",
    m.GetReport: "view",
    m.Transact: "change",
    m.Undo: "change",
    m.Redo: "change",
    m.RestoreObject: "change",
    m.GetPresence: "presence",
    m.Hold: "object",
    m.Release: "presence",
    m.GetTimeline: "timeline",
    m.GetChanges: "view",
    m.StartUpload: "bring",
    m.UploadChunk: "bring",
    m.FinishUpload: "bring",
    m.CancelUpload: "bring",
    m.ListBases: "administrate",
    m.ListBranches: "branch",
    m.CompareBranch: "branch",
    m.AcceptBranch: "branch",
    m.UpdateBranch: "branch",
    m.DropBranch: "branch",
}
"""How each request of somebody inside a planning is kept within rights."""

_raw: Final = msgspec.msgpack.Encoder().encode
_value: Final = msgspec.msgpack.Decoder()
_changes: Final = msgspec.msgpack.Decoder(list[list[Any]])
_clashes: Final = msgspec.msgpack.Decoder(tuple[Clash, ...])
_breaches: Final = msgspec.msgpack.Decoder(tuple[Breach, ...])


class Access:
    """The rights of a session, ready to be checked. `sight` is None for who sees everything."""

    __slots__ = ("_editable", "_full", "profile", "rights", "sight")

    def __init__(self, profile: str, rights: Rights) -> None:
        self.profile, self.rights = profile, rights
        self.sight = maybe_sight(rights)
        self._editable = frozenset(name for name, kind in KINDS.items() if rights.level(name, kind.domain) == "edit")
        self._full = self.sight is None and len(self._editable) == len(KINDS)

    @property
    def digest(self) -> bytes:
        """Name the sight for replicas; empty for who sees everything."""
        return b"" if self.sight is None else self.sight.digest

    def lens(self, planning: Planning) -> Lens | None:
        """Look at a base as it is now; None for who sees everything."""
        return None if self.sight is None else Lens(planning, self.sight)

    # --- requests -------------------------------------------------------------------------------------------

    def may_ask(self, planning: Planning, request: m.Message) -> None:
        """Raises NotAllowedError or UnknownObjectError when the request is not for this session."""
        rule = RULES.get(type(request))
        if rule is None:
            raise NotAllowedError(f"no right is known for {type(request).__name__}", profile=self.profile)
        if rule == "bring":
            self._may_bring(request)
        if rule == "branch" and (not self.rights.may("import") or self.sight is not None):
            self._refuse_action("import", "take branches over")
        if rule == "administrate" and not self.rights.may("administrate"):
            self._refuse_action("administrate", "bring in or list bases")
        if rule in {"administrate", "bring", "branch"} or self.sight is None or rule in {"view", "change", "presence"}:
            return
        if rule == "timeline" and self.sight.categories:
            raise NotAllowedError(
                f"the history is for profiles that see the whole base: {self.profile} sees a part of it",
                profile=self.profile,
            )
        assert isinstance(request, m.Hold | m.GetTimeline)
        lens = Lens(planning, self.sight)
        if not (lens.shows if rule == "object" else lens.sees)(request.kind, request.key):
            raise missing(request.kind, request.key)

    def _may_bring(self, request: m.Message) -> None:
        """What goes on with an upload needs no more: an upload is its user's."""
        if self.rights.may("administrate"):
            return
        if isinstance(request, m.StartUpload) and not request.reading:
            self._refuse_action("administrate", "bring in or list bases")
        if not self.rights.may("import") or self.sight is not None:
            self._refuse_action("import", "bring in files")

    def may_read(self, kind: str) -> bool:
        """Return whether any object of a kind may be seen."""
        return self.sight is None or kind in self.sight.kinds

    # --- changes --------------------------------------------------------------------------------------------

    @property
    def edits(self) -> bool:
        """Whether anything may be changed."""
        return bool(self._editable)

    def may_wish(self, *, force: bool) -> None:
        """Raises NotAllowedError when this profile changes nothing, or forces nothing and should."""
        if not self._editable:
            raise NotAllowedError(f"the profile {self.profile} does not edit", profile=self.profile)
        if force and not self.rights.may("force"):
            self._refuse_action("force", "put anything where it clashes")

    def may_name(self, planning: Planning, changes: Sequence[Change]) -> None:
        """Raises UnknownObjectError when a wish names what is not seen, as when it names what is not there.

        NotAllowedError: when it is of what is a blank. To be asked before a wish is held against anything.
        """
        lens = self.lens(planning)
        if lens is None:
            return
        check_named(lens, planning, changes)
        for change in changes:
            if lens.shows(change.kind, change.key) and not lens.sees(change.kind, change.key):
                self._refuse(change.kind, change.key, "it is not for that profile")

    def may_restore(self, planning: Planning, changes: Sequence[Change]) -> bool:
        """Return whether what is made what it was, the first of these, is seen, or would be again."""
        lens = self.lens(planning)
        return lens is None or was_seen(lens, planning, changes[0])

    def may_reverse(self, planning: Planning, user: str, target: Target) -> None:
        """Raises NotAllowedError when `user` may not take back what somebody did, or may not see it."""
        author, lens = target.user, self.lens(planning)
        if (
            user != author
            and lens is not None
            and not all(was_seen(lens, planning, fact.undone()) for fact in target.facts)
        ):
            text = f"revision {target.revision} changed something that the profile {self.profile} may not see"
            raise NotAllowedError(f"{text}. Ask an administrator of the planning.", profile=self.profile)
        if user != author and not self.rights.may("undo_others"):
            self._refuse_action("undo_others", f"take back what {author} did")

    def apply(self, planning: Planning, changes: Sequence[Change], *, complete: bool, entered: bool = True) -> Applied:
        """Apply a wish, once it is known that each of its facts is allowed; else nothing is changed.

        With `complete`, what a list holds and is not seen stays in it. Raises HPError as `Planning.apply`, and
        NotAllowedError with what is missing.
        """
        lens = self.lens(planning)
        if lens is not None:
            if entered:
                self.may_name(planning, changes)
            else:
                self._may_bring_back(lens, planning, changes)
            changes = [completed(lens, planning, change) if complete else change for change in changes]
        try:
            applied = planning.apply(changes, entered=entered)
        except StillReferencedError as error:
            if lens is not None and not lens.sees(str(error.details["by_kind"]), int(str(error.details["by_key"]))):
                raise self._unseen(str(error.details["kind"]), int(str(error.details["key"]))) from None
            raise
        try:
            self.may_change(planning, applied)
        except BaseException:
            planning.revert(applied)
            raise
        return applied

    def may_change(self, planning: Planning, applied: Applied) -> None:
        """Check every fact of the transaction applied last, those of parts that went with their whole too.

        Raises NotAllowedError with details kind, key, profile.
        """
        if self._full:
            return
        for index, change in enumerate(applied.changes):
            if change.kind in self._editable:
                continue
            if index and applied.after[index] is None and not self.may_read(change.kind):  # a part, which is not named
                raise self._unseen(applied.changes[0].kind, applied.changes[0].key)
            self._refuse(change.kind, change.key, "changing objects of that kind is not among its rights")
        if self.sight is None:
            return
        after = self._named_unseen(Lens(planning, self.sight), applied, applied.after)
        planning.revert(applied)
        try:
            before = self._named_unseen(Lens(planning, self.sight), applied, applied.before)
        finally:
            planning.replay(applied.changes)
        for change, fields in zip(applied.changes, applied.fields, strict=True):
            for field in fields:
                where = (change.kind, change.key, field)
                if where in after and after[where] != before.get(where, frozenset()):
                    raise self._unseen(change.kind, change.key)

    # --- within ---------------------------------------------------------------------------------------------

    def _named_unseen(
        self, lens: Lens, applied: Applied, rows: Sequence[Any]
    ) -> dict[tuple[str, int, str], frozenset[int]]:
        """Return, of each field touched, what it names that is not seen. Raises NotAllowedError: a row is not seen."""
        found = {}
        last = {(change.kind, change.key): index for index, change in enumerate(applied.changes)}
        first = {(one.kind, one.key): i for i, one in reversed(list(enumerate(applied.changes)))}
        chosen = last if rows is applied.after else first
        for (kind, key), index in chosen.items():
            row = rows[index]
            if row is None:
                continue
            if not lens.sees(kind, key):
                if index and applied.after[index] is None and not lens.shows(kind, key):  # a part, which is not named
                    raise self._unseen(applied.changes[0].kind, applied.changes[0].key)
                self._refuse(kind, key, "it is, or would be, outside the categories of that profile")
            for field in kind_of(kind).refs:
                found[kind, key, field] = frozenset(lens.hidden(kind, field, getattr(row, field)))
        return found

    def _may_bring_back(self, lens: Lens, planning: Planning, changes: Sequence[Change]) -> None:
        """Refuse what the journal names and is not seen: the wisher did not name it, and is not told its name."""
        try:
            check_named(lens, planning, changes, held=True)
        except UnknownObjectError as error:
            named = {(change.kind, change.key) for change in changes}
            if (str(error.details["kind"]), int(str(error.details["key"]))) in named:
                raise
            raise self._unseen(changes[0].kind, changes[0].key) from None

    def _refuse(self, kind: str, key: int, why: str) -> NoReturn:
        label = KINDS[kind].en.lower()
        text = f"the profile {self.profile} may not change {label} {key}: {why}. Ask an administrator of the planning."
        raise NotAllowedError(text, kind=kind, key=key, profile=self.profile)

    def _refuse_action(self, action: str, what: str) -> NoReturn:
        text = f"the profile {self.profile} may not {what}. Ask an administrator of the planning."
        raise NotAllowedError(text, profile=self.profile, action=action)

    def _unseen(self, kind: str, key: int) -> NotAllowedError:
        text = f"{KINDS[kind].en.lower()} {key} is tied to something that the profile {self.profile} may not see"
        return NotAllowedError(
            f"{text}. Ask an administrator of the planning.", kind=kind, key=key, profile=self.profile
        )


def access_of(profile: str, rights: Rights) -> Access:
    """Return what a profile gives: one object for all sessions that have the same, however many there are."""
    return _access_of(profile, write_rights(rights))


@lru_cache(maxsize=KNOWN_PROFILES)
def _access_of(profile: str, rights: str) -> Access:
    return Access(profile, read_rights(rights))


ADMINISTRATION: Final = Access("Administration", BUILT_IN["Administration"])
NOBODY: Final = Access("", NOTHING)


def redacted(lens: Lens, answer: m.Message, own: Applied | None = None) -> m.Message:
    """Return an answer without what is not seen: objects that are not there for us become 0, values lose them.

    `own` is what the answer is about: what it made is known to who wished it.
    """
    made = set() if own is None else {(change.kind, change.key) for change in own.changes}

    def shown(kind: str, key: int) -> int:
        return key if key == 0 or (kind, key) in made or lens.shows(kind, key) else 0

    if isinstance(answer, m.Conflicted):
        conflicts = tuple(_redacted_conflict(lens, one) for one in answer.conflicts)
        return m.Conflicted(answer.id, answer.revision, conflicts)
    if isinstance(answer, m.Clashed | m.Weighed):
        clashes = [_redacted_clash(shown, one) for one in _clashes.decode(answer.clashes)]
        breaches = [_redacted_breach(shown, one) for one in _breaches.decode(answer.breaches)]
        raw = msgspec.Raw(_raw(clashes)), msgspec.Raw(_raw(breaches))
        return type(answer)(answer.id, answer.revision, *raw, answer.cost)
    if isinstance(answer, m.Timeline):
        rows = tuple(_redacted_row(lens, row) for row in answer.rows)
        return m.Timeline(answer.id, answer.revision, rows, answer.before)
    return answer


def _redacted_clash(shown: Callable[[str, int], int], clash: Clash) -> Clash:
    return msgspec.structs.replace(
        clash,
        key=shown(clash.kind, clash.key),
        other_key=shown(clash.other_kind, clash.other_key),
        activity=shown("activity", clash.activity),
        other=shown("activity", clash.other),
    )


def _redacted_breach(shown: Callable[[str, int], int], breach: Breach) -> Breach:
    source = "availability" if breach.rule == "availability" else "constraint"
    return msgspec.structs.replace(
        breach,
        constraint=shown(source, breach.constraint),
        key=shown(breach.kind, breach.key) if breach.kind in KINDS else breach.key,
        activities=tuple(key for key in breach.activities if shown("activity", key)),
    )


def _redacted_conflict(lens: Lens, conflict: m.FieldConflict) -> m.FieldConflict:
    """Show both values as they are seen, and of an object that is not seen no value at all."""
    nil = msgspec.Raw(_raw(None))
    yours = theirs = nil
    if conflict.field:
        if lens.sees(conflict.kind, conflict.key):
            yours, theirs = (
                msgspec.Raw(_raw(lens.clean(conflict.kind, conflict.field, _value.decode(value))))
                for value in (conflict.yours, conflict.theirs)
            )
    elif (row := lens.maybe_row(conflict.kind, conflict.key)) is not None and _value.decode(
        conflict.theirs
    ) is not None:
        theirs = msgspec.Raw(_raw(row))
    return msgspec.structs.replace(conflict, yours=yours, theirs=theirs)


def _redacted_row(lens: Lens, row: m.HistoryRow) -> m.HistoryRow:
    """Of a transaction, what it did to what is seen; its reason may name anything, and is left out."""
    told = []
    for change in _changes.decode(row.changes):
        _, kind, key, *values = change
        if lens.sees(kind, key):
            told.append([*change[:3], *(_cleaned(lens, kind, value) for value in values)])
    return msgspec.structs.replace(row, why="", changes=msgspec.Raw(_raw(told)))


def _cleaned(lens: Lens, kind: str, fields: Any) -> Any:
    return {name: lens.clean(kind, name, value) for name, value in fields.items()} if isinstance(fields, dict) else None


__all__ = ["ADMINISTRATION", "NOBODY", "RULES", "Access", "redacted"]
