"""One message of each type, every field with a value that is not its default: the truth behind the vectors."""

from typing import Final

import msgspec

from hpserver.protocol import internal as i
from hpserver.protocol import messages as m
from hpserver.protocol.catalogue import administration as w


def raw(value: object) -> msgspec.Raw:
    """Return a value as the base would have encoded it."""
    return msgspec.Raw(msgspec.msgpack.encode(value))


HERE: Final = m.Endpoint("hp.lycee-exemple.fr", 20_101, "edt.hp.lycee-exemple.fr")
THERE: Final = m.Endpoint("192.0.2.7", 21_001, "edt.hp.lycee-exemple.fr")
OPERATION: Final = bytes(range(16))
TICKET: Final = bytes(range(32))
PLACED: Final = raw([[2, "activity", 12, {"place": 34, "rooms": [5]}]])
CLASH: Final = raw([["room", 5, "room", 5, 12, 13, 4_398_046_511_103, 34, 4]])
BREACH: Final = raw([["daily_maximum", 4, True, 60, "instructor", 5, [12, 13], 4_398_046_511_103, 26, 420, 360]])
ALICE: Final = m.Present(7, "durand", "Alice Durand", "Modification", (("activity", 12), ("room", 5)))
CONFLICT: Final = m.FieldConflict("activity", 12, "place", raw(34), raw(41), 1021, "martin")
TRANSACTION: Final = m.Transaction(1022, OPERATION, 7, "durand", 1_800_000_000_123, "réunion", PLACED)
MOVED: Final = raw([[2, "activity", 12, {"place": 34}, {"place": 41}]])
PAST: Final = m.HistoryRow(
    1022, 3, OPERATION, 7, "durand", "durand/00ff", "a1b2", 1_800_000_000_123, "réunion", 1021, 1020, MOVED
)

CLIENT: Final[tuple[m.Message, ...]] = (
    m.Hello((1, 2), ("zstd",), "hp-qt 0.1.0", "en"),
    m.Ping(4_503_599_627_370_497),
    m.Pong(7),
    m.Cancel(41),
    m.Enrol(1, 30_000, TICKET, b"\x30\x82\x01\x00", "Poste vie scolaire"),
    m.Login(2, 30_000, "durand", "Mot de passe très long"),
    m.ProvePin(3, 30_000, "482913"),
    m.RequestCode(44, 30_000),
    m.ProveCode(45, 30_000, "719910"),
    m.ChooseMeasure(4, 30_000, "pin", "482913"),
    m.ChangePassword(41, 30_000, "Mot de passe très long", "Un autre, plus long"),
    m.ChangeMeasure(42, 30_000, "pin", "482913", "Mot de passe très long"),
    m.RegisterDevice(5, 30_000, "Portable d'Alice"),
    m.ListPlannings(6, 30_000),
    m.OpenPlanning(7, 30_000, "EDT"),
    m.Logout(8, 30_000),
    m.RenewCertificate(43, 30_000, b"\x30\x83", b"\x30\x82"),
    m.Enter(9, 30_000, "EDT", TICKET, 3, 1021, bytes(range(16)), bytes(range(16, 32))),
    m.FetchSnapshot(10, 30_000),
    m.Follow(11, 30_000, 1021),
    m.Transact(12, 30_000, OPERATION, 1021, PLACED, force=True, dry_run=True, why="réunion"),
    m.GetTimetable(13, 30_000, "instructor", 123, 12),
    m.GetObjects(14, 30_000, "room", (5, 6, 70_000)),
    m.GetFreePlaces(15, 30_000, 12),
    m.Hold(16, 30_000, "activity", 12, 5),
    m.Release(17, 30_000, "activity", 12),
    m.GetPresence(18, 30_000),
    m.Undo(19, 30_000, OPERATION, 1021, force=True, why="erreur"),
    m.Redo(20, 30_000, OPERATION, 1022, force=True, why="réunion"),
    m.RestoreObject(21, 30_000, OPERATION, "activity", 12, 1000, 1022, force=True, why="réunion"),
    m.GetTimeline(22, 30_000, "activity", 12, 1021, 20),
    m.GetChanges(23, 30_000, 1021, 3, 100),
    m.GetDiagnosis(31, 30_000, 12, (5, 6), 34),
    m.GetRepairs(32, 30_000, 12, 34, (5,), 2),
    m.GetFreeRooms(33, 30_000, 34, 4, 4_398_046_511_103, 30, 1, 2, (7, 8), 12),
    m.GetFreeSlots(34, 30_000, (("instructor", 123), ("room", 5)), 4, 4_398_046_511_103),
    m.GetReport(35, 30_000, 200),
    m.StartUpload(
        36,
        30_000,
        "Essai",
        300_000,
        TICKET,
        OPERATION,
        (m.Reading("salles.csv", 2026, "room", {"Salle": "name"}, "match", "several", partial=True),),
    ),
    m.UploadChunk(37, 30_000, 4_503_599_627_370_497, 262_144, b"\x28\xb5\x2f\xfd"),
    m.FinishUpload(38, 30_000, 4_503_599_627_370_497),
    m.CancelUpload(39, 30_000, 4_503_599_627_370_497),
    m.ListBases(40, 30_000),
    m.ListBranches(43, 30_000),
    m.CompareBranch(44, 30_000, "Essai"),
    m.AcceptBranch(45, 30_000, OPERATION, "Essai", (("room", 5),), (("room", 6),), force=True, dry_run=True),
    m.UpdateBranch(46, 30_000, "Essai", 1022, (("room", 5),), (("room", 6),)),
    m.DropBranch(47, 30_000, "Essai"),
    m.Administer(41, 30_000, w.SetUserEnabled("durand", enabled=True)),
    m.Prove(42, 30_000, "Mot de passe très long"),
)

