"""The demo's school: which real data there is on this machine, and what its people are called. Knows no process."""

import os
import secrets
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import msgspec

from hpserver.base.planning import Planning
from hpserver.cli.screen import tr
from hpserver.errors import ImportRefusedError
from hpserver.identity.pins import is_blocked
from hpserver.imports.read import read_file
from hpserver.imports.result import to_planning
from hpserver.imports.school import generate

NAME: Final = "Université de démonstration"
DOMAIN: Final = "demo.example"
YEAR: Final = 2026
FET_DATA: Final = Path("/usr/share/fet/examples")
"""Where Debian's package fet-data puts its schools."""


class Person(msgspec.Struct, frozen=True):
    """A user of the demo; the password and PIN are drawn for this run and shown, so that they can be tried."""

    login: str
    first_name: str
    name: str
    status: str
    profiles: tuple[tuple[str, str], ...]
    password: str
    pin: str


class Source(msgspec.Struct, frozen=True):
    """A base for the demo and where it comes from."""

    planning: Planning
    origin: str


def people() -> tuple[Person, ...]:
    """A superadmin and three users, with the profiles that the guide names."""
    everywhere = ("planning01", "planning02")
    cast = (
        ("pmartin", "Pierre", "MARTIN", "superadmin", tuple((p, "Administration") for p in everywhere)),
        ("afilaire", "Alain", "FILAIRE", "user", tuple((p, "Modification") for p in everywhere)),
        ("mcurie", "Marie", "CURIE", "user", tuple((p, "Modification") for p in everywhere)),
        ("jsorel", "Julien", "SOREL", "user", (("planning01", "Consultation"),)),
    )
    return tuple(
        Person(login, first, last, status, profiles, secrets.token_urlsafe(12), _pin())
        for login, first, last, status, profiles in cast
    )


def sources() -> Iterator[Source]:
    """The bases of this machine, best first: HYPERPLANNING exports, FET schools, then made-up ones without end."""
    shared = Path(os.environ.get("HP_SHARED") or "../shared") / "data"
    files = [*sorted(shared.glob("hyperplanning/*.ics")), *sorted(shared.glob("fet/*.fet*"), reverse=True)]
    for file in [*files, *sorted(FET_DATA.rglob("*.fet"))]:
        try:
            imported = read_file(file.name, file.read_bytes(), YEAR)
        except (ImportRefusedError, OSError):
            continue
        yield Source(to_planning(imported), file.name)
    for seed in count(1):
        imported = generate(seed=seed, year=YEAR)
        yield Source(to_planning(imported), tr(f"école inventée, graine {seed}", f"a made-up school, seed {seed}"))


def _pin() -> str:
    """Six digits that are not blocked: no date, repeat or pattern of the keypad."""
    while is_blocked(pin := f"{secrets.randbelow(1_000_000):06}"):
        pass
    return pin
