"""docs/protocol.md, from the catalogue, the states, the errors, the limits and the base. Knows how it is laid out."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, get_args, get_type_hints

import msgspec

from hpserver.base import changes, clashes, grid, snapshot, timetable
from hpserver.base.registry import KINDS, Kind
from hpserver.base.rules.api import Breach
from hpserver.cli.documents.reference_types import described, document, told_type
from hpserver.cli.documents.target import DOCS, ROOT, write_or_check
from hpserver.errors import HPError
from hpserver.planning.limits import MAX_CHANGES_BYTES
from hpserver.protocol import limits, messages, states
from hpserver.protocol.codec import encode
from hpserver.protocol.messages import AnyOutcome, AnyWish
from hpserver.protocol.states import ANSWERS, TRANSITIONS, Role, Side, State

TEMPLATE: Final = DOCS / "templates" / "protocol.md"
VECTORS: Final = ROOT / "tests" / "vectors" / "v1"
TARGET: Final = DOCS / "protocol.md"

_EITHER: Final = {messages.Ping, messages.Pong}
_ANY_TIME: Final = {*_EITHER, messages.Cancel, messages.GoAway}
_STRUCTURES: Final = (
    messages.Endpoint, messages.PlanningListed, messages.Transaction, messages.FieldConflict, messages.Present,
)  # fmt: skip
_TOPICS: Final = (
    ("The link", 1, 19), ("Who comes in", 20, 29), ("At the controller", 30, 49), ("In a planning", 50, 79),
    ("Diagnosis and searches", 80, 89), ("History", 90, 99), ("Rights", 100, 109), ("Bases that travel", 110, 119),
    ("Branches", 120, 129), ("Bases of the account", 130, 139), ("Administration", 140, 149),
)  # fmt: skip

MEANINGS: Final = {
    "first_monday": "first day, written YYYY-MM-DD",
    "weeks": "number of weeks, 1 to 62",
    "days": "bit mask of working days, bit 0 is Monday",
    "sequences": "sequences in a day",
    "sequence_minutes": "minutes of a sequence",
    "division": "time steps in a sequence: 1, 2, 3, 4, 6 or 12",
    "day_start": "minutes after midnight when the first step starts",
    "timezone": "IANA name",
}
"""What the parameters of the grid mean."""

ANSWER_MEANINGS: Final = {
    "kind": "kind of the resource of `activity`",
    "key": "its key",
    "other_kind": "kind of the resource of `other`",
    "other_key": "its key",
    "activity": "key of the activity",
    "other": "key of the activity it overlaps with",
    "weeks": "week set in which they overlap",
    "place": "first step of the overlap, or of the meeting",
    "steps": "steps of the overlap",
    "duration": "steps of the meeting",
    "subject": "key of the subject, nil without one",
    "instructors": "keys of the instructors",
    "cohorts": "keys of the cohorts",
    "groups": "keys of the groups",
    "rooms": "keys of the rooms",
    "cancelled": "whether it does not take place",
}
"""What the fields of the base's answers mean."""

BREACH_MEANINGS: Final = {
    "rule": "name of the rule: see rules.md",
    "constraint": "key of the constraint, or of the availability; 0 for a built-in rule",
    "hard": "whether it keeps an edit from being done",
    "cost": "what it costs, all weeks together",
    "kind": "kind of whom or what it is about",
    "key": "its key",
    "activities": "keys of the activities that take part",
    "weeks": "week set in which the rule is broken",
    "place": "first step of the day, or where it happens; nil when it is about whole weeks",
    "amount": "what there is in each of these weeks, in the unit of the rule",
    "limit": "what is allowed",
}
"""What the fields of a broken rule mean."""