SERVER: Final[tuple[m.Message, ...]] = (
    m.Welcome(1, ("zstd",), "hpserver 0.1.0", "planning", 1_800_000_000_000, 1_048_576, 64, 30),
    m.GoAway(0x010B, "GoingAwayError", 1_500, HERE),
    m.Failed(2, 0x0203, "LockedError", True, "too many failures", {"seconds": 60, "login": "durand"}),
    m.TransferStarted(10, 300_000, 1_200_000, "zstd", TICKET, 3, 1021),
    m.Chunk(10, 262_144, b"\x28\xb5\x2f\xfd"),
    m.Enrolled(1, 17, (b"\x30\x01", b"\x30\x02")),
    m.LoggedIn(
        *(2, 7, "durand", "Durand", "Alice", "base_admin"),
        registered=True,
        password_is_old=True,
        failures=3,
        last_sign_in_ms=1_800_000_000_000,
        last_source="192.0.2.7",
        new_address=True,
    ),
    m.PasswordNeeded(2),
    m.AccessChanged(41),
    m.PinNeeded(2),
    m.CodeSent(44, 600),
    m.MeasureNeeded(2, ("none", "notification", "pin")),
    m.DeviceRegistered(5),
    m.Plannings(6, (m.PlanningListed("EDT", "Emploi du temps", "Modification", "live", "EDT 2026"),)),
    m.PlanningOpened(7, HERE, THERE, TICKET, 3, 30_000),
    m.LoggedOut(8),
    m.CertificateRenewed(43, (b"\x30\x82", b"\x30\x83")),
    m.Entered(9, 7, 3, 1021, "EDT", "EDT 2026", "Modification", resumed=True, sight=bytes(range(16, 32))),
    m.Following(11, 1021),
    m.Delta(3, (TRANSACTION,)),
    m.Behind(1022),
    m.Committed(12, 3, 1022, {-1: 501}, merged=True),
    m.Clashed(12, 1021, CLASH, BREACH, 3),
    m.Conflicted(12, 1021, (CONFLICT,)),
    m.Weighed(12, 1021, CLASH, BREACH, -3),
    m.Timetable(13, 1021, raw([[12, 34, 4, 3, [123], [], [8], [5], False]])),
    m.Objects(14, 1021, raw([[5, ["A101", 30, "Nord"]]])),
    m.FreePlaces(15, 1021, raw({34: 4_398_046_511_103})),
    m.Held(16, 7),
    m.Released(17),
    m.Presence(18, (ALICE,)),
    m.Came(ALICE),
    m.Left(7),
    m.HoldsChanged(7, (("activity", 12),)),
    m.Timeline(22, 1022, (PAST,), 1022),
    m.Changes(23, 3, 1022, (PAST,), more=True),
    m.Diagnosis(
        31,
        1021,
        7,
        raw({34: [1, 2, 4]}),
        raw([34, [1, 2, 4], 2, [["taken", 0, True, 0, "room", 5, "room", 5, 13, 4]]]),
        raw([34, [["room", 5]]]),
    ),
    m.Repairs(
        32,
        1021,
        raw([[[["move", 13, 4, False, 41, None]], [[2, "activity", 12, {"place": 34}]], 30, 1, 0, 1]]),
        complete=True,
    ),
    m.FreeRooms(33, 1021, raw([[5, 4_398_046_511_103, 6]])),
    m.FreeSlots(34, 1021, raw({34: 4_398_046_511_103})),
    m.Report(35, 1021, raw([1, 9, 0, 0, 0, 1, [["room", 5, 1, 0, 0, [["room", 5, "room", 5, 12, 13, 1, 34, 4]], []]]])),
    m.UploadReady(36, 4_503_599_627_370_497, 262_144, 4, 262_144),
    m.UploadReceived(37, 262_148),
    m.Uploaded(
        *(38, "Essai", 1021, {"activity": 501}, ((12, "unknown field", "colour"),), {"unknown field": 3}),
        *("Base 2026", (("room", 2),), msgspec.msgpack.encode([])),
    ),
    m.UploadCancelled(39),
    m.UploadProgress(4_503_599_627_370_497, 12),
    m.Bases(40, ("Base 2025", "Base 2026")),
    m.Branches(43, (m.BranchRow("Essai", 1021),)),
    m.BranchCompared(44, 1022, 1, msgspec.Raw(b"\x90"), 0, msgspec.Raw(b"\x90")),
    m.BranchUpdated(46, 3, 1),
    m.BranchDropped(47),
    m.Administered(41, w.Done(2)),
    m.Proved(42, 300),
)

