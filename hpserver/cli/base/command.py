"""`hp base`: timetables on disk."""

import datetime as dt
from typing import Final

import click

from hpserver.base.registry import KINDS
from hpserver.cli.base.placing import show_made
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.lazy import LazyGroup
from hpserver.cli.office.deed import every_row
from hpserver.cli.options import a_day, account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, colon, instant, tr
from hpserver.protocol.catalogue import administration as w
from hpserver.reaching import carry_out, wake_agent

MODULES: Final = {
    "base.stopped": ("edit", "activities", "diagnose", "report", "student-clashes", "free-rooms", "free-slots"),
    "base.branches": ("branch", "next-year"),
    "base.exchange": ("cost", "write"),
    "base.files": ("export", "import", "restore", "verify", "transfer", "backup", "backups", "backup-key"),
    "base.history": ("history", "as-of", "undo", "restore-object", "compact"),
    "base.imports": ("import-file",),
    "base.regrid": ("regrid",),
    "base.removal": ("rename", "delete", "trash", "put-back"),
    "base.tables": ("import-table", "table", "ics"),
    "base.transfers": ("upload", "download"),
}
"""Module -> its commands, imported when one of them is used."""


@click.group(cls=LazyGroup, modules=MODULES)
def base() -> None:
    """Bases: one academic year's timetable each."""


@base.command("create")
@click.argument("planning")
@click.argument("name")
@click.option("--first-monday", type=a_day, required=True, help="First day.")
@click.option("--last-sunday", type=a_day, required=True, help="Last day.")
@click.option("--days", type=click.IntRange(1, 7), default=5, help="Working days from Monday on.")
@click.option("--sequences", type=click.IntRange(1, 288), default=12, help="Sequences per day.")
@click.option("--sequence-minutes", type=click.IntRange(1, 1440), default=60, help="Minutes of a sequence.")
@click.option("--division", type=click.IntRange(1, 12), default=2, help="Time steps per sequence: 1, 2, 3, 4, 6 or 12.")
@click.option("--day-start", type=click.DateTime(["%H:%M"]), default="08:00", help="When the first sequence begins.")
@click.option("--timezone", default="Europe/Paris", help="IANA name.")
@account_option
@click.pass_obj
@asynchronous
async def create(
    screen: Screen, planning: str, name: str, first_monday: dt.datetime, last_sunday: dt.datetime, days: int,
    sequences: int, sequence_minutes: int, division: int, day_start: dt.datetime, timezone: str, account: str,
) -> None:  # fmt: skip
    """Create an empty base in a planning; it goes into service at once."""
    wish = w.CreateBase(
        planning, name, f"{first_monday:%Y-%m-%d}", f"{last_sunday:%Y-%m-%d}", (1 << days) - 1, sequences,
        sequence_minutes, division, day_start.hour * 60 + day_start.minute, timezone,
    )  # fmt: skip
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await carry_out(accounts, found, wish)
        made = await accounts.planning(found, planning)
        awake = await wake_agent(accounts.paths)
    show_made(screen, made, dict.fromkeys(KINDS, 0), awake=awake)


@base.command("load")
@click.argument("planning")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def load(screen: Screen, planning: str, name: str, account: str) -> None:
    """Put a base of the account into a planning that is stopped."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await carry_out(accounts, found, w.LoadBase(planning, name))
        loaded = await accounts.planning(found, planning)
    screen.show({"planning": loaded.name, "base": loaded.base}, f"{loaded.name}{colon()}{loaded.base}")


@base.command("unload")
@click.argument("planning")
@account_option
@click.pass_obj
@asynchronous
async def unload(screen: Screen, planning: str, account: str) -> None:
    """Take the base out of a planning that is stopped; it stays in the account."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        held = (await accounts.planning(found, planning)).base
        await carry_out(accounts, found, w.UnloadBase(planning))
    text = tr(f"{planning} : aucune base chargée", f"{planning}: no base loaded")
    screen.show({"planning": planning, "base": "", "was": held}, text)


@base.command("list")
@account_option
@click.pass_obj
@asynchronous
async def list_(screen: Screen, account: str) -> None:
    """List the bases of an account, the plannings they are loaded in, and how their last backup went."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        bases = await every_row(
            lambda wish: carry_out(accounts, found, wish), lambda last: w.ListBases(last.name if last else "")
        )
    rows = [
        {
            "base": one.name, "planning": one.planning,
            "backed_up": instant(one.backed_up_at / 1000), "verified": instant(one.verified_at / 1000),
            "failed": one.backup_failed,
        }
        for one in bases
    ]  # fmt: skip
    titles = {
        "base": "Base", "planning": "Planning", "backed_up": tr("Sauvegardée", "Backed up"),
        "verified": tr("Vérifiée", "Verified"), "failed": tr("Échec", "Failed"),
    }  # fmt: skip
    screen.table(rows, titles)
