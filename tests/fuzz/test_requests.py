"""Requests of all kinds, well formed and senseless, to a planning at work: an answer to each, and no fault is met."""

import os
import random
from functools import cache
from typing import Any, Final, cast

import msgspec
import pytest
from msgspec import inspect

from hpserver.base.changes import Change, Create, Delete, Update, encode_changes, encode_fields
from hpserver.base.planning import RESOURCES
from hpserver.base.registry import KINDS, Field, Kind
from hpserver.base.rules import RULES
from hpserver.errors import HPError, StoreFullError
from hpserver.identity.profiles import Rights
from hpserver.planning.effects import Mishap, Receive, Send, Transfer
from hpserver.planning.stimuli import Closed, NotPersisted
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_client, encode
from hpserver.protocol.states import TRANSITIONS, Side, State
from tests.desk import EPOCH, Desk
from tests.fuzz.test_frames import seed
from tests.schools import a_school

SHORT: Final = 3_000
LONG: Final = 100_000

TEXTS: Final = (
    "", " ", "a", "A1", "Été", "E\u0301te\u0301", "\u202eabc", "a\nb", "a\tb", "\x00", "\ufeffx\u200b", "\u0958" * 190,
    "x" * 200, "\U0001f468\u200d\U0001f469", "\u2066", "\u2028", "\ufb01", "\u0130", "ß", "\ue000", "\uffff",
    "2026-02-30", "2026-09-01", "#aabbcc", "hours", "-0", "1e9", "'; DROP TABLE owner; --", "../x",
)  # fmt: skip
NUMBERS: Final = (0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 62, 63, 64, 255, 4096, 10_000, 2**31, 2**53 - 1, 2**62 - 1, -1, -2)
KEYS: Final = (1, 1, 2, 3, 4, 5, 6, 12, 30, 64, 65, 66, 128, 2**53 - 1)
KIND_FIELDS: Final = frozenset({"kind", "kinds"})

INSIDE: Final = sorted(
    (kind for kind in TRANSITIONS[State.INSIDE, Side.CLIENT] if issubclass(kind, m.Request)), key=repr
)


