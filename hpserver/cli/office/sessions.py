"""Who is there now, and the end of their sessions, from a shell."""

from typing import Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed, every_row
from hpserver.cli.screen import Screen, instant, tr
from hpserver.protocol.catalogue import administration as w

all_option = click.option("--all", "everybody", is_flag=True, help="Everybody's, for superadministrators.")


async def list_sessions(screen: Screen, ask: Ask, login: str, *, everybody: bool) -> None:
    """List the sessions of a user: your own when no login is given, everybody's for the operator."""
    found = await all_sessions(ask, login, everybody=everybody)
    titles = {
        "place": tr("Où", "Where"), "number": tr("Numéro", "Number"), "login": tr("Identifiant", "Login"),
        "device_name": tr("Appareil", "Device"), "source": tr("Adresse", "Address"), "since": tr("Depuis", "Since"),
        "active": tr("Dernière activité", "Last activity"), "profile": tr("Profil", "Profile"),
    }  # fmt: skip
    screen.table([_shown(one, json=screen.json) for one in found], titles)


async def close_sessions(screen: Screen, ask: Ask, login: str, place: str, number: int) -> None:
    """Close the sessions of a user: yours on other devices when no login is given; with --number, only that one."""
    done: w.Done = await ask(w.CloseSessions(login, place, number))
    told = tr(f"Sessions fermées : {done.closed}", f"Sessions closed: {done.closed}")
    screen.show({"closed": done.closed}, told)


async def all_sessions(ask: Ask, login: str, *, everybody: bool = False) -> list[w.SessionRow]:
    """Every session, page by page."""
    found: list[w.SessionRow] = await every_row(
        ask, lambda last: w.ListSessions(login, everybody, *((last.place, last.number) if last else ("", 0)))
    )
    return found


def _shown(one: w.SessionRow, *, json: bool) -> dict[str, object]:
    value = msgspec.structs.asdict(one)
    if json:
        return value
    controller = tr("contrôleur", "controller")
    moments = {"since": instant(one.since / 1000), "active": instant(one.active / 1000)}
    return value | moments | {"place": one.place or controller}


SESSIONS: Final = (
    Deed("list", list_sessions, (click.argument("login", default=""), all_option)),
    Deed(
        "close",
        close_sessions,
        (
            click.argument("login", default=""),
            click.option("--in", "place", default="", metavar="PLANNING", help="Where; the controller by default."),
            click.option("--number", type=click.IntRange(min=0), default=0, help="As `list` shows it; all without."),
        ),
    ),
)