INTERNAL: Final[tuple[i.Internal, ...]] = (
    i.Present(TICKET, "planning", "EDT", 4321),
    i.Accepted("lycee", 3),
    i.Admit(1, TICKET, TICKET, "lycee", 7, "durand", "Alice Durand", "EDT", 3, 30_000, 60_000),
    i.Admitted(1, 3, m.Failed(1, 0x020C, "NoPlaceError", True, "full", {"places": 2})),
    i.HandOver("192.0.2.7"),
    i.Report("live", 3, {"sessions": 12}, "ready"),
    i.Drain(12.5),
    i.Forget(2, "lycee", 7, TICKET, TICKET, "your rights changed", 3),
    i.Forgotten(2, 1),
    i.GetStatus(3),
    i.Status(3, 4000, "0.1.0", (i.ProcessStatus("controller:lycee", "up", "live", 4321, 3, 1, "ready", {"links": 2}),)),
    i.Wake(4),
    i.Woken(4),
    i.CarryOut(5, w.SetUserEnabled("durand", enabled=True)),
    i.CarriedOut(5, w.Done(2), m.Failed(5, 0x0203, "LockedError", True, "too many failures", {"seconds": 60})),
    i.GetSessions(10, 4),
    i.InsideNow(10, (i.Inside("EDT", 5, 7, "durand", TICKET, "192.0.2.7", 1, 2, "Modification"),), more=True),
    i.EnrolFor(6, "lycee", TICKET, b"\x30\x82", "Bureau"),
    i.RenewFor(7, "lycee", b"\x30\x83", b"\x30\x82"),
    i.CertifyServers(8, "lycee", anew=True),
    i.SignLetter(9, "lycee", b"{}"),
    i.Signed(9, 5, "7f", (b"\x30",), b"{}", m.Failed(9, 0x0205, "BusyError", True, "later", {"seconds": 1})),
)


def sample(kind: type[m.Message]) -> m.Message:
    """Return the sample of that type."""
    return next(message for message in CLIENT + SERVER if type(message) is kind)
