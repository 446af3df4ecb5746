"""Users of an account, from a shell."""

from typing import Final

import click

from hpserver.cli.office.deed import Ask, Deed
from hpserver.cli.screen import Screen, tr
from hpserver.protocol.catalogue import administration as w


async def list_users(screen: Screen, ask: Ask) -> None:
    """List the users."""
    found: list[w.UserRow] = []
    more = True
    while more:
        page: w.Users = await ask(w.ListUsers(found[-1].login if found else ""))
        found, more = [*found, *page.rows], page.more
    titles = {
        "login": tr("Identifiant", "Login"), "name": tr("Nom", "Name"), "first_name": tr("Prénom", "First name"),
        "status": tr("Statut", "Status"), "measure": tr("Mesure", "Measure"), "enabled": tr("Actif", "Enabled"),
    }  # fmt: skip
    screen.table([{name: getattr(one, name) for name in titles} for one in found], titles)


async def enable_user(screen: Screen, ask: Ask, login: str) -> None:
    """Let a user in again."""
    await ask(w.SetUserEnabled(login, enabled=True))
    screen.show({"login": login, "enabled": True}, tr(f"{login} peut se connecter.", f"{login} may sign in."))


async def disable_user(screen: Screen, ask: Ask, login: str) -> None:
    """Let a user in no longer; their sessions are closed at once, everywhere."""
    done: w.Done = await ask(w.SetUserEnabled(login, enabled=False))
    told = tr(
        f"{login} ne peut plus se connecter ; sessions fermées : {done.closed}.",
        f"{login} may no longer sign in; sessions closed: {done.closed}.",
    )
    screen.show({"login": login, "enabled": False, "closed": done.closed}, told)


USERS: Final = (
    Deed("list", list_users),
    Deed("enable", enable_user, (click.argument("login"),)),
    Deed("disable", disable_user, (click.argument("login"),)),
)
