"""Who and what a timetable is made with: subjects, people, groups, rooms, sites, and how they are classified."""

from typing import Annotated, ClassVar, Literal

from hpserver.base.model.row import (
    Cents,
    Code,
    Codes,
    Color,
    Count,
    Day,
    Domain,
    Key,
    Keys,
    ManyKeys,
    Memo,
    Minutes,
    Name,
    OptionalName,
    People,
    Row,
    Text,
    Weeks,
    field,
)

MAX_GROUPS = 512
"""Groups of one cohort: each is compared with all the others; real cohorts stay under 100."""


class Category(Row, frozen=True, array_like=True, gc=False):
    """A way to classify objects of some kinds."""

    fr: ClassVar[str] = "Famille"
    en: ClassVar[str] = "Category"
    domain: ClassVar[Domain] = "settings"

    name: Annotated[Name, field("Nom", "Name")]
    kinds: Annotated[Codes, field("Genres classés", "Kinds classified")] = ()


class CategoryValue(Row, frozen=True, array_like=True, gc=False):
    """One value of a category; objects name the values they have."""

    fr: ClassVar[str] = "Rubrique"
    en: ClassVar[str] = "Category value"
    domain: ClassVar[Domain] = "settings"

    category: Annotated[Key, field("Famille", "Category", "category")]
    name: Annotated[Name, field("Nom", "Name")]


class Site(Row, frozen=True, array_like=True, gc=False):
    """A place with rooms; between two sites people travel."""

    fr: ClassVar[str] = "Site"
    en: ClassVar[str] = "Site"

    name: Annotated[Name, field("Nom", "Name")]
    address: Annotated[Memo, field("Adresse", "Address")] = ""


class TravelTime(Row, frozen=True, array_like=True, gc=False):
    """How long it takes from one site to another; both ways unless the way back has its own."""

    fr: ClassVar[str] = "Temps de trajet"
    en: ClassVar[str] = "Travel time"
    part_of: ClassVar[tuple[str, ...]] = ("start", "finish")

    start: Annotated[Key, field("De", "From", "site")]
    finish: Annotated[Key, field("À", "To", "site")]
    minutes: Annotated[Minutes, field("Minutes", "Minutes")] = 0


class InstructionalType(Row, frozen=True, array_like=True, gc=False):
    """How something is taught: lecture, tutorial, lab."""

    fr: ClassVar[str] = "Type de cours"
    en: ClassVar[str] = "Instructional type"
    domain: ClassVar[Domain] = "settings"

    name: Annotated[Name, field("Nom", "Name")]
    color: Annotated[Color, field("Couleur", "Colour")] = ""


class Subject(Row, frozen=True, array_like=True, gc=False):
    """What is taught."""

    fr: ClassVar[str] = "Matière"
    en: ClassVar[str] = "Subject"

    name: Annotated[Name, field("Nom", "Name")]
    code: Annotated[Code, field("Code", "Code")] = ""
    color: Annotated[Color, field("Couleur", "Colour")] = ""
    long_name: Annotated[OptionalName, field("Libellé long", "Long name")] = ""
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()


class Instructor(Row, frozen=True, array_like=True, gc=False):
    """Who teaches."""

    fr: ClassVar[str] = "Enseignant"
    en: ClassVar[str] = "Instructor"

    name: Annotated[Name, field("Nom", "Name")]
    first_name: Annotated[OptionalName, field("Prénom", "First name")] = ""
    code: Annotated[Code, field("Code", "Code")] = ""
    email: Annotated[OptionalName, field("Adresse e-mail", "E-mail")] = ""
    phone: Annotated[Code, field("Téléphone", "Phone")] = ""
    due: Annotated[Minutes, field("Service dû (minutes)", "Minutes due")] = 0
    relief: Annotated[Minutes, field("Décharge (minutes)", "Minutes relieved")] = 0
    hourly_cost: Annotated[Cents, field("Coût horaire (centièmes)", "Hourly cost (hundredths)")] = 0
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()


class Staff(Row, frozen=True, array_like=True, gc=False):
    """Who looks after rooms, secretariat, attendance."""

    fr: ClassVar[str] = "Personnel"
    en: ClassVar[str] = "Staff"

    name: Annotated[Name, field("Nom", "Name")]
    first_name: Annotated[OptionalName, field("Prénom", "First name")] = ""
    role: Annotated[OptionalName, field("Fonction", "Role")] = ""
    email: Annotated[OptionalName, field("Adresse e-mail", "E-mail")] = ""
    phone: Annotated[Code, field("Téléphone", "Phone")] = ""


