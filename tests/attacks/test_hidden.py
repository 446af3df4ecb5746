"""Somebody who may not see all of a base asks for everything, in any order, while others change it: what comes out.

Every text of the base is a mark that nobody else has. What was said to them is searched for the marks of what they
never saw and did not write.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpserver.base.changes import Change, encode_changes
from hpserver.base.model import meeting_key
from hpserver.base.registry import KINDS
from hpserver.identity.profiles import Rights
from hpserver.planning.projection import maybe_sight, projected
from hpserver.protocol import messages as m
from hpserver.protocol.states import TRANSITIONS, Side, State
from tests.desk import EPOCH, Desk
from tests.histories import KEYS
from tests.rights import a_marked_base, marked, marks, marks_in, some_rights, texts, transactions

REVISIONS = ("revision", "since", "seen")
NUMBER = 7
"""Of a request; each is answered before the next one."""

_USUAL = (
    "activity",
    "activity",
    "activity",
    "meeting",
    "room",
    "instructor",
    "cohort",
    "group",
    "subject",
    "constraint",
)
_kind = st.sampled_from(_USUAL) | st.sampled_from(sorted(KINDS))
_resource = st.sampled_from(["room", "instructor", "cohort", "group", "student"]) | _kind
_key = KEYS
_keys = st.lists(KEYS, max_size=3).map(tuple)
_revision = st.integers(0, 6)
_operation = st.binary(min_size=16, max_size=16)
_place = st.integers(0, 5) | st.integers(0, 41)
_truth = st.booleans()
_raw = transactions.map(lambda changes: msgspec.Raw(encode_changes(marked(changes))))
_resources = st.lists(st.tuples(_resource, _key), max_size=2).map(tuple)

FIELDS: dict[type[m.Request], dict[str, st.SearchStrategy[Any]]] = {
    m.FetchSnapshot: {},
    m.Follow: {"revision": _revision},
    m.GetChanges: {"since": _revision, "epoch": st.just(EPOCH), "limit": st.integers(1, 9)},
    m.GetDiagnosis: {"activity": _key, "rooms": _keys, "place": _place | st.just(-1)},
    m.GetFreePlaces: {"activity": _key},
    m.GetFreeRooms: {
        "place": _place, "steps": st.integers(1, 2), "weeks": st.integers(0, 15), "capacity": st.just(0),
        "site": st.just(0), "pool": st.integers(0, 1), "categories": _keys, "activity": st.just(0) | _key,
    },
    m.GetFreeSlots: {"resources": _resources, "steps": st.integers(1, 3), "weeks": st.integers(0, 15)},
    m.GetObjects: {"kind": _kind, "keys": _keys},
    m.GetPresence: {},
    m.GetRepairs: {"activity": _key, "place": _place, "rooms": _keys, "depth": st.integers(0, 3)},
    m.GetReport: {"limit": st.integers(1, 50)},
    m.GetTimeline: {"kind": _kind, "key": _key, "before": st.integers(0, 9), "limit": st.integers(1, 9)},
    m.GetTimetable: {"kind": _resource, "key": _key, "week": st.integers(0, 4)},
    m.Hold: {"kind": _kind, "key": _key, "seconds": st.integers(0, 60)},
    m.Release: {"kind": _kind, "key": _key},
    m.Redo: {"operation": _operation, "revision": _revision, "force": _truth, "why": st.just("")},
    m.Undo: {"operation": _operation, "revision": _revision, "force": _truth, "why": st.just("")},
    m.RestoreObject: {
        "operation": _operation, "kind": _kind, "key": _key, "revision": _revision, "seen": _revision,
        "force": _truth, "why": st.just(""),
    },
    m.Transact: {
        "operation": _operation, "seen": _revision, "changes": _raw, "force": _truth, "dry_run": _truth,
        "why": st.just(""),
    },
}  # fmt: skip
"""What may be asked inside a planning, with arguments that hit what is there."""

ELSEWHERE = {
    *(m.AcceptBranch, m.CompareBranch, m.DropBranch, m.ListBases, m.ListBranches, m.UpdateBranch),
    *(m.StartUpload, m.UploadChunk, m.FinishUpload, m.CancelUpload),
}
"""About other bases: for those alone who see everything (`test_live_rights.py`)."""


def _asked(kind: type[m.Request], fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[m.Request]:
    return st.fixed_dictionaries(fields).map(lambda told: kind(NUMBER, 0, **told))


rights_of_many = st.builds(
    Rights,
    others=st.sampled_from(["read", "edit", "edit"]),
    kinds=st.dictionaries(st.sampled_from(_USUAL[3:]), st.just("none"), max_size=2),
    categories=st.sampled_from([(), (1,), (2,)]),
    actions=st.sampled_from([(), ("force", "undo_others")]),
)
"""Who sees much and not all: there is most to be told by mistake."""

requests = st.one_of(*(_asked(kind, fields) for kind, fields in FIELDS.items()))
steps = st.lists(transactions | requests | requests, min_size=6, max_size=30)


def test_everything_that_may_be_asked_is_asked_here() -> None:
    """A new request is tried too."""
    inside = {kind for kind in TRANSITIONS[State.INSIDE, Side.CLIENT] if issubclass(kind, m.Request)}
    assert FIELDS.keys() | ELSEWHERE == inside


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(rights=rights_of_many | some_rights(), steps=steps)
def test_nothing_that_is_not_seen_is_ever_told(rights: Rights, steps: list[Any]) -> None:
    """Not in an answer, not in a refusal, not in what is pushed, and not what others gave as their reason."""
    sight = maybe_sight(rights)
    if sight is None:
        return
    planning = a_marked_base()
    desk = Desk(planning)
    ada, bob = desk.follow("ada"), desk.enter("bob", rights=rights)
    known = texts(projected(planning, sight))
    for step in [m.Follow(NUMBER, 0, 0), *steps]:
        if isinstance(step, list):
            changes: list[Change] = marked(step)
            desk.tell(ada, desk.transact(NUMBER, *changes, force=True, why=f"§{next(marks)}§"))
        else:
            if isinstance(step, m.Transact):
                known |= marks_in(bytes(step.changes))
            desk.tell(bob, _within(step, desk.engine.durable))
        desk.sync()
        known |= texts(projected(planning, sight))
        said = [msgspec.msgpack.encode(one) for one in desk.heard(bob)]
        said += [bytes(one.payload) for one in desk.transfers(bob)]
        assert marks_in(b"".join(said)) <= known
        assert bob not in desk.closed
    planning.validate()


def _within(request: m.Request, durable: int) -> m.Request:
    """Return a request about revisions that there are; one about an exception is about one of an activity."""
    told = msgspec.structs.asdict(request)
    changed: dict[str, int] = {name: told[name] % (durable + 1) for name in REVISIONS if name in told}
    if told.get("kind") == "meeting" and "key" in told:
        changed["key"] = meeting_key(told["key"], 1)
    return msgspec.structs.replace(request, **changed)
