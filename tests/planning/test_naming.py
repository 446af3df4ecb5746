"""Every request of a planning, from each profile, about what it sees and what it does not: nothing hidden comes out.

Each object bears a number and texts that nothing else bears, so that what comes out can be searched for them.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest

from hpserver.base.changes import create, delete, update
from hpserver.base.model import activity_and_week, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.snapshot import decode_snapshot
from hpserver.identity.profiles import BUILT_IN, Action, Level, Rights
from hpserver.planning.projection import Lens, maybe_sight
from hpserver.planning.rights import RULES
from hpserver.protocol import messages as m
from tests.desk import EPOCH, Desk
from tests.rights import a_marked_base, marks_in

FAR = 110_000
"""The keys of a kind begin here, and those of the next one `SPAN` later: unlike revisions, weeks, places and times."""
SPAN = 1_000
NOWHERE = 777
"""A key that no object has."""
EVERYTHING: tuple[Action, ...] = ("force", "undo_others")
HIDDEN_KINDS = ("room", "instructor", "student", "subject", "comment", "constraint", "availability")
NUMBERS = {name: FAR + SPAN * at for at, name in enumerate(sorted(KINDS))}


def far(kind: str, key: int) -> int:
    """Return the key that stands for a small one."""
    if kind == "meeting":
        activity, week = activity_and_week(key)
        return meeting_key(far("activity", activity), week)
    return NUMBERS[kind] + key


@cache
def _changes() -> tuple[Any, ...]:
    small = a_marked_base()
    changes = []
    for name, kind in KINDS.items():
        for key, row in small.rows(name).items():
            fields = values_of(row)
            for field, target in kind.refs.items():
                fields[field] = _moved(target, fields[field])
            changes.append(create(name, far(name, key), **fields))
    return tuple(changes)


def _moved(target: str, value: Any) -> Any:
    if isinstance(value, int):
        return far(target, value)
    return None if value is None else [far(target, key) for key in value]


def profiles() -> dict[str, Rights]:
    """Return sights of all sorts: by kind, by category, both, nothing; to read and to edit."""
    ours = (far("category_value", 1),)
    found = {"nothing": Rights(), "by category, to read": Rights(others="read", categories=ours)}
    levels: tuple[Level, ...] = ("read", "edit")
    for level in levels:
        for kind in HIDDEN_KINDS:
            rights = Rights(others=level, kinds={kind: "none"}, actions=EVERYTHING if level == "edit" else ())
            found[f"without {kind}, to {level}"] = rights
    found["by category"] = Rights(others="edit", categories=ours)
    found["by category, who takes back"] = Rights(others="edit", categories=ours, actions=EVERYTHING)
    found["by category, without rooms"] = Rights(
        others="edit", categories=ours, kinds={"room": "none"}, actions=EVERYTHING
    )
    found["Consultation"] = BUILT_IN["Consultation"]
    return found


class Stage:
    """A planning with a past: `ada` changed and deleted some of everything, `bob` has a profile."""

    def __init__(self, rights: Rights) -> None:
        planning = Planning(a_marked_base().grid)
        planning.apply(_changes())
        self.desk = Desk(planning)
        self.everything = {(name, key) for name in KINDS for key in planning.rows(name)}
        self.ada = self.desk.follow("ada")
        self.bob = self.desk.follow("bob", profile="Ours", rights=rights)
        sight = maybe_sight(rights)
        lens = None if sight is None else Lens(planning, sight)
        self.shown = {one for one in self.everything if lens is None or lens.shows(*one)}
        self.hidden = self.everything - self.shown
        self._past()
        self.texts = self._texts(planning)
        self.desk.heard(self.bob)

    def _past(self) -> None:
        """Every object gets another text, then some go: each in a transaction of its own."""
        planning = self.desk.engine.planning
        for kind, key in sorted(self.everything):
            for name in {"memo", "name", "text", "code"} & KINDS[kind].by_name.keys():
                change = update(kind, key, **{name: f"§9{key}9§"})
                self.desk.tell(self.ada, self.desk.transact(3, change, force=True, why=f"§8{key}8§"))
        for kind in ("comment", "grade", "room_pool", "constraint"):
            for key in list(planning.rows(kind)):
                self.desk.tell(self.ada, self.desk.transact(3, delete(kind, key), force=True))
                self.desk.sync()
                self.desk.tell(self.ada, m.Undo(3, 0, f"{kind:.8}{key:08}".encode().ljust(16)[:16]))
                self.desk.sync()
        for kind, key in sorted(self.everything):
            self.desk.tell(self.ada, m.Hold(4, 0, kind, key))
        self.desk.sync()

    def _texts(self, planning: Planning) -> set[bytes]:
        told = set[bytes]()
        for kind, key in self.hidden:
            told |= marks_in(msgspec.msgpack.encode(planning.get(kind, key)))
            told.add(b"8%d8" % key)
        return told

    def snapshots(self) -> list[list[Any]]:
        """Return the rows of the snapshots that bob took since the last call."""
        bases = [decode_snapshot(one.payload) for one in self.desk.transfers(self.bob)]
        return [[(key, values_of(row)) for name in KINDS for key, row in base.rows(name).items()] for base in bases]

    def ask(self, request: m.Message) -> list[m.Message]:
        """Have bob ask, and return what he hears."""
        self.desk.tell(self.bob, request)
        self.desk.sync()
        return self.desk.heard(self.bob)


def requests(stage: Stage, kind: str, key: int) -> Iterator[m.Message]:
    """Yield every request that may name an object, and each way of changing something with it."""
    numbers, head = iter(range(1, 10_000)), stage.desk.engine.head
    shown = dict(sorted(stage.shown))

    def operation() -> bytes:
        return f"{kind:.8}{next(numbers):08}".encode().ljust(16)[:16]

    activity = shown.get("activity", far("activity", NOWHERE - 1))
    yield m.GetTimetable(9, 0, kind, key, 1)
    yield m.GetObjects(9, 0, kind, (key,))
    yield m.GetFreePlaces(9, 0, key)
    yield m.GetDiagnosis(9, 0, key)
    yield m.GetDiagnosis(9, 0, activity, (key,), 1)
    yield m.GetRepairs(9, 0, key, 2)
    yield m.GetFreeRooms(9, 0, 0, 1, 15, 0, key, key, (key,), key)
    yield m.GetFreeRooms(9, 0, 0, 1, 15, activity=key)
    yield m.GetFreeSlots(9, 0, ((kind, key),), 1, 15)
    yield m.Hold(9, 0, kind, key)
    yield m.Release(9, 0, kind, key)
    yield m.GetTimeline(9, 0, kind, key)
    for seen in (0, head):
        for dry_run in (True, False):
            for change in (
                update(kind, key, memo="x"),
                update(kind, key, name="x"),
                update(kind, key),
                delete(kind, key),
            ):
                yield m.Transact(9, 0, operation(), seen, msgspec.Raw(_packed(change)), dry_run=dry_run)
        yield m.RestoreObject(9, 0, operation(), kind, key, 1, seen)
        yield m.RestoreObject(9, 0, operation(), kind, key, head, seen)
    for other, spec in KINDS.items():
        for field, target in spec.refs.items():
            if target == kind and other in shown:
                value = [key] if isinstance(spec.row.__struct_defaults__, tuple) and _is_list(spec, field) else key
                change = update(other, shown[other], **{field: value})
                yield m.Transact(9, 0, operation(), head, msgspec.Raw(_packed(change)), dry_run=True)


def _packed(change: Any) -> bytes:
    return msgspec.msgpack.encode([change])


def _is_list(kind: Any, field: str) -> bool:
    return "tuple" in str(kind.row.__annotations__.get(field, ""))


def told(value: Any) -> Iterator[int | bytes]:
    """Yield every number and every mark in what was said, numbers in texts too."""
    if isinstance(value, msgspec.Raw):
        yield from told(msgspec.msgpack.decode(value, strict=False))
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from told(getattr(value, field))
    elif isinstance(value, dict | list | tuple):
        for each in value.items() if isinstance(value, dict) else value:
            yield from told(each)
    elif isinstance(value, int):
        yield value
    elif isinstance(value, str):
        yield from map(int, re.findall(r"\d{4,}", value))
        yield from marks_in(value.encode())
    elif isinstance(value, bytes):
        yield from marks_in(value)


def form(answers: list[m.Message], key: int) -> str:
    """Return what was said, with a key that was asked about replaced."""
    return re.sub(rf"\b{key}\b", "KEY", repr([_plain(one) for one in answers if isinstance(one, m.Answer | m.Failed)]))


def _plain(value: Any) -> Any:
    """Return what was said as builtins."""
    if isinstance(value, msgspec.Raw):
        return msgspec.msgpack.decode(value, strict=False)
    if isinstance(value, msgspec.Struct):
        return [type(value).__name__, *(_plain(getattr(value, field)) for field in value.__struct_fields__)]
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("profile", profiles())
def test_what_is_not_seen_is_answered_as_what_is_not_there(profile: str) -> None:
    """Each request about each hidden object is answered, word for word, as one about an object that never was."""
    stage = Stage(profiles()[profile])
    wrong = []
    for kind, key in sorted(stage.hidden):
        never = far(kind, NOWHERE) if kind != "meeting" else meeting_key(far("activity", NOWHERE), key % 64)
        pairs = zip(requests(stage, kind, key), requests(stage, kind, never), strict=True)
        for about, nothing in pairs:
            one, two = form(stage.ask(about), key), form(stage.ask(nothing), never)
            if one != two:
                wrong.append((kind, key, about, one, two))
    assert not wrong


@pytest.mark.parametrize(
    "profile", ["nothing", *(pytest.param(name, marks=pytest.mark.slow) for name in profiles() if name != "nothing")]
)
def test_no_key_and_no_text_of_what_is_not_seen_comes_out(profile: str) -> None:
    """Each request about what is seen, each edit of it, the way back of every transaction, and all that is pushed."""
    stage = Stage(profiles()[profile])
    hidden = {key for _, key in stage.hidden}
    wrong = []
    for request in _everything(stage):
        for answer in (*stage.ask(request), *stage.snapshots()):
            out = set(told(answer))
            if out & hidden or out & stage.texts:
                wrong.append((request, answer, out & hidden, out & stage.texts))
    assert not wrong


def _everything(stage: Stage) -> Iterator[m.Message]:
    head = stage.desk.engine.head
    yield m.FetchSnapshot(9, 0)
    yield m.GetPresence(9, 0)
    yield m.GetReport(9, 0)
    yield m.GetFreeRooms(9, 0, 0, 1, 15)
    yield m.GetChanges(9, 0, 0, EPOCH)
    for revision in range(1, head + 1):
        for number, back in enumerate((m.Undo, m.Redo)):
            for force in (False, True):
                yield back(9, 0, b"%d%d%013d" % (number, force, revision) + b"r", revision, force=force)
    for kind, key in sorted(stage.shown):
        for request in requests(stage, kind, key):
            yield request
            if isinstance(request, m.Transact):
                yield msgspec.structs.replace(request, operation=request.operation[::-1], force=True)


def test_what_is_asked_here_is_all_that_can_be_asked_by_who_sees_a_part() -> None:
    """A new request is not forgotten: it is asked above, or is not for who sees a part of a base."""
    stage = Stage(profiles()["by category, who takes back"])
    asked = {type(request) for request in _everything(stage)}
    assert {kind for kind, rule in RULES.items() if rule not in {"administrate", "bring", "branch"}} == asked | {
        m.Follow
    }


def test_who_did_what_is_not_seen_is_not_said() -> None:
    """To take back a transaction of which one sees nothing is refused without the name of who made it."""
    stage = Stage(profiles()["by category"])
    answers = [stage.ask(m.Undo(9, 0, b"%016d" % one, one)) for one in range(1, stage.desk.engine.head)]
    refusals = [one for each in answers for one in each if isinstance(one, m.Failed)]
    seen = {
        one.revision for one in stage.desk.engine.presence.sessions[stage.bob].feed.history.since(0, 999) if one.user
    }
    named = [one for one in refusals if "ada" in one.text]
    assert len(named) <= len(seen) < len(refusals)
