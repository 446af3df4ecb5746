"""Users as a table: written for a school to keep or to bring elsewhere, read and compared with those there are.

Pure: it plans wishes and carries out none. An empty cell says nothing: a list of last year clears no address. A cell
that a spreadsheet would take for a formula is written with an apostrophe before it (OWASP, CSV injection), which is
taken off when it is read.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_type_hints

import msgspec

from hpserver.directory import names
from hpserver.errors import HPError, ImportRefusedError
from hpserver.protocol.catalogue import administration as w

MAX_LINES: Final = 20_000
"""People of one table: more than the largest school has users."""

MAX_BYTES: Final = 16 << 20

COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "login": ("Identifiant", "Login"),
    "name": ("Nom", "Name"),
    "first_name": ("Prénom", "First name"),
    "title": ("Civilité", "Title"),
    "status": ("Statut", "Status"),
    "console": ("Console", "Console"),
    "email": ("E-mail", "E-mail"),
    "phone": ("Téléphone", "Phone"),
    "mobile": ("Mobile", "Mobile"),
    "ldap": ("Identifiant LDAP", "LDAP identifier"),
    "cas": ("Identifiant CAS", "CAS identifier"),
    "wsfed": ("Identifiant WS-Fed", "WS-Fed identifier"),
    "saml": ("Identifiant SAML", "SAML identifier"),
    "profiles": ("Profils", "Profiles"),
}
"""Field -> its title in French and English; `profiles` holds `planning01=Modification, planning02=Consultation`."""

OTHER_TITLES: Final = {
    "courriel": "email", "email": "email", "mail": "email", "adresse e-mail": "email", "prenom": "first_name",
    "nom de famille": "name", "profil": "profiles", "profile": "profiles",
}  # fmt: skip
"""What tables made by hand call these fields too."""

YES: Final = frozenset({"oui", "o", "yes", "y", "vrai", "true", "1", "x"})
NO: Final = frozenset({"non", "n", "no", "faux", "false", "0"})

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With those of full width, which some spreadsheets take for the others."""
_FIELDS: Final = get_type_hints(w.AddUser, include_extras=True)
_SHOWN: Final = 20
_STATUSES: Final = {
    "superadministrateur": "superadmin", "administrateur de base": "base_admin", "utilisateur": "user",
    "superadministrator": "superadmin", "base administrator": "base_admin",
}  # fmt: skip


class Wrong(msgspec.Struct, frozen=True):
    """A line that was not understood, counted from 1 with the titles; `field` is the column."""

    line: int
    field: str
    text: str


class Plan(msgspec.Struct, frozen=True):
    """What a table would change. The users that it does not name stay as they are."""

    add: tuple[w.AddUser, ...]
    change: tuple[w.ChangeUser, ...]
    assign: tuple[w.Assign, ...]
    same: int
    wrong: tuple[Wrong, ...]
    ignored: tuple[str, ...] = ()
    """Titles of columns that are no field of a user: nothing of them is taken."""

    def wishes(self) -> tuple[w.AddUser | w.ChangeUser | w.Assign, ...]:
        """Everything to be wished for, in this order."""
        return (*self.add, *self.change, *self.assign)


