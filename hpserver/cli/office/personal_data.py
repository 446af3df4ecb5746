"""What is known about one user, taken out or forgotten, from a shell (GDPR, articles 15 and 17)."""

from pathlib import Path
from typing import Any, Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed
from hpserver.cli.office.devices import all_devices
from hpserver.cli.office.sessions import all_sessions
from hpserver.cli.options import new_file
from hpserver.cli.running import write_file
from hpserver.cli.screen import Screen, tr
from hpserver.protocol.catalogue import administration as w

STAYS: Final = {
    "audit": (
        "le journal d'audit, jusqu'à `hp audit prune` : preuve de qui est venu et de ce qui a été fait",
        "the audit log, until `hp audit prune`: proof of who came and what was done",
    ),
    "history": (
        "l'identifiant, auteur de modifications dans l'historique des bases, jusqu'à ce qu'elles soient supprimées",
        "the login, as the author of changes in the history of bases, until these are deleted",
    ),
    "backups": (
        "les sauvegardes faites avant, jusqu'à la fin de leur conservation",
        "backups that were made before, until they are thinned out",
    ),
    "devices": (
        "les appareils, sans le nom que leur donnait cette personne",
        "the devices, without the name this person gave them",
    ),
}
"""What a deletion does not reach, and why: docs/personal-data.md."""


async def export_data(screen: Screen, ask: Ask, login: str, file: Path) -> None:
    """Write all there is about a user as JSON, for that person to have: no secret is in it."""
    page: w.Users = await ask(w.GetUser(login))
    [user] = page.rows
    addresses: w.Addresses = await ask(w.ListAddresses(user.login))
    devices = await all_devices(ask, user.login)
    events = [one async for one in _events(ask) if _is_about(one, user, {each.device for each in devices})]
    data = {
        "user": _plain(user), "addresses": addresses.rows, "devices": [_plain(one) for one in devices],
        "sessions": [_plain(one) for one in await all_sessions(ask, user.login)],
        "audit": [_plain(one) for one in events],
        "elsewhere": {name: words[1] for name, words in STAYS.items()},
    }  # fmt: skip
    write_file(file, msgspec.json.format(msgspec.json.encode(data)) + b"\n", private=True)
    if str(file) != "-":
        counts = {"devices": len(devices), "audit": len(events), "addresses": len(addresses.rows)}
        screen.show({"login": user.login, "file": str(file)} | counts, str(file))


async def erase_user(screen: Screen, ask: Ask, login: str) -> None:
    """Forget a user, and say what stays, and why."""
    done: w.Done = await ask(w.DeleteUser(login))
    stays = {name: tr(*words) for name, words in STAYS.items()}
    told = [
        tr(f"{login} supprimé. Restent :", f"{login} deleted. What stays:"),
        *(f"  {one}" for one in stays.values()),
    ]
    screen.show({"login": login, "closed": done.closed, "stays": stays}, "\n".join(told))


async def _events(ask: Ask) -> Any:
    after, more = 0, True
    while more:
        page: w.Events = await ask(w.ListEvents(after))
        for one in page.rows:
            yield one
        after, more = page.rows[-1].number if page.rows else after, page.more


def _is_about(one: w.EventRow, user: w.UserRow, devices: set[int]) -> bool:
    """Whether the user did it, or it was done to the user or to a device of theirs."""
    if user.login in {one.actor, one.about.get("login"), one.about.get("user")}:
        return True
    return user.user == one.about.get("user") or (
        one.event.startswith("device.") and one.about.get("device") in devices
    )  # fmt: skip


def _plain(row: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(row)


PERSONAL_DATA: Final = (
    Deed("data", export_data, (click.argument("login"), click.argument("file", type=new_file))),
    Deed("erase", erase_user, (click.argument("login"),)),
)
"""Deeds of `hp user`."""
