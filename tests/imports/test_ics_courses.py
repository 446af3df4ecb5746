import datetime as dt

from hpserver.imports.ics_courses import course_of, source_of
from hpserver.imports.ics_events import Event

START = dt.datetime(2023, 9, 25, 8, 0)  # noqa: DTZ001 - an hour on the wall


def event(uid: str = "", summary: str = "", location: str = "", description: str = "") -> Event:
    """Return an event that says this."""
    return Event(1, uid, START, 90, summary, location, description, cancelled=False)


def test_the_labels_of_hyperplanning_are_read() -> None:
    """Every line of the description finds its place, whatever the spaces around its colon."""
    text = (
        "Matière : Algèbre\nEnseignants : DURAND A., PETIT B.\nPromotion : L1\nTD : <L1> gr 1, gr 2\nOption: Chant\n"
        "Salle(s) :B 12, B 13\nType :TD\nMémo : apporter\nun compas\n"
    )
    course = course_of("hyperplanning", event("Cours-2543-14-L1-Index-Education", description=text))
    assert (course.key, course.subject, course.kind) == ("2543", "Algèbre", "TD")
    assert course.instructors == ("DURAND A.", "PETIT B.")
    assert course.cohorts == ("L1",)
    assert course.groups == (("L1", "TD", "gr 1"), ("", "", "gr 2"), ("", "", "Chant"))
    assert course.rooms == ("B 12", "B 13")
    assert course.memo == "apporter\nun compas"


def test_the_older_uid_has_spaces() -> None:
    """Feeds of 2014 write `Cours - key - week`."""
    assert course_of("hyperplanning", event("Cours - 77 - 3")).key == "77"


def test_without_a_label_the_summary_and_the_location_speak() -> None:
    """A feed with short descriptions still gives a subject and a room."""
    course = course_of("hyperplanning", event(summary="Chimie - DURAND", location="Labo"))
    assert (course.subject, course.rooms) == ("Chimie", ("Labo",))


def test_a_cancelled_course_is_seen_in_its_text() -> None:
    """HYPERPLANNING says so in words, others by STATUS."""
    assert course_of("hyperplanning", event(summary="Cours annulé - Chimie")).cancelled
    assert not course_of("hyperplanning", event(summary="Chimie")).cancelled


def test_ade_names_teachers_and_its_activity() -> None:
    """The number of the activity is in the UID, in hexadecimal; the stamp says nothing about the course."""
    uid = "ADE60" + b"2.planning-48381-0-0".hex()
    text = "\n\nL3 GC\nDURAND Marie-Anne\nTP Anglais\n(Modifié le:06/09/2019 22:13)\n"
    course = course_of("ade", event(uid, "TP1_1 Chimie", "B 12,B 13", text))
    assert (course.key, course.kind, course.rooms) == ("48381", "TP", ("B 12", "B 13"))
    assert course.instructors == ("DURAND Marie-Anne",)
    assert course.memo == "L3 GC\nTP Anglais"


def test_any_other_calendar_gives_its_summary_and_its_place() -> None:
    """An address with commas is one room."""
    course = course_of("ics", event(summary="Réunion", location="3, rue Haute", description="ordre du jour"))
    assert (course.subject, course.rooms, course.memo) == ("Réunion", ("3, rue Haute",), "ordre du jour")


def test_the_writer_of_a_calendar_is_known_by_its_product_or_its_uids() -> None:
    """A feed that passed through another program keeps its UIDs."""
    assert source_of("PRODID:Index-Education - HYPERPLANNING 2024", []) == "hyperplanning"
    assert source_of("PRODID:x", [event("Cours - 1 - 2")]) == "hyperplanning"
    assert source_of("PRODID:-//ADE/version 6.0", []) == "ade"
    assert source_of("PRODID:x", [event("a@b")]) == "ics"