class Cohort(Row, frozen=True, array_like=True, gc=False):
    """Students of one programme and year, all of them."""

    fr: ClassVar[str] = "Promotion"
    en: ClassVar[str] = "Cohort"

    name: Annotated[Name, field("Nom", "Name")]
    size: Annotated[People, field("Effectif", "Size")] = 0
    code: Annotated[Code, field("Code", "Code")] = ""
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()


class Group(Row, frozen=True, array_like=True, gc=False):
    """Some students of a cohort. Groups of one `partition` share none; of two, some, unless set `apart`."""

    fr: ClassVar[str] = "TD ou option"
    en: ClassVar[str] = "Group"

    cohort: Annotated[Key, field("Promotion", "Cohort", "cohort")]
    name: Annotated[Name, field("Nom", "Name")]
    partition: Annotated[OptionalName, field("Partition", "Partition")] = ""
    size: Annotated[People, field("Effectif", "Size")] = 0
    apart: Annotated[Keys, field("Sans élève commun avec", "Shares no student with", "group")] = ()
    elective: Annotated[bool, field("Option", "Elective")] = False
    code: Annotated[Code, field("Code", "Code")] = ""
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()


class CombinedGroup(Row, frozen=True, array_like=True, gc=False):
    """Cohorts and groups that are taught together."""

    fr: ClassVar[str] = "Regroupement"
    en: ClassVar[str] = "Combined group"

    name: Annotated[Name, field("Nom", "Name")]
    cohorts: Annotated[Keys, field("Promotions", "Cohorts", "cohort")] = ()
    groups: Annotated[Keys, field("TD et options", "Groups", "group")] = ()
    code: Annotated[Code, field("Code", "Code")] = ""


class Student(Row, frozen=True, array_like=True, gc=False):
    """Who learns. Cohorts and groups are in memberships."""

    fr: ClassVar[str] = "Étudiant"
    en: ClassVar[str] = "Student"
    domain: ClassVar[Domain] = "people"

    name: Annotated[Name, field("Nom", "Name")]
    first_name: Annotated[OptionalName, field("Prénom", "First name")] = ""
    code: Annotated[Code, field("Numéro", "Number")] = ""
    email: Annotated[OptionalName, field("Adresse e-mail", "E-mail")] = ""
    phone: Annotated[Code, field("Téléphone", "Phone")] = ""
    born_on: Annotated[Day, field("Né(e) le", "Born on")] = ""
    sex: Annotated[Code, field("Sexe", "Sex")] = ""
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()


class Guardian(Row, frozen=True, array_like=True, gc=False):
    """A parent or whoever answers for students."""

    fr: ClassVar[str] = "Responsable"
    en: ClassVar[str] = "Guardian"
    domain: ClassVar[Domain] = "people"

    name: Annotated[Name, field("Nom", "Name")]
    first_name: Annotated[OptionalName, field("Prénom", "First name")] = ""
    email: Annotated[OptionalName, field("Adresse e-mail", "E-mail")] = ""
    phone: Annotated[Code, field("Téléphone", "Phone")] = ""
    students: Annotated[Keys, field("Étudiants", "Students", "student")] = ()


class Membership(Row, frozen=True, array_like=True, gc=False):
    """A student in a cohort, a group or a combined group, in some weeks (None: all year)."""

    fr: ClassVar[str] = "Appartenance"
    en: ClassVar[str] = "Membership"
    domain: ClassVar[Domain] = "people"
    one_of: ClassVar[tuple[str, ...]] = ("cohort", "group", "combined")
    part_of: ClassVar[tuple[str, ...]] = ("student", "cohort", "group", "combined")

    student: Annotated[Key, field("Étudiant", "Student", "student")]
    cohort: Annotated[Key | None, field("Promotion", "Cohort", "cohort")] = None
    group: Annotated[Key | None, field("TD ou option", "Group", "group")] = None
    combined: Annotated[Key | None, field("Regroupement", "Combined group", "combined_group")] = None
    weeks: Annotated[Weeks | None, field("Semaines", "Weeks", unit="weeks")] = None


