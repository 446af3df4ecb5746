"""What is administered over the protocol: every wish and every outcome. Knows who may do nothing.

A wish travels in `Administer`, its outcome in `Administered`: two messages, whatever may be wished.
"""

from hpserver.protocol.catalogue.administration.assignments import (
    Assign,
    AssignmentRow,
    Assignments,
    ListAssignments,
    Unassign,
)
from hpserver.protocol.catalogue.administration.audit import (
    AuditVerdict,
    EventRow,
    Events,
    ListEvents,
    PruneAudit,
    Pruned,
    VerifyAudit,
)
from hpserver.protocol.catalogue.administration.devices import (
    DeviceRow,
    Devices,
    EnrolDevices,
    ForgetDevice,
    Letter,
    ListDevices,
    RenameDevice,
    RevokeDevice,
)
from hpserver.protocol.catalogue.administration.hosting import (
    AddPlanning,
    BaseRow,
    Bases,
    CreateBase,
    Dns,
    ExportBase,
    GetDns,
    GetHosting,
    Hosting,
    ListBases,
    LoadBase,
    NameController,
    PlanningRow,
    RemovePlanning,
    RenamePlanning,
    SetPlanning,
    SetPublication,
    StartController,
    StartPlanning,
    StopController,
    StopPlanning,
    UnloadBase,
    UploadBase,
)
from hpserver.protocol.catalogue.administration.profiles import (
    CreateProfile,
    DeleteProfile,
    ListProfiles,
    ProfileRow,
    Profiles,
    RenameProfile,
    SetPlaces,
    SetProfile,
)
from hpserver.protocol.catalogue.administration.providers import (
    ActivateProvider,
    AddProvider,
    ChangeProvider,
    ListProviders,
    ProviderRow,
    Providers,
    RemoveProvider,
)
from hpserver.protocol.catalogue.administration.security import (
    Addresses,
    GetSecurity,
    ListAddresses,
    Security,
    SetSecurity,
)
from hpserver.protocol.catalogue.administration.sessions import CloseSessions, ListSessions, SessionRow, Sessions
from hpserver.protocol.catalogue.administration.tasks import Begun, CancelTask, ListTasks, TaskRow, Tasks
from hpserver.protocol.catalogue.administration.templates import (
    Applied,
    ApplyTemplate,
    DeleteTemplate,
    ListTemplates,
    PreviewTemplate,
    SaveTemplate,
    TemplateRow,
    Templates,
)
from hpserver.protocol.catalogue.administration.users import (
    AddUser,
    ChangeUser,
    DeleteUser,
    GetUser,
    Issued,
    ListUsers,
    ResetMeasure,
    ResetPassword,
    SetUserEnabled,
    Unlock,
    UserRow,
    Users,
)
from hpserver.protocol.catalogue.administration.wish import MAX_PAGE, Done, Outcome, Wish
from hpserver.protocol.catalogue.fields import Answer, Request, Secret

AnyWish = (
    ListUsers | GetUser | AddUser | ChangeUser | SetUserEnabled | DeleteUser | ResetPassword | ResetMeasure | Unlock
    | ListAssignments | Assign | Unassign
    | ListProfiles | CreateProfile | SetProfile | RenameProfile | DeleteProfile | SetPlaces
    | ListTemplates | SaveTemplate | PreviewTemplate | ApplyTemplate | DeleteTemplate
    | ListEvents | VerifyAudit | PruneAudit
    | ListSessions | CloseSessions
    | ListDevices | RenameDevice | RevokeDevice | ForgetDevice | EnrolDevices
    | GetSecurity | SetSecurity | ListAddresses
    | ListProviders | AddProvider | ChangeProvider | RemoveProvider | ActivateProvider
    | GetHosting | StartController | StopController | NameController | GetDns
    | AddPlanning | RenamePlanning | RemovePlanning | SetPlanning | SetPublication | StartPlanning | StopPlanning
    | ListBases | CreateBase | LoadBase | UnloadBase | UploadBase | ExportBase
    | ListTasks | CancelTask
)  # fmt: skip

AnyOutcome = (
    Done | Users | Issued | Assignments | Profiles | Templates | Applied | Events | AuditVerdict | Pruned
    | Sessions | Devices | Letter | Security | Addresses | Hosting | Dns | Bases
    | Begun | Tasks | Providers
)  # fmt: skip


class Administer(Request, frozen=True, tag=140):
    """Client, logged in: do something for the school. Answered by Administered, or Failed.

    Whoever may not is told NotAllowedError. A wish that is marked sensitive is answered with ProofNeededError when the
    password was not proved within the last five minutes: say Prove, then ask again.

    Attributes:
        wish: one of the wishes below.
    """

    wish: AnyWish


class Administered(Answer, frozen=True, tag=141):
    """Server: done, durable, and every session that had to close is closed.

    Attributes:
        outcome: the one that the wish names.
    """

    outcome: AnyOutcome


class Prove(Request, frozen=True, tag=142):
    """Client, logged in: it is still me. Answered by Proved, or Failed: counted as a login is.

    Attributes:
        password: the user's own.
    """

    password: Secret


class Proved(Answer, frozen=True, tag=143):
    """Server: the password is right.

    Attributes:
        seconds: for how long sensitive wishes are carried out.
    """

    seconds: int


__all__ = [
    "MAX_PAGE",
    "ActivateProvider",
    "AddPlanning",
    "AddProvider",
    "AddUser",
    "Addresses",
    "Administer",
    "Administered",
    "AnyOutcome",
    "AnyWish",
    "Applied",
    "ApplyTemplate",
    "Assign",
    "AssignmentRow",
    "Assignments",
    "AuditVerdict",
    "BaseRow",
    "Bases",
    "Begun",
    "CancelTask",
    "ChangeProvider",
    "ChangeUser",
    "CloseSessions",
    "CreateBase",
    "CreateProfile",
    "DeleteProfile",
    "DeleteTemplate",
    "DeleteUser",
    "DeviceRow",
    "Devices",
    "Dns",
    "Done",
    "EnrolDevices",
    "EventRow",
    "Events",
    "ExportBase",
    "ForgetDevice",
    "GetDns",
    "GetHosting",
    "GetSecurity",
    "GetUser",
    "Hosting",
    "Issued",
    "Letter",
    "ListAddresses",
    "ListAssignments",
    "ListBases",
    "ListDevices",
    "ListEvents",
    "ListProfiles",
    "ListProviders",
    "ListSessions",
    "ListTasks",
    "ListTemplates",
    "ListUsers",
    "LoadBase",
    "NameController",
    "Outcome",
    "PlanningRow",
    "PreviewTemplate",
    "ProfileRow",
    "Profiles",
    "Prove",
    "Proved",
    "ProviderRow",
    "Providers",
    "PruneAudit",
    "Pruned",
    "RemovePlanning",
    "RemoveProvider",
    "RenameDevice",
    "RenamePlanning",
    "RenameProfile",
    "ResetMeasure",
    "ResetPassword",
    "RevokeDevice",
    "SaveTemplate",
    "Security",
    "SessionRow",
    "Sessions",
    "SetPlaces",
    "SetPlanning",
    "SetProfile",
    "SetPublication",
    "SetSecurity",
    "SetUserEnabled",
    "StartController",
    "StartPlanning",
    "StopController",
    "StopPlanning",
    "TaskRow",
    "Tasks",
    "TemplateRow",
    "Templates",
    "Unassign",
    "UnloadBase",
    "Unlock",
    "UploadBase",
    "UserRow",
    "Users",
    "VerifyAudit",
    "Wish",
]