def protocol() -> str:
    """Return the document of the protocol."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: _fill(found[1]), TEMPLATE.read_text(encoding="utf-8"))


def write(arguments: Sequence[str]) -> int:
    """Write the document, or with `--check` say whether it is up to date. Return the exit code."""
    return write_or_check(TARGET, protocol(), arguments)


def _fill(name: str) -> str:
    part = _PARTS.get(name)
    return part() if part is not None else _value(getattr(limits, name))


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


# --- messages and states --------------------------------------------------------------------------------------


def _messages() -> str:
    kinds = sorted({*get_args(messages.FromClient), *get_args(messages.FromServer)}, key=_tag)
    parts: list[str] = []
    for topic, first, last in _TOPICS:
        told = [_message(kind) for kind in kinds if first <= _tag(kind) <= last]
        parts += [f"### {topic}", *told] if told else []
    return "\n\n".join(parts)


def _message(kind: type[messages.Message]) -> str:
    side = "client or server" if kind in _EITHER else "client" if kind in get_args(messages.FromClient) else "server"
    common = ("id", "deadline_ms") if issubclass(kind, messages.Request) else ("id",)
    hidden = common if issubclass(kind, messages.Request | messages.Answer) and kind is not messages.Failed else ()
    head = f"#### {kind.__name__}: tag {_tag(kind)}, {side}"
    order = f"`[{', '.join([str(_tag(kind)), *kind.__struct_fields__])}]`"
    answers = ANSWERS.get(kind)
    answered = f"\n\nAnswers: {', '.join(sorted(answer.__name__ for answer in answers))}." if answers else ""
    return f"{head}\n\n{order}\n\n{document(kind)}{answered}{described(kind, hidden)}"


def _tag(kind: type[messages.Message]) -> int:
    tag = kind.__struct_config__.tag
    assert isinstance(tag, int)
    return tag


def _wishes() -> str:
    return "\n\n".join(_tagged(kind) for kind in (*get_args(AnyWish), *get_args(AnyOutcome)))


def _tagged(kind: type[msgspec.Struct]) -> str:
    order = f"`[{', '.join([json.dumps(kind.__struct_config__.tag), *kind.__struct_fields__])}]`"
    inner = "".join(f"\n\n`{row.__name__}`: {document(row)}{described(row)}" for row in _rows_of(kind))
    return f"#### {kind.__struct_config__.tag}\n\n{order}\n\n{document(kind)}{described(kind)}{inner}"


def _rows_of(kind: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return the structs that a wish or an outcome is made of."""
    return [
        one for part in get_type_hints(kind).values() for one in get_args(part) if hasattr(one, "__struct_fields__")
    ]


def _structures() -> str:
    return "\n\n".join(f"#### {kind.__name__}\n\n{document(kind)}{described(kind)}" for kind in _STRUCTURES)


def _common_fields() -> str:
    return described(messages.Request).partition("|---|---|---|\n")[2]


def _states() -> str:
    return "\n\n".join(_role(role) for role in Role)


def _role(role: Role) -> str:
    lines = [f"### Role `{role.value}`", "", "```mermaid", states.mermaid(role).rstrip(), "```", ""]
    lines += ["| state | it means | the client may say | the server may say |", "|---|---|---|---|"]
    for state in states.states_of(role):
        said = (_moves(state, side) for side in Side)
        lines.append(f"| {state.name} | {state.value} | {' | '.join(said)} |")
    return "\n".join(lines)


def _moves(state: State, side: Side) -> str:
    moves = TRANSITIONS[state, side].items()
    told = [_arrow(kind.__name__, after, state) for kind, after in moves if kind not in _ANY_TIME]
    return ", ".join(told) or "nothing"


def _arrow(name: str, after: State, state: State) -> str:
    return name if after is state else f"{name} → {after.name}"


def _errors() -> str:
    rows = ["| code | name | retry | meaning |", "|---|---|---|---|"]
    for code, kind in sorted(HPError.by_code.items()):
        rows.append(f"| 0x{code:04x} = {code} | {kind.__name__} | {'yes' if kind.retry else 'no'} | {document(kind)} |")
    return "\n".join(rows)


def _limits() -> str:
    rows = ["| name | value | meaning |", "|---|---|---|"]
    source = Path(limits.__file__).read_text(encoding="utf-8")
    for name, text in re.findall(r'^([A-Z_]+): Final = .*\n"""(.*)"""', source, flags=re.MULTILINE):
        rows.append(f"| {name} | {_value(getattr(limits, name))} | {text} |")
    return "\n".join(rows)


# --- the base -------------------------------------------------------------------------------------------------


def _kinds() -> str:
    return "\n\n".join(_kind(kind) for kind in KINDS.values())


def _kind(kind: Kind) -> str:
    rows = [f"#### {kind.name} ({kind.fr})", "", document(kind.row), ""]
    rows += ["| field | type | default | on screen |", "|---|---|---|---|"]
    for field in kind.fields():
        refers = f", keys of {field.ref}" if field.ref else ""
        default = "required" if field.required else f"`{_literal(field.default)}`"
        rows.append(f"| {field.name} | {told_type(field.type)}{refers} | {default} | {field.fr} / {field.en} |")
    return "\n".join(rows)