def write_sheet(rows: Iterable[w.UserRow], language: str) -> bytes:
    """Return the users as CSV in UTF-8 with a mark and semicolons, as spreadsheets of French schools open it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles[language != "fr"] for titles in COLUMNS.values())
    for row in rows:
        writer.writerow(_safe(_cell(row, name)) for name in COLUMNS)
    return text.getvalue().encode("utf-8-sig")


def read_sheet(content: bytes, users: Sequence[w.UserRow]) -> Plan:
    """Plan what a table asks for, beside the `users` there are. Raises ImportRefusedError: it is no table of users."""
    header, ignored, lines = _table(content)
    known = {one.login: one for one in users}
    add, change, assign, wrong = list[w.AddUser](), list[w.ChangeUser](), list[w.Assign](), list[Wrong]()
    seen, same = set[str](), 0
    for number, cells in lines:
        values = {name: _plain(cells[column]) for column, name in header.items() if column < len(cells)}
        try:
            login = names.login(values["login"])
            said, profiles = _read(values)
        except (HPError, _CellError) as error:
            wrong.append(Wrong(number, getattr(error, "field", "login"), str(error)))
            continue
        if login in seen:
            wrong.append(Wrong(number, "login", f"{login} is there twice"))
            continue
        seen.add(login)
        there = known.get(login)
        if there is None and not said.get("name"):
            wrong.append(Wrong(number, "name", "a new user has a family name"))
            continue
        given = dict(there.profiles) if there is not None else {}
        assign += [
            w.Assign(planning, login, name)
            for planning, name in profiles
            if given.get(planning, "").casefold() != name.casefold()
        ]
        if there is None:
            add.append(w.AddUser(login, **said))
        elif other := {name: value for name, value in said.items() if getattr(there, name) != value}:
            change.append(w.ChangeUser(login, **other))
        else:
            same += 1
    return Plan(tuple(add), tuple(change), tuple(assign), same, tuple(wrong), ignored)


class _CellError(Exception):
    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def _table(content: bytes) -> tuple[dict[int, str], tuple[str, ...], list[tuple[int, list[str]]]]:
    if len(content) > MAX_BYTES:
        raise ImportRefusedError(f"a table of users has at most {MAX_BYTES >> 20} MB", bytes=len(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ImportRefusedError(f"not a table: {error}") from error
    if len(rows) > MAX_LINES:
        raise ImportRefusedError(f"a table of users has at most {MAX_LINES} lines", lines=len(rows))
    titles = OTHER_TITLES | {title.casefold(): name for name, both in COLUMNS.items() for title in (name, *both)}
    first_row = [cell.strip() for cell in rows[0]] if rows else []
    header = {number: titles[cell.casefold()] for number, cell in enumerate(first_row) if cell.casefold() in titles}
    ignored = tuple(cell for cell in first_row if cell and cell.casefold() not in titles)
    if "login" not in header.values():
        raise ImportRefusedError("the first line names no column of logins: Identifiant, or Login", line=1)
    lines = [(number, cells) for number, cells in enumerate(rows[1:], 2) if any(cell.strip() for cell in cells)]
    return header, ignored, lines


def _read(values: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    said: dict[str, Any] = {
        name: _as_kept(name, text)
        for name, text in values.items()
        if text and name not in {"login", "status", "console", "profiles"}
    }
    if status := values.get("status", "").casefold():
        said["status"] = _STATUSES.get(status, status)
        if said["status"] not in _STATUSES.values():
            raise _CellError("status", f"{status!r} is no status")
    if word := values.get("console", "").casefold():
        if word not in YES | NO:
            raise _CellError("console", f"{word!r} is neither yes nor no")
        said["console"] = word in YES
    return said, [_assignment(one) for one in values.get("profiles", "").split(",") if one.strip()]


def _as_kept(name: str, text: str) -> str:
    """Return a text as the directory will have it: what it would refuse is told before anybody is added."""
    try:
        kept = names.email(text) if name == "email" else names.title(text, name)
        msgspec.convert(kept, _FIELDS[name])
    except HPError as error:
        raise _CellError(name, str(error)) from error
    except msgspec.ValidationError as error:
        raise _CellError(name, f"{kept[:_SHOWN]!r} is too long") from error
    return kept


def _assignment(text: str) -> tuple[str, str]:
    planning, _, profile = (part.strip() for part in text.partition("="))
    if not planning or not profile:
        raise _CellError("profiles", f"{text.strip()!r} is not written planning=profile")
    return planning, profile


def _cell(row: w.UserRow, name: str) -> str:
    value = getattr(row, name)
    if name == "profiles":
        return ", ".join(f"{planning}={profile}" for planning, profile in value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def _plain(cell: str) -> str:
    text = cell.strip()
    return text.removeprefix("'")
