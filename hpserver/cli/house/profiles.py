"""`hp profile`: what people may see and change inside the bases of a planning."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast, get_args

import click
import msgspec

from hpserver.base.registry import KINDS
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, tr
from hpserver.directory.api import Directory
from hpserver.directory.model import Planning
from hpserver.errors import NotFoundError
from hpserver.hosting import profiles
from hpserver.hosting.profiles import DOMAINS, Granted
from hpserver.identity.profiles import ACTIONS, LEVELS, Level, Rights, Type

F = TypeVar("F", bound=Callable[..., Any])

planning_argument = click.argument("planning")
name_argument = click.argument("name")


def rights_options(command: F) -> F:
    """Add the options that say what a profile may do."""
    for option in reversed((
        click.option("--others", type=click.Choice(LEVELS), help="What may be done with all that is not said below."),
        click.option("--domain", "domains", multiple=True, metavar="DOMAIN=LEVEL", help="For example wishes=edit."),
        click.option("--kind", "kinds", multiple=True, metavar="KIND=LEVEL", help="For example grade=none."),
        click.option(
            "--category", "categories", multiple=True, type=click.IntRange(1),
            help="Key of a category value: only what bears one of those given is seen.",
        ),
        click.option("--all-categories", is_flag=True, help="Impose no category any more."),
        click.option("--allow", multiple=True, type=click.Choice(ACTIONS), help="An action that is allowed."),
        click.option("--refuse", multiple=True, type=click.Choice(ACTIONS), help="An action that is not."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.group()
def profile() -> None:
    """Profiles of a planning: who sees and changes what inside a base.

    Levels are none, read and edit. Administration, Modification and Consultation are there from the beginning.
    """


@profile.command("list")
@planning_argument
@account_option
@click.pass_obj
@asynchronous
async def list_(screen: Screen, planning: str, account: str) -> None:
    """List the profiles of a planning."""
    async with open_accounts() as accounts:
        chosen = await accounts.planning(await accounts.account(account), planning)
        found = await profiles.all_profiles(accounts.directory, chosen)
    rows = [{"name": one.name, "type": _type(one), **_told(one.rights)} for one in found]
    titles = {
        "name": tr("Profil", "Profile"), "type": tr("Type", "Type"), "others": tr("Par défaut", "By default"),
        "domains": tr("Domaines", "Domains"), "kinds": tr("Genres", "Kinds"),
        "categories": tr("Rubriques imposées", "Imposed categories"), "actions": tr("Actions", "Actions"),
    }  # fmt: skip
    screen.table(rows, titles)


@profile.command()
@planning_argument
@name_argument
@account_option
@click.pass_obj
@asynchronous
async def show(screen: Screen, planning: str, name: str, account: str) -> None:
    """Show what a profile may do, kind by kind."""
    async with open_accounts() as accounts:
        chosen = await accounts.planning(await accounts.account(account), planning)
        found = await profiles.profile(accounts.directory, chosen, name)
    value = _value(found)
    value["levels"] = {name: found.rights.level(name, kind.domain) for name, kind in KINDS.items()}
    lines = [f"{tr(kind.fr, kind.en)}: {_level(value['levels'][name])}" for name, kind in KINDS.items()]
    screen.show(value, "\n".join([_line(found), *lines]))


@profile.command()
@planning_argument
@name_argument
@click.option(
    "--type", "type_", type=click.Choice(get_args(Type)), default="modifier", help="A consultant never edits."
)
@click.option("--like", default="", help="Begin with the rights of that profile; with none by default.")
@rights_options
@account_option
@click.pass_obj
@asynchronous
async def create(screen: Screen, /, planning: str, name: str, type_: str, like: str, account: str, **said: Any) -> None:
    """Make a profile. Without options it sees nothing."""
    async with open_accounts() as accounts:
        chosen = await accounts.planning(await accounts.account(account), planning)
        known = await _written(accounts.directory, chosen, like) if like else Rights()
        made = await profiles.create_profile(
            accounts.directory, chosen, name, cast(Type, type_), _rights(known, **said)
        )  # fmt: skip
    screen.show(_value(made), _line(made))


@profile.command("set")
@planning_argument
@name_argument
@rights_options
@account_option
@click.pass_obj
@asynchronous
async def set_(screen: Screen, /, planning: str, name: str, account: str, **said: Any) -> None:
    """Change what a profile may do; what is not said stays. Who is in the planning with it comes in anew."""
    async with open_accounts() as accounts:
        chosen = await accounts.planning(await accounts.account(account), planning)
        known = await _written(accounts.directory, chosen, name)
        changed = await profiles.set_profile(accounts.directory, chosen, name, _rights(known, **said))
    screen.show(_value(changed), _line(changed))


@profile.command()
@planning_argument
@name_argument
@account_option
@click.pass_obj
@asynchronous
async def delete(screen: Screen, planning: str, name: str, account: str) -> None:
    """Delete a profile that nobody has."""
    async with open_accounts() as accounts:
        chosen = await accounts.planning(await accounts.account(account), planning)
        await profiles.delete_profile(accounts.directory, chosen, name)
    screen.show({"planning": chosen.name, "deleted": name}, tr(f"Profil {name} supprimé.", f"Profile {name} deleted."))


async def known_profile(directory: Directory, planning: Planning, name: str) -> str:
    """Return the name of a profile as it is written. Raises BadParameter with those that there are."""
    try:
        return (await profiles.profile(directory, planning, name)).name
    except NotFoundError as error:
        known = ", ".join(one.name for one in await profiles.all_profiles(directory, planning))
        raise click.BadParameter(f"{error.text} ({known})") from None


async def _written(directory: Directory, planning: Planning, name: str) -> Rights:
    found = await profiles.profile(directory, planning, name)
    return await profiles.written_rights(directory, planning, found.name)


def _rights(
    known: Rights, *, others: Level | None, domains: Iterable[str], kinds: Iterable[str],
    categories: tuple[int, ...], all_categories: bool, allow: tuple[str, ...], refuse: tuple[str, ...],
) -> Rights:  # fmt: skip
    """Return the rights that were known with what was said of them."""
    if all_categories and categories:
        raise click.UsageError(
            tr("--category et --all-categories s'excluent.", "--category and --all-categories exclude each other.")
        )
    kept = categories or (() if all_categories else known.categories)
    actions = [one for one in ACTIONS if (one in known.actions or one in allow) and one not in refuse]
    return msgspec.structs.replace(
        known,
        others=others or known.others,
        domains={**known.domains, **_levels(domains, DOMAINS, "--domain")},
        kinds={**known.kinds, **_levels(kinds, KINDS, "--kind")},
        categories=tuple(sorted(set(kept))),
        actions=tuple(actions),
    )


def _levels(said: Iterable[str], known: Iterable[str], option: str) -> dict[str, Level]:
    """Read `room=none` and the like."""
    found: dict[str, Level] = {}
    for text in said:
        name, _, level = text.partition("=")
        if name not in known or level not in LEVELS:
            names = ", ".join(sorted(known))
            raise click.BadParameter(f"{text!r}: {names} = {' | '.join(LEVELS)}", param_hint=option)
        found[name] = level
    return found


def _value(found: Granted) -> dict[str, Any]:
    rights = found.rights
    return {
        "name": found.name, "type": found.type or "built-in", "others": rights.others, "domains": rights.domains,
        "kinds": rights.kinds, "categories": list(rights.categories), "actions": list(rights.actions),
    }  # fmt: skip


def _told(rights: Rights) -> dict[str, str]:
    return {
        "others": _level(rights.others),
        "domains": ", ".join(f"{name}={level}" for name, level in sorted(rights.domains.items())),
        "kinds": ", ".join(f"{name}={level}" for name, level in sorted(rights.kinds.items())),
        "categories": ", ".join(map(str, rights.categories)),
        "actions": ", ".join(rights.actions),
    }


def _line(found: Granted) -> str:
    told = ["" if not text else f"{name} {text}" for name, text in _told(found.rights).items()]
    return f"{found.name} ({_type(found)}): " + "; ".join(text for text in told if text)


def _type(found: Granted) -> str:
    if not found.type:
        return tr("d'origine", "built-in")
    return tr("Modifier", "modifier") if found.type == "modifier" else tr("Consulter", "consultant")


def _level(level: str) -> str:
    return {"none": tr("aucun", "none"), "read": tr("lecture", "read"), "edit": tr("saisie", "edit")}[level]