class Attacker:
    """Draws requests. `chance` alone decides."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def request(self, durable: int) -> m.Message:
        """Draw a request that a client may send inside a planning."""
        while True:
            kind = self.chance.choice((*[m.Transact] * 12, *INSIDE))
            fields = {name: self.value(info) for name, info in _fields(kind)}
            for name in fields.keys() & {"kind", "key", "activity", "room_pool"}:
                fields[name] = self.chance.choice((*KINDS, *RESOURCES * 9) if name == "kind" else KEYS)
            fields["deadline_ms"] = 0
            if kind is m.Transact:
                changes = [self.change() for _ in range(self.chance.choice((1, 1, 1, 2, 4)))]
                fields["changes"] = msgspec.Raw(encode_changes(changes))
            for name in ("seen", "since", "revision", "before"):
                if name in fields and self.chance.random() < 0.95:
                    fields[name] = max(0, durable - self.chance.randrange(4))
            if "operation" in fields and self.chance.random() < 0.95:
                fields["operation"] = self.chance.randbytes(16)
            if "epoch" in fields:
                fields["epoch"] = self.chance.choice((0, EPOCH, EPOCH - 1))
            try:  # what would be stopped on the wire is not for the engine
                return decode_from_client(encode(cast(Any, kind)(**fields))[4:])
            except (HPError, TypeError, msgspec.MsgspecError, ValueError):
                continue

    def change(self) -> Change:
        """Draw a change of any kind, of which few mean something."""
        kind = self.chance.choice(list(KINDS.values()))
        key = self.chance.choice((*KEYS, *(self.chance.randrange(64, 512) for _ in KEYS), -1, -2))
        match self.chance.randrange(5):
            case 0:
                return Delete(kind.name, key)
            case 1 | 2:
                return Create(kind.name, key if self.chance.random() < 0.3 else -1, self.fields(kind, whole=True))
            case _:
                return Update(kind.name, key, self.fields(kind, whole=False))

    def fields(self, kind: Kind, *, whole: bool) -> msgspec.Raw:
        """Draw fields of a kind: each fits its type, most of the time."""
        names = [one for one in kind.fields() if (whole and one.required) or self.chance.random() < 0.15]
        return encode_fields({one.name: self.field(one) for one in names if one.name not in kind.one_of[1:]})

    def field(self, field: Field) -> Any:
        """Draw a value of a field, of which most mean something."""
        chance = self.chance
        value = self.value(_info(field.type))
        if chance.random() < 0.1:
            return value
        if field.ref is not None:
            some = tuple(chance.sample(range(1, 7), k=chance.choice((0, 1, 2))))
            return some if isinstance(value, tuple) else chance.choice(KEYS[:7])
        if field.unit is not None and isinstance(value, int):
            return chance.choice((1, 2, 4, 8, 40)) if field.unit != "weeks" else chance.choice((1, 3, 0b1111, 0))
        if field.measure == "date":
            return chance.choice(("", "2026-09-01", "2026-10-02"))
        if field.name in KIND_FIELDS:
            return chance.choice(list(KINDS)) if isinstance(value, str) else (chance.choice(list(KINDS)),)
        if field.name == "rule":
            return chance.choice(list(RULES))
        is_text = isinstance(value, str) and (field.required or not field.default)
        return chance.choice(("A1", "Été", "E\u0301", "x y")) if is_text and chance.random() < 0.9 else value

    def value(self, info: Any) -> Any:  # noqa: C901 - one case per type
        """Draw a value of a type."""
        chance = self.chance
        if isinstance(info, inspect.Metadata):
            return self.value(info.type)
        if isinstance(info, inspect.UnionType):
            return self.value(chance.choice(info.types))
        if isinstance(info, inspect.LiteralType):
            return chance.choice(info.values)
        if isinstance(info, inspect.IntType):
            low, high = (-(2**62) if info.ge is None else info.ge), (2**62 if info.le is None else info.le)
            fitting = [one for one in NUMBERS if low <= one <= high]
            return chance.choice(fitting[:9] if fitting and chance.random() < 0.7 else fitting or [low])
        if isinstance(info, inspect.StrType):
            return chance.choice(TEXTS) if chance.random() < 0.7 else "".join(chance.choices("aé\u0301\n\u202e ", k=5))
        if isinstance(info, inspect.BytesType):
            return chance.choice((b"", bytes(16), chance.randbytes(16), chance.randbytes(info.max_length or 16)))
        if isinstance(info, inspect.VarTupleType | inspect.ListType):
            return tuple(self.value(info.item_type) for _ in range(chance.choice((0, 1, 1, 2, 3))))
        if isinstance(info, inspect.TupleType):
            return tuple(self.value(one) for one in info.item_types)
        if isinstance(info, inspect.DictType):
            return {self.value(info.key_type): self.value(info.value_type) for _ in range(chance.randrange(3))}
        if isinstance(info, inspect.BoolType):
            return chance.random() < 0.5
        if isinstance(info, inspect.FloatType):
            return chance.choice((0.0, 0.5, 1e9))
        if isinstance(info, inspect.StructType):
            return {field.encode_name: self.value(field.type) for field in info.fields}
        return None


@cache
def _info(annotation: Any) -> Any:
    return inspect.type_info(annotation)


@cache
def _fields(kind: type[m.Request]) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.type) for field in cast("inspect.StructType", inspect.type_info(kind)).fields)


def answered(desk: Desk, session: int, request: m.Message, before: int) -> bool:
    """Whether somebody was told what became of a request, or its answer waits elsewhere."""
    for effect in desk.effects[before:]:
        if isinstance(effect, Transfer | Receive) and effect.session == session:
            return True
        if isinstance(effect, Send) and getattr(effect.message, "id", None) == getattr(request, "id", 0):
            return True
    return False


def attack(number: int, requests: int) -> None:
    """Send requests of two people and somebody who sees a part, on a base that changes, with a disk that may refuse."""
    chance = random.Random(number)
    attacker = Attacker(chance)
    desk = Desk(a_school(12))
    everything = Rights(others="edit", actions=("force", "undo_others", "administrate"))
    parts = (everything, Rights(others="edit", kinds={"room": "none"}), Rights(others="read", categories=(1,)), None)
    sessions = [desk.follow(f"user{which}", rights=rights) for which, rights in enumerate(parts)]
    for step in range(requests):
        session = chance.choice(sessions)
        desk.now += chance.choice((0.0, 0.001, 0.5))
        request = attacker.request(desk.engine.durable)
        before = len(desk.effects)
        desk.tell(session, request)
        if desk.waiting is not None and chance.random() < 0.02:
            desk.waiting = None
            desk.feed(NotPersisted(StoreFullError("full")))
        else:
            desk.sync()
        faults = [effect for effect in desk.effects[before:] if isinstance(effect, Mishap)]
        if faults:
            raise AssertionError(f"seed {number}, request {step}: {request!r}") from faults[0].error
        assert answered(desk, session, request, before), f"seed {number}, request {step}: {request!r}"
        if step % 500 == 499:
            desk.engine.planning.validate()
            desk.effects.clear()
            for one in sessions:
                desk.heard(one)
                desk.transfers(one)
        if chance.random() < 0.001:
            sessions.remove(session)
            desk.feed(Closed(session))
            sessions.append(desk.follow(f"user{step}", rights=chance.choice(parts)))
    desk.engine.planning.validate()


@pytest.mark.slow
def test_no_request_brings_a_fault_to_light() -> None:
    """Whatever is asked, in whatever state: an answer, a base that fits together, and nothing to log."""
    long = os.environ.get("HYPOTHESIS_PROFILE") == "long"
    attack(seed() if long else 1789, LONG if long else SHORT)
