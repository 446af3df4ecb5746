"""The catalogue: one frozen Struct per message, in tag order. Knows shapes; no order, no meaning of a base.

A body is the MessagePack array `[tag, field, field, ...]`. Fields are only ever appended, with a default; a tag is
never used again. A reader ignores fields beyond those it knows, and gives missing ones their default.

Every request opens with `id` (chosen by the client, unique among its requests in flight, 1 to 2**53-1) and
`deadline_ms` (milliseconds the client will still wait, 0 for no limit). Every answer opens with the `id` it answers.
A message without `id` is a push. Values of the base travel as `msgspec.Raw`: the protocol does not open them.
"""

from hpserver.protocol.catalogue.entry import (
    ChooseMeasure,
    DeviceRegistered,
    Enrol,
    Enrolled,
    LoggedIn,
    Login,
    MeasureNeeded,
    PinNeeded,
    ProvePin,
    RegisterDevice,
)
from hpserver.protocol.catalogue.fields import (
    Answer,
    CertificateRequest,
    ChunkData,
    DeadlineMs,
    Endpoint,
    Features,
    Id,
    IdOrZero,
    Key,
    Keys,
    Message,
    Name,
    Operation,
    Pin,
    Port,
    Request,
    Revision,
    Secret,
    Ticket,
    Token,
    Versions,
    Week,
    Word,
)
from hpserver.protocol.catalogue.home import (
    ListPlannings,
    LoggedOut,
    Logout,
    OpenPlanning,
    PlanningListed,
    PlanningOpened,
    Plannings,
)
from hpserver.protocol.catalogue.link import Cancel, Chunk, Failed, GoAway, Hello, Ping, Pong, TransferStarted, Welcome
from hpserver.protocol.catalogue.planning import (
    Behind,
    Clashed,
    Committed,
    Conflicted,
    Delta,
    Enter,
    Entered,
    FetchSnapshot,
    FieldConflict,
    Follow,
    Following,
    FreePlaces,
    GetFreePlaces,
    GetObjects,
    GetTimetable,
    Held,
    Hold,
    Objects,
    Release,
    Released,
    Timetable,
    Transact,
    Transaction,
    Weighed,
)
from hpserver.protocol.catalogue.presence import Came, GetPresence, HoldsChanged, Left, Presence, Present

FromClient = (
    Hello | Ping | Pong | Cancel | Enrol | Login | ProvePin | ChooseMeasure | RegisterDevice | ListPlannings
    | OpenPlanning | Logout | Enter | FetchSnapshot | Follow | Transact | GetTimetable | GetObjects | GetFreePlaces
    | Hold | Release | GetPresence
)  # fmt: skip

FromServer = (
    Welcome | Ping | Pong | GoAway | Failed | TransferStarted | Chunk | Enrolled | LoggedIn | PinNeeded
    | MeasureNeeded | DeviceRegistered | Plannings | PlanningOpened | LoggedOut | Entered | Following | Delta | Behind
    | Committed | Clashed | Conflicted | Weighed | Timetable | Objects | FreePlaces | Held | Released | Presence
    | Came | Left | HoldsChanged
)  # fmt: skip

__all__ = [
    "Answer",
    "Behind",
    "Came",
    "Cancel",
    "CertificateRequest",
    "ChooseMeasure",
    "Chunk",
    "ChunkData",
    "Clashed",
    "Committed",
    "Conflicted",
    "DeadlineMs",
    "Delta",
    "DeviceRegistered",
    "Endpoint",
    "Enrol",
    "Enrolled",
    "Enter",
    "Entered",
    "Failed",
    "Features",
    "FetchSnapshot",
    "FieldConflict",
    "Follow",
    "Following",
    "FreePlaces",
    "FromClient",
    "FromServer",
    "GetFreePlaces",
    "GetObjects",
    "GetPresence",
    "GetTimetable",
    "GoAway",
    "Held",
    "Hello",
    "Hold",
    "HoldsChanged",
    "Id",
    "IdOrZero",
    "Key",
    "Keys",
    "Left",
    "ListPlannings",
    "LoggedIn",
    "LoggedOut",
    "Login",
    "Logout",
    "MeasureNeeded",
    "Message",
    "Name",
    "Objects",
    "OpenPlanning",
    "Operation",
    "Pin",
    "PinNeeded",
    "Ping",
    "PlanningListed",
    "PlanningOpened",
    "Plannings",
    "Pong",
    "Port",
    "Presence",
    "Present",
    "ProvePin",
    "RegisterDevice",
    "Release",
    "Released",
    "Request",
    "Revision",
    "Secret",
    "Ticket",
    "Timetable",
    "Token",
    "Transact",
    "Transaction",
    "TransferStarted",
    "Versions",
    "Week",
    "Weighed",
    "Welcome",
    "Word",
]
