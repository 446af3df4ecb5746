"""Who may say what, when: one table. Knows message types and states; no bytes, no ids, no meaning.

What is not in the table is refused. A state changes by the table alone, with one rule beside it, which needs a value:
a `Failed` with id 0 speaks of the whole connection and closes it from any state.

While the answer that decides the next state is pending (Login, ProvePin, RequestCode, ProveCode, ChangePassword before
login, ChooseMeasure, Enter, Enrol, Logout), the client may only say Ping, Pong and Cancel: so both ends always agree on
the state.
"""

from enum import Enum
from typing import Final

from hpserver.protocol.messages import (
    AcceptBranch,
    AccessChanged,
    Administer,
    Administered,
    Bases,
    Behind,
    BranchCompared,
    BranchDropped,
    Branches,
    BranchUpdated,
    Came,
    Cancel,
    CancelUpload,
    CertificateRenewed,
    ChangeMeasure,
    ChangePassword,
    Changes,
    ChooseMeasure,
    Chunk,
    Clashed,
    CodeSent,
    Committed,
    CompareBranch,
    Conflicted,
    Delta,
    DeviceRegistered,
    Diagnosis,
    DropBranch,
    Enrol,
    Enrolled,
    Enter,
    Entered,
    Failed,
    FetchSnapshot,
    FinishUpload,
    Follow,
    Following,
    FreePlaces,
    FreeRooms,
    FreeSlots,
    GetChanges,
    GetDiagnosis,
    GetFreePlaces,
    GetFreeRooms,
    GetFreeSlots,
    GetObjects,
    GetPresence,
    GetRepairs,
    GetReport,
    GetTimeline,
    GetTimetable,
    GoAway,
    Held,
    Hello,
    Hold,
    HoldsChanged,
    Left,
    ListBases,
    ListBranches,
    ListPlannings,
    LoggedIn,
    LoggedOut,
    Login,
    Logout,
    MeasureNeeded,
    Message,
    Objects,
    OpenPlanning,
    PasswordNeeded,
    Ping,
    PinNeeded,
    PlanningOpened,
    Plannings,
    Pong,
    Presence,
    Prove,
    ProveCode,
    Proved,
    ProvePin,
    Redo,
    RegisterDevice,
    Release,
    Released,
    RenewCertificate,
    Repairs,
    Report,
    Request,
    RequestCode,
    RestoreObject,
    StartUpload,
    Timeline,
    Timetable,
    Transact,
    TransferStarted,
    Undo,
    UpdateBranch,
    UploadCancelled,
    UploadChunk,
    Uploaded,
    UploadProgress,
    UploadReady,
    UploadReceived,
    Weighed,
    Welcome,
)


class Side(Enum):
    """An end of a conversation."""

    CLIENT = "client"
    SERVER = "server"


class Role(Enum):
    """What a server is for, said in Welcome."""

    ENROLMENT = "enrolment"
    CONTROLLER = "controller"
    PLANNING = "planning"


class State(Enum):
    """Where a session stands, the same at both ends once what was said has arrived."""

    FRESH_ENROLMENT = "connected without a certificate, nothing said yet"
    GREETING_ENROLMENT = "Hello was said to the enrolment, Welcome is awaited"
    GREETED_ENROLMENT = "the client may ask for its certificate, once"
    ENROLLING = "Enrol is being answered"

    FRESH = "connected to a controller, nothing said yet"
    GREETING = "Hello was said, Welcome is awaited"
    GREETED = "the client may log in"
    LOGGING_IN = "Login is being answered"
    PIN = "the device is not registered: the PIN is asked, or a code that was sent in its place"
    PROVING = "ProvePin, RequestCode or ProveCode is being answered"
    RENEWAL = "the password is right and must be changed before anything else"
    RENEWING = "ChangePassword is being answered, nobody is logged in yet"
    MEASURE = "first sign-in: the user chooses a measure"
    CHOOSING = "ChooseMeasure is being answered"
    HOME = "logged in: plannings may be listed and opened"
    LEAVING = "Logout is being answered"

    FRESH_PLANNING = "connected to a planning, nothing said yet"
    GREETING_PLANNING = "Hello was said to a planning, Welcome is awaited"
    GREETED_PLANNING = "the client may spend its ticket"
    ENTERING = "Enter is being answered"
    INSIDE = "in the planning: read, edit, follow"

    CLOSED = "nothing is said any more"


Moves = dict[type[Message], State]

START: Final = {
    Role.ENROLMENT: State.FRESH_ENROLMENT,
    Role.CONTROLLER: State.FRESH,
    Role.PLANNING: State.FRESH_PLANNING,
}

