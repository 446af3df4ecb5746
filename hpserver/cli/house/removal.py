"""`hp planning rename`, `hp planning delete` and `hp hosting delete`: other names, and the end."""

import datetime as dt
from pathlib import Path

import click

from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option, yes_option
from hpserver.cli.running import asynchronous, confirm
from hpserver.cli.screen import Screen, colon, filled, tr
from hpserver.directory import names
from hpserver.hosting import removal
from hpserver.protocol.catalogue import administration as w
from hpserver.reaching import carry_out, wake_agent


@click.command("rename")
@click.argument("name")
@click.argument("new_name", default="")
@click.option("--publication", default="", help="What people see; as it is by default.")
@account_option
@click.pass_obj
@asynchronous
async def rename_planning(screen: Screen, name: str, new_name: str, publication: str, account: str) -> None:
    """Give a stopped planning another name, or another publication name."""
    if not new_name and not publication:
        raise click.UsageError(tr("Donnez NEW_NAME, ou --publication.", "Give NEW_NAME, or --publication."))
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        if new_name:
            await carry_out(accounts, found, w.RenamePlanning(name, new_name))
        if publication:
            await carry_out(accounts, found, w.SetPublication(new_name or name, publication))
        now = await accounts.planning(found, names.planning(new_name or name))
        await wake_agent(accounts.paths)
    value = {"name": now.name, "publication": now.publication_name, "was": name}
    screen.show(value, f"{name} → {now.name}{colon()}{now.publication_name}")


@click.command("delete")
@click.argument("name")
@yes_option
@account_option
@click.pass_obj
@asynchronous
async def delete_planning(screen: Screen, name: str, yes: bool, account: str) -> None:
    """Remove a stopped planning and the profiles given there (`hp template save` keeps them); its base stays."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        planning = await accounts.planning(found, name)
        profiles = await removal.planning_profiles(accounts, planning)
        what = filled(
            "{name} disparaît, avec {count} profil(s) donné(s) ; sa base reste ({base}).",
            "{name} goes, with {count} profile(s) given there; its base stays ({base}).",
            name=planning.name, count=profiles, base=planning.base or tr("aucune", "none"),
        )  # fmt: skip
        confirm(planning.name, what, yes=yes)
        await carry_out(accounts, found, w.RemovePlanning(planning.name))
        await wake_agent(accounts.paths)
    text = tr(f"{planning.name} : supprimé", f"{planning.name}: deleted")
    screen.show({"name": planning.name, "base": planning.base, "profiles": profiles}, text)


@click.command("delete")
@click.argument("account")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True,
    help="New folder that gets all of it first: every base, the users and plannings, the audit log.",
)  # fmt: skip
@click.option(
    "--erase",
    is_flag=True,
    help="Leave nothing here: no base in the trash, no backup, no audit log. FOLDER of --out is all there is then.",
)
@yes_option
@click.pass_obj
@asynchronous
async def delete_account(screen: Screen, account: str, out: Path, erase: bool, yes: bool) -> None:
    """Export an account whose controller and plannings are stopped, then remove it and its keys.

    ACCOUNT is a number or domain. What stays on this machine is said: the trash, the backups and the audit log.
    """
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        what = tr(
            f"Le compte {found.name} ({found.number}) disparaît, avec ses utilisateurs, ses plannings et ses clés.",
            f"The account {found.name} ({found.number}) goes, with its users, plannings and keys.",
        )
        if erase:
            what += tr(
                f" Rien n'en reste ici, ni sauvegarde ni journal d'audit : seul {out} le contient ensuite.",
                f" Nothing of it stays here, no backup and no audit log: only {out} has it then.",
            )
        confirm(found.domain, what, yes=yes)
        written = await removal.delete_account(accounts, found, out, dt.datetime.now(dt.UTC), erase=erase)
        kept = {what: str(path) for what, path in removal.kept_of(accounts, found).items()}
    text = filled(
        "{domain} : supprimé ; {count} fichier(s) dans {out}", "{domain}: deleted; {count} file(s) in {out}",
        domain=found.domain, count=len(written), out=out,
    )  # fmt: skip
    stays = [tr("Rien n'en reste ici.", "Nothing of it stays here.")]
    if kept:
        stays = [tr("Il en reste ici :", "What stays of it here:"), *(f"  {path}" for path in kept.values())]
    value = {"number": found.number, "domain": found.domain, "files": list(map(str, written)), "kept": kept}
    screen.show(value, "\n".join([text, *stays]))