def _literal(value: object) -> str:
    return "nil" if value is None else msgspec.json.encode(value).decode()


def _changes() -> str:
    kinds = (changes.Create, changes.Update, changes.Delete)
    orders = [f"`[{kind.__struct_config__.tag}, {', '.join(kind.__struct_fields__)}]`" for kind in kinds]
    parts = zip(kinds, orders, strict=True)
    return "\n\n".join(f"**{kind.__name__}** {order}: {document(kind)}" for kind, order in parts)


def _answers() -> str:
    kinds = ((clashes.Clash, ANSWER_MEANINGS), (Breach, BREACH_MEANINGS), (timetable.Item, ANSWER_MEANINGS))
    return "\n\n".join(
        f"#### {kind.__name__}\n\n{document(kind)}{described(kind, meanings=meanings)}" for kind, meanings in kinds
    )


def _grid() -> str:
    fields = grid.Grid.__struct_fields__
    hints = grid.Grid.__annotations__
    return "\n".join(f"| {name} | {told_type(hints[name])} | {MEANINGS[name]} |" for name in fields)


# --- examples -------------------------------------------------------------------------------------------------


def _dump(data: bytes) -> str:
    return "\n".join(data[start : start + 24].hex(" ") for start in range(0, len(data), 24))


def _frame_example() -> str:
    return f"{_dump(encode(messages.Ping(7)))}        length 3, then the body: array of 2, tag 3 (Ping), token 7"


def _worked() -> str:
    said: tuple[tuple[str, messages.Message], ...] = (
        ("Client", messages.Hello((1,), (), "example 1.0", "en")),
        ("Server", messages.Welcome(1, (), "hpserver 0.1.0", "controller", 1_800_000_000_000, 1 << 20, 64, 30)),
        ("Client", messages.Login(1, 30_000, "durand", "correct horse")),
        ("Server", messages.LoggedIn(1, 7, "durand", "Durand", "Alice", "user", registered=True)),
        ("Client", messages.ListPlannings(2, 0)),
        (
            "Server",
            messages.Plannings(2, (messages.PlanningListed("EDT", "Emploi du temps", "Modification", "live", "2026"),)),
        ),
        ("Client", messages.Cancel(3)),
        ("Server", messages.Failed(4, 0x0300, "NotFoundError", False, "no such planning", {"planning": "X"})),
        ("Server", messages.Ping(1)),
        ("Client", messages.Pong(1)),
    )
    placed = changes.encode_changes([changes.update("activity", 12, place=34, rooms=[5])])
    weeks = changes.encode_changes([changes.create("activity", -1, duration=4, weeks=2111)])
    parts = [f"{who}: {message}\n\n```\n{_dump(encode(message))}\n```" for who, message in said]
    parts.append(f"Changes: activity 12 goes to place 34 and room 5\n\n```\n{_dump(placed)}\n```")
    parts.append(f"Changes: a new activity of 4 steps in weeks 1 to 6 and 12\n\n```\n{_dump(weeks)}\n```")
    return "\n\n".join(parts)


def _vectors() -> str:
    parts = []
    for path in (
        next(VECTORS.glob(f"*_{name}.json")) for name in ("Enter", "Entered", "Transact", "Committed", "Delta")
    ):
        vector = json.loads(path.read_text(encoding="utf-8"))
        fields = json.dumps(vector["fields"], ensure_ascii=False)
        told = f"{vector['message']}, tag {vector['tag']}, {vector['from']}"
        parts.append(f"{told}: `{fields}`\n\n```\n{_dump(bytes.fromhex(vector['hex']))}\n```")
    return "\n\n".join(parts)


_PARTS: Final[dict[str, Callable[[], str]]] = {
    "messages": _messages,
    "structures": _structures,
    "wishes": _wishes,
    "common_fields": _common_fields,
    "states": _states,
    "errors": _errors,
    "limits": _limits,
    "kinds": _kinds,
    "kind_count": lambda: str(len(KINDS)),
    "changes": _changes,
    "answers": _answers,
    "grid": _grid,
    "snapshot_magic": lambda: snapshot.MAGIC,
    "snapshot_version": lambda: str(snapshot.VERSION),
    "MAX_CHANGES": lambda: str(changes.MAX_CHANGES),
    "MAX_CHANGES_BYTES": lambda: str(MAX_CHANGES_BYTES),
    "frame_example": _frame_example,
    "worked": _worked,
    "vectors": _vectors,
}