LOGGED_IN: Final = frozenset({State.HOME, State.LEAVING, State.INSIDE})
"""States in which the peer is known: large frames, typed errors for unknown messages."""


def _stay(state: State, *kinds: type[Message]) -> Moves:
    return dict.fromkeys(kinds, state)


def _table() -> dict[tuple[State, Side], Moves]:
    s, client, server = State, Side.CLIENT, Side.SERVER
    at_any_time: dict[Side, tuple[type[Message], ...]] = {client: (Ping, Pong, Cancel), server: (Ping, Pong, GoAway)}
    at_home = (
        RegisterDevice, ListPlannings, OpenPlanning, Administer, Prove, ChangePassword, ChangeMeasure, RenewCertificate
    )  # fmt: skip
    asked: dict[State, Moves] = {
        s.FRESH_ENROLMENT: {Hello: s.GREETING_ENROLMENT},
        s.GREETED_ENROLMENT: {Enrol: s.ENROLLING},
        s.FRESH: {Hello: s.GREETING},
        s.GREETED: {Login: s.LOGGING_IN},
        s.PIN: _stay(s.PROVING, ProvePin, RequestCode, ProveCode),
        s.RENEWAL: {ChangePassword: s.RENEWING, Logout: s.LEAVING},
        s.MEASURE: {ChooseMeasure: s.CHOOSING},
        s.HOME: _stay(s.HOME, *at_home) | {Logout: s.LEAVING},
        s.FRESH_PLANNING: {Hello: s.GREETING_PLANNING},
        s.GREETED_PLANNING: {Enter: s.ENTERING},
        s.INSIDE: _stay(
            s.INSIDE,
            FetchSnapshot,
            Follow,
            Transact,
            GetTimetable,
            GetObjects,
            GetFreePlaces,
            Hold,
            Release,
            GetPresence,
            Undo,
            Redo,
            RestoreObject,
            GetTimeline,
            GetChanges,
            GetDiagnosis,
            GetRepairs,
            GetFreeRooms,
            GetFreeSlots,
            GetReport,
            StartUpload,
            UploadChunk,
            FinishUpload,
            CancelUpload,
            ListBases,
            ListBranches,
            CompareBranch,
            AcceptBranch,
            UpdateBranch,
            DropBranch,
        ),
    }
    further: Moves = {LoggedIn: s.HOME, PasswordNeeded: s.RENEWAL, MeasureNeeded: s.MEASURE}
    told_at_home = (
        DeviceRegistered, Plannings, PlanningOpened, Administered, Proved, AccessChanged, CertificateRenewed
    )  # fmt: skip
    told: dict[State, Moves] = {
        s.GREETING_ENROLMENT: {Welcome: s.GREETED_ENROLMENT},
        s.ENROLLING: {Enrolled: s.CLOSED, Failed: s.CLOSED},
        s.GREETING: {Welcome: s.GREETED},
        s.LOGGING_IN: {PinNeeded: s.PIN, **further, Failed: s.GREETED},
        s.PROVING: {**further, CodeSent: s.PIN, Failed: s.PIN},
        s.RENEWING: {LoggedIn: s.HOME, MeasureNeeded: s.MEASURE, Failed: s.RENEWAL},
        s.CHOOSING: {LoggedIn: s.HOME, Failed: s.MEASURE},
        s.HOME: _stay(s.HOME, *told_at_home, Failed),
        s.LEAVING: _stay(s.LEAVING, *told_at_home, Failed) | {LoggedOut: s.CLOSED},
        s.GREETING_PLANNING: {Welcome: s.GREETED_PLANNING},
        s.ENTERING: {Entered: s.INSIDE, Failed: s.GREETED_PLANNING},
        s.INSIDE: _stay(
            s.INSIDE, TransferStarted, Chunk, Following, Committed, Clashed, Conflicted, Weighed, Timetable, Objects,
            FreePlaces, Held, Released, Presence, Delta, Behind, Came, Left, HoldsChanged, Failed,
            Timeline, Changes, Diagnosis, Repairs, FreeRooms, FreeSlots, Report,
            UploadReady, UploadReceived, Uploaded, UploadCancelled, UploadProgress, Bases,
            Branches, BranchCompared, BranchUpdated, BranchDropped,
        ),
    }  # fmt: skip
    greeted = set(State) - {*START.values(), s.CLOSED, s.GREETING, s.GREETING_ENROLMENT, s.GREETING_PLANNING}
    table: dict[tuple[State, Side], Moves] = {}
    for state in State:
        for side, moves in ((client, asked), (server, told)):
            common = _stay(state, *at_any_time[side]) if state in greeted else {}
            table[state, side] = moves.get(state, {}) | common
    return table


