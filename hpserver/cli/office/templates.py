"""Templates: who has which profile, kept under a name, from a shell."""

from typing import Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed, every_row
from hpserver.cli.screen import Screen, colon, tr
from hpserver.protocol.catalogue import administration as w


async def list_templates(screen: Screen, ask: Ask) -> None:
    """List the templates."""
    found: list[w.TemplateRow] = await every_row(ask, lambda last: w.ListTemplates(last.name if last else ""))
    titles = {"name": tr("Modèle", "Template"), "users": tr("Utilisateurs", "Users")}
    screen.table([{"name": one.name, "users": one.users} for one in found], titles)


async def save_template(screen: Screen, ask: Ask, planning: str, name: str) -> None:
    """Keep who has which profile in a planning under a name."""
    await ask(w.SaveTemplate(planning, name))
    screen.show({"name": name, "planning": planning}, tr(f"Modèle {name} enregistré.", f"Template {name} saved."))


async def apply_template(screen: Screen, ask: Ask, planning: str, name: str, *, dry_run: bool) -> None:
    """Give each user of a template its profile in a planning; who is not in it keeps theirs."""
    done: w.Applied = await ask(w.PreviewTemplate(planning, name) if dry_run else w.ApplyTemplate(planning, name))
    counts = (
        (tr("profils donnés", "profiles given"), done.given),
        (tr("changés", "changed"), done.changed),
        (tr("inchangés", "as they were"), done.kept),
    )
    lines = [", ".join(f"{what}{colon()}{count}" for what, count in counts)]
    for what, logins in (
        (tr("n'existent plus", "are nobody any more"), done.missing),
        (tr("ne peuvent avoir ce profil", "may not have that profile"), done.refused),
    ):
        if logins:
            lines.append(f"{what}{colon()}{', '.join(logins)}")
    screen.show(msgspec.structs.asdict(done), "\n".join(lines))


async def delete_template(screen: Screen, ask: Ask, name: str) -> None:
    """Forget a template; who has a profile keeps it."""
    await ask(w.DeleteTemplate(name))
    screen.show({"deleted": name}, tr(f"Modèle {name} supprimé.", f"Template {name} deleted."))


planning_argument = click.argument("planning")
name_argument = click.argument("name")

TEMPLATES: Final = (
    Deed("list", list_templates),
    Deed("save", save_template, (planning_argument, name_argument)),
    Deed(
        "apply",
        apply_template,
        (planning_argument, name_argument, click.option("--dry-run", is_flag=True, help="Only say what it would do.")),
    ),
    Deed("delete", delete_template, (name_argument,)),
)
