"""Profiles of a planning: what people may see and change in its bases, and how many at once."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar, get_args

import click
import msgspec

from hpserver.base.registry import KINDS
from hpserver.cli.office.deed import Ask, Deed
from hpserver.cli.screen import Screen, tr
from hpserver.errors import NotFoundError
from hpserver.hosting.profiles import DOMAINS
from hpserver.identity.profiles import ACTIONS, LEVELS, Level, Rights, Type, capped, read_rights, write_rights
from hpserver.protocol.catalogue import administration as w

F = TypeVar("F", bound=Callable[..., Any])


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


async def list_profiles(screen: Screen, ask: Ask, planning: str) -> None:
    """List the profiles of a planning, who has them and how many may be inside at once."""
    found, page = await all_profiles(ask, planning)
    rows = [
        {"name": one.name, "type": _type(one), "users": one.users, "places": _places(one), **_told(_given(one))}
        for one in found
    ]
    titles = {
        "name": tr("Profil", "Profile"), "type": tr("Type", "Type"), "users": tr("Utilisateurs", "Users"),
        "places": tr("Places", "Places"), "others": tr("Par défaut", "By default"),
        "domains": tr("Domaines", "Domains"), "kinds": tr("Genres", "Kinds"),
        "categories": tr("Rubriques imposées", "Imposed categories"), "actions": tr("Actions", "Actions"),
    }  # fmt: skip
    screen.table(rows, titles)
    for places, told in (
        (page.modifiers, tr("Places en modification", "Places to modify")),
        (page.consultants, tr("Places en consultation", "Places to consult")),
    ):
        if places >= 0 and not screen.json:
            screen.show({}, f"{told}{tr(' : ', ': ')}{places}")


async def show_profile(screen: Screen, ask: Ask, planning: str, name: str) -> None:
    """See what somebody with a profile sees and may change, kind by kind."""
    found = await one_profile(ask, planning, name)
    value, rights = _value(found), _given(found)
    value["levels"] = {name: rights.level(name, kind.domain) for name, kind in KINDS.items()}
    lines = [f"{tr(kind.fr, kind.en)}{tr(' : ', ': ')}{_level(value['levels'][name])}" for name, kind in KINDS.items()]
    screen.show(value, "\n".join([_line(found), *lines]))


async def create_profile(
    screen: Screen, /, ask: Ask, planning: str, name: str, type_: str, like: str, **said: Any
) -> None:
    """Make a profile. Without options it sees nothing."""
    known = read_rights((await one_profile(ask, planning, like)).rights) if like else Rights()
    await ask(w.CreateProfile(planning, name, type_, write_rights(_rights(known, **said))))
    made = await one_profile(ask, planning, name)
    screen.show(_value(made), _line(made))


async def set_profile(screen: Screen, /, ask: Ask, planning: str, name: str, **said: Any) -> None:
    """Change what a profile may do; what is not said stays. Who is in the planning with it comes in anew."""
    known = read_rights((await one_profile(ask, planning, name)).rights)
    await ask(w.SetProfile(planning, name, write_rights(_rights(known, **said))))
    changed = await one_profile(ask, planning, name)
    screen.show(_value(changed), _line(changed))


async def rename_profile(screen: Screen, ask: Ask, planning: str, name: str, new_name: str) -> None:
    """Give a profile another name; who has it keeps it. Templates of assignments keep the old name."""
    await ask(w.RenameProfile(planning, name, new_name))
    renamed = await one_profile(ask, planning, new_name)
    screen.show(_value(renamed), _line(renamed))


async def delete_profile(screen: Screen, ask: Ask, planning: str, name: str) -> None:
    """Delete a profile that nobody has."""
    await ask(w.DeleteProfile(planning, name))
    screen.show({"planning": planning, "deleted": name}, tr(f"Profil {name} supprimé.", f"Profile {name} deleted."))


async def set_places(screen: Screen, ask: Ask, planning: str, holder: str, places: str, reserved: int) -> None:
    """Limit how many are inside at once: of a profile, or of all `modifiers` or `consultants`; `any` for no limit."""
    wanted = -1 if places == "any" else _number(places)
    await ask(w.SetPlaces(planning, holder, wanted, reserved))
    value = {"planning": planning, "holder": holder, "places": wanted, "reserved": reserved}
    kept = tr(f", dont réservées : {reserved}", f", of which reserved: {reserved}") if reserved else ""
    told = tr("toutes", "any") if wanted < 0 else places
    screen.show(value, f"{planning}, {holder}{tr(' : ', ': ')}{told}{kept}")


async def all_profiles(ask: Ask, planning: str) -> tuple[list[w.ProfileRow], w.Profiles]:
    """Every profile of a planning, and the last page of them: it has the places by type."""
    found: list[w.ProfileRow] = []
    while True:
        page: w.Profiles = await ask(w.ListProfiles(planning, found[-1].name if found else ""))
        found += page.rows
        if not page.more:
            return found, page


async def one_profile(ask: Ask, planning: str, name: str) -> w.ProfileRow:
    """One profile by name, whatever its capitals. Raises NotFoundError with those that there are."""
    found, _ = await all_profiles(ask, planning)
    for one in found:
        if one.name.casefold() == name.strip().casefold():
            return one
    known = ", ".join(one.name for one in found)
    raise NotFoundError(f"there is no profile {name!r} in {planning} ({known})", profile=name, known=known)


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


def _value(found: w.ProfileRow) -> dict[str, Any]:
    rights = _given(found)
    return {
        "name": found.name, "type": "built-in" if found.built_in else found.type, "users": found.users,
        "places": found.places, "reserved": found.reserved, "others": rights.others, "domains": rights.domains,
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


def _line(found: w.ProfileRow) -> str:
    titles = _titles()
    told = [f"{titles[name]} {text}" for name, text in _told(_given(found)).items() if text]
    return f"{found.name} ({_type(found)}){tr(' : ', ': ')}" + tr(" ; ", "; ").join(told)


def _titles() -> dict[str, str]:
    return {
        "others": tr("par défaut", "by default"), "domains": tr("domaines", "domains"),
        "kinds": tr("genres", "kinds"), "categories": tr("rubriques imposées", "imposed categories"),
        "actions": tr("actions", "actions"),
    }  # fmt: skip


def _type(found: w.ProfileRow) -> str:
    if found.built_in:
        return tr("d'origine", "built-in")
    return tr("Modifier", "modifier") if found.type == "modifier" else tr("Consulter", "consultant")


def _given(found: w.ProfileRow) -> Rights:
    """What a profile gives: of one of a school, what its type leaves of it."""
    written = read_rights(found.rights)
    return written if found.built_in else capped(written, found.type)


def _places(found: w.ProfileRow) -> str:
    places = tr("toutes", "any") if found.places < 0 else str(found.places)
    return f"{places} ({found.reserved})" if found.reserved else places


def _number(text: str) -> int:
    if not text.isdecimal():
        raise click.BadParameter(
            tr(f"{text!r} : un nombre, ou any (toutes)", f"{text!r}: a number, or any"), param_hint="PLACES"
        )
    return int(text)


def _level(level: str) -> str:
    return {"none": tr("aucun", "none"), "read": tr("lecture", "read"), "edit": tr("saisie", "edit")}[level]


planning_argument = click.argument("planning")
name_argument = click.argument("name")

PROFILES: Final = (
    Deed("list", list_profiles, (planning_argument,)),
    Deed("show", show_profile, (planning_argument, name_argument)),
    Deed(
        "create",
        create_profile,
        (
            planning_argument,
            name_argument,
            click.option(
                "--type", "type_", type=click.Choice(get_args(Type)), default="modifier",
                help="A consultant never edits.",
            ),
            click.option("--like", default="", help="Begin with the rights of that profile; with none by default."),
            rights_options,
        ),
    ),
    Deed("set", set_profile, (planning_argument, name_argument, rights_options)),
    Deed("rename", rename_profile, (planning_argument, name_argument, click.argument("new_name"))),
    Deed("delete", delete_profile, (planning_argument, name_argument)),
    Deed(
        "places",
        set_places,
        (
            planning_argument,
            click.argument("holder"),
            click.argument("places"),
            click.option("--reserved", type=click.IntRange(min=0), default=0, help="For this profile and no other."),
        ),
    ),
)  # fmt: skip