TRANSITIONS: Final = _table()
"""(state, who speaks) -> what may be said, and the state after it."""

FATAL: Final = frozenset(set(State) - {State.CLOSED})
"""States from which the server may say `Failed` with id 0, which closes."""

ANSWERS: Final[dict[type[Message], frozenset[type[Message]]]] = {
    Enrol: frozenset({Enrolled, Failed}),
    Login: frozenset({LoggedIn, PinNeeded, PasswordNeeded, MeasureNeeded, Failed}),
    ProvePin: frozenset({LoggedIn, PasswordNeeded, MeasureNeeded, Failed}),
    RequestCode: frozenset({CodeSent, Failed}),
    ProveCode: frozenset({LoggedIn, PasswordNeeded, MeasureNeeded, Failed}),
    ChangePassword: frozenset({LoggedIn, MeasureNeeded, AccessChanged, Failed}),
    ChangeMeasure: frozenset({AccessChanged, Failed}),
    ChooseMeasure: frozenset({LoggedIn, Failed}),
    RegisterDevice: frozenset({DeviceRegistered, Failed}),
    ListPlannings: frozenset({Plannings, Failed}),
    OpenPlanning: frozenset({PlanningOpened, Failed}),
    Logout: frozenset({LoggedOut, Failed}),
    RenewCertificate: frozenset({CertificateRenewed, Failed}),
    Enter: frozenset({Entered, Failed}),
    FetchSnapshot: frozenset({TransferStarted, Chunk, Failed}),
    Follow: frozenset({Following, Failed}),
    Transact: frozenset({Committed, Clashed, Conflicted, Weighed, Failed}),
    GetTimetable: frozenset({Timetable, Failed}),
    GetObjects: frozenset({Objects, Failed}),
    GetFreePlaces: frozenset({FreePlaces, Failed}),
    Hold: frozenset({Held, Failed}),
    Release: frozenset({Released, Failed}),
    GetPresence: frozenset({Presence, Failed}),
    Undo: frozenset({Committed, Clashed, Conflicted, Failed}),
    Redo: frozenset({Committed, Clashed, Conflicted, Failed}),
    RestoreObject: frozenset({Committed, Clashed, Conflicted, Failed}),
    GetTimeline: frozenset({Timeline, Failed}),
    GetChanges: frozenset({Changes, Failed}),
    GetDiagnosis: frozenset({Diagnosis, Failed}),
    GetRepairs: frozenset({Repairs, Failed}),
    GetFreeRooms: frozenset({FreeRooms, Failed}),
    GetFreeSlots: frozenset({FreeSlots, Failed}),
    GetReport: frozenset({Report, Failed}),
    StartUpload: frozenset({UploadReady, Failed}),
    UploadChunk: frozenset({UploadReceived, Failed}),
    FinishUpload: frozenset({Uploaded, Failed}),
    CancelUpload: frozenset({UploadCancelled, Failed}),
    ListBases: frozenset({Bases, Failed}),
    ListBranches: frozenset({Branches, Failed}),
    CompareBranch: frozenset({BranchCompared, Failed}),
    AcceptBranch: frozenset({Committed, Clashed, Conflicted, Weighed, Failed}),
    UpdateBranch: frozenset({BranchUpdated, Failed}),
    DropBranch: frozenset({BranchDropped, Failed}),
    Administer: frozenset({Administered, Failed}),
    Prove: frozenset({Proved, Failed}),
}
"""What may answer each request. Whatever is no key here gets no answer."""

ANSWERING: Final = frozenset[type[Message]]().union(*ANSWERS.values())
"""What answers a request, all of it: faster to ask than `isinstance`, twice in each request."""

assert set(ANSWERS) == set(Request.__subclasses__())  # a request without its answers is a mistake here


def states_of(role: Role) -> list[State]:
    """Return the states a session of that role can reach, in the order of `State`."""
    reached, waiting = set[State](), [START[role]]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += {after for side in Side for after in TRANSITIONS[state, side].values()}
    return [state for state in State if state in reached | {State.CLOSED}]


def mermaid(role: Role) -> str:
    """Return the state diagram of that role for mermaid, printed from the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {START[role].name}"]
    for state in states_of(role):
        arrows: dict[State, list[str]] = {}
        for side in Side:
            for kind, after in TRANSITIONS[state, side].items():
                if after is not state:
                    arrows.setdefault(after, []).append(f"{side.value} {kind.__name__}")
        lines += [f"    {state.name} --> {after.name} : {', '.join(said)}" for after, said in arrows.items()]
        lines += [f"    {state.name} --> CLOSED : server Failed(id=0)"] * (state in FATAL)
    return "\n".join([*lines, "    CLOSED --> [*]", ""])