class Room(Row, frozen=True, array_like=True, gc=False):
    """Where it is taught, or anything that is shared and booked."""

    fr: ClassVar[str] = "Salle"
    en: ClassVar[str] = "Room"

    name: Annotated[Name, field("Nom", "Name")]
    capacity: Annotated[People, field("Capacité", "Capacity")] = 0
    site: Annotated[Key | None, field("Site", "Site", "site")] = None
    code: Annotated[Code, field("Code", "Code")] = ""
    bookable: Annotated[bool, field("Réservable", "Bookable")] = True
    hourly_cost: Annotated[Cents, field("Coût horaire (centièmes)", "Hourly cost (hundredths)")] = 0
    keepers: Annotated[Keys, field("Appariteurs", "Room managers", "staff")] = ()
    categories: Annotated[Keys, field("Rubriques", "Category values", "category_value")] = ()


class RoomPool(Row, frozen=True, array_like=True, gc=False):
    """Rooms of which any will do; which one is settled later."""

    fr: ClassVar[str] = "Groupe de salles"
    en: ClassVar[str] = "Room pool"

    name: Annotated[Name, field("Nom", "Name")]
    rooms: Annotated[ManyKeys, field("Salles", "Rooms", "room")] = ()


class CustomField(Row, frozen=True, array_like=True, gc=False):
    """A field that a school adds to the objects of one kind."""

    fr: ClassVar[str] = "Champ personnalisé"
    en: ClassVar[str] = "Custom field"
    domain: ClassVar[Domain] = "settings"

    name: Annotated[Name, field("Nom", "Name")]
    kind: Annotated[Code, field("Genre", "Kind")] = ""
    type: Annotated[Literal["text", "number", "date", "truth"], field("Type", "Type")] = "text"


class CustomValue(Row, frozen=True, array_like=True, gc=False):
    """What an object has in a custom field."""

    fr: ClassVar[str] = "Valeur personnalisée"
    en: ClassVar[str] = "Custom value"
    domain: ClassVar[Domain] = "resources"
    one_of: ClassVar[tuple[str, ...]] = ("subject", "instructor", "cohort", "group", "student", "room", "activity")
    part_of: ClassVar[tuple[str, ...]] = ("custom_field", *one_of)

    custom_field: Annotated[Key, field("Champ", "Field", "custom_field")]
    value: Annotated[Memo, field("Valeur", "Value")] = ""
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    instructor: Annotated[Key | None, field("Enseignant", "Instructor", "instructor")] = None
    cohort: Annotated[Key | None, field("Promotion", "Cohort", "cohort")] = None
    group: Annotated[Key | None, field("TD ou option", "Group", "group")] = None
    student: Annotated[Key | None, field("Étudiant", "Student", "student")] = None
    room: Annotated[Key | None, field("Salle", "Room", "room")] = None
    activity: Annotated[Key | None, field("Cours", "Activity", "activity")] = None


class Comment(Row, frozen=True, array_like=True, gc=False):
    """What somebody noted about an object."""

    fr: ClassVar[str] = "Commentaire"
    en: ClassVar[str] = "Comment"
    one_of: ClassVar[tuple[str, ...]] = ("subject", "instructor", "cohort", "group", "student", "room", "activity")
    part_of: ClassVar[tuple[str, ...]] = one_of

    text: Annotated[Memo, field("Texte", "Text")]
    by: Annotated[OptionalName, field("Auteur", "Author")] = ""
    on: Annotated[Day, field("Date", "Date")] = ""
    subject: Annotated[Key | None, field("Matière", "Subject", "subject")] = None
    instructor: Annotated[Key | None, field("Enseignant", "Instructor", "instructor")] = None
    cohort: Annotated[Key | None, field("Promotion", "Cohort", "cohort")] = None
    group: Annotated[Key | None, field("TD ou option", "Group", "group")] = None
    student: Annotated[Key | None, field("Étudiant", "Student", "student")] = None
    room: Annotated[Key | None, field("Salle", "Room", "room")] = None
    activity: Annotated[Key | None, field("Cours", "Activity", "activity")] = None


class DocumentTemplate(Row, frozen=True, array_like=True, gc=False):
    """A letter or list with blanks."""

    fr: ClassVar[str] = "Document type"
    en: ClassVar[str] = "Document template"
    domain: ClassVar[Domain] = "settings"

    name: Annotated[Name, field("Nom", "Name")]
    kind: Annotated[Code, field("Genre concerné", "Kind it is about")] = ""
    language: Annotated[Code, field("Langue", "Language")] = "fr"
    body: Annotated[Text, field("Texte", "Text")] = ""
    copies: Annotated[Count, field("Exemplaires", "Copies")] = 1
