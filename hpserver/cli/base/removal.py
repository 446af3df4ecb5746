"""`hp base rename`, `delete`, `trash` and `put-back`: bases take another name, go, and come back."""

import datetime as dt

import click

from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option, yes_option
from hpserver.cli.running import asynchronous, confirm
from hpserver.cli.screen import Screen, filled, say, tr
from hpserver.hosting.removal import delete_base, forget_all_old, put_base_back, rename_base, trash_of
from hpserver.hosting.trash import KEPT_DAYS, thrown


@click.command()
@click.argument("name")
@click.argument("new_name")
@account_option
@click.pass_obj
@asynchronous
async def rename(screen: Screen, name: str, new_name: str, account: str) -> None:
    """Give a base that is not in service another name; its backups and its planning follow."""
    async with open_accounts() as accounts:
        new = await rename_base(accounts, await accounts.account(account), name, new_name)
    screen.show({"base": new, "was": name}, f"{name} → {new}")


@click.command()
@click.argument("name")
@yes_option
@account_option
@click.pass_obj
@asynchronous
async def delete(screen: Screen, name: str, yes: bool, account: str) -> None:
    """Move a base that is not in service and has no branch to the trash, from where `put-back` brings it back."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        path = accounts.existing_base(found, name)
        confirm(
            path.stem,
            tr(f"La base {path.stem} va à la corbeille.", f"The base {path.stem} goes to the trash."),
            yes=yes,
        )
        now = dt.datetime.now(dt.UTC)
        gone = await delete_base(accounts, found, name, now)
        await forget_all_old(accounts, now)
    text = filled(
        "{base} : supprimée ; gardée {days} jour(s) dans {folder} : `hp base put-back`",
        "{base}: deleted; kept for {days} day(s) in {folder}: `hp base put-back`",
        base=gone.base, days=KEPT_DAYS, folder=gone.folder,
    )  # fmt: skip
    screen.show({"base": gone.base, "folder": str(gone.folder), "until": gone.until.isoformat()}, text)


@click.command()
@account_option
@click.pass_obj
@asynchronous
async def trash(screen: Screen, account: str) -> None:
    """List the deleted bases that can be put back."""
    async with open_accounts() as accounts:
        folder = trash_of(accounts.paths, await accounts.account(account))
        await forget_all_old(accounts, dt.datetime.now(dt.UTC))
        rows = [{"base": one.base, "deleted": one.at, "until": one.until.date()} for one in thrown(folder)]
    titles = {
        "base": "Base", "deleted": tr("Supprimée", "Deleted"), "until": tr("Gardée jusqu'au", "Kept until"),
    }  # fmt: skip
    screen.table(rows, titles)


@click.command("put-back")
@click.argument("name")
@click.option("--as", "new_name", default="", help="Under another name, when there is a base of that one again.")
@account_option
@click.pass_obj
@asynchronous
async def put_back(screen: Screen, name: str, new_name: str, account: str) -> None:
    """Put a deleted base back among the others, with its history; the one deleted last when several had that name."""
    async with open_accounts() as accounts:
        back = await put_base_back(accounts, await accounts.account(account), name, new_name)
    say(tr(f"Pour la charger : hp base load PLANNING {back!r}", f"To load it: hp base load PLANNING {back!r}"))
    screen.show({"base": back}, tr(f"{back} : remise en place", f"{back}: put back"))


COMMANDS = (rename, delete, trash, put_back)
"""For `hp base`."""
