"""The rights of a profile as pages draw them: boxes of a form, a table by area, and what a change gives and takes."""

from typing import Any, Final

import msgspec
from starlette.datastructures import FormData, QueryParams

from hpserver.base.registry import KINDS
from hpserver.errors import InvalidChangeError, NotFoundError
from hpserver.identity.profiles import ACTIONS, LEVELS, NOTHING, Rights, capped, read_rights, write_rights
from hpserver.protocol.catalogue import administration as w
from hpserver.web.visit import Visit

AREAS: Final = tuple(dict.fromkeys(kind.domain for kind in KINDS.values()))
"""The domains in the order in which the model declares them."""

DRAWN: Final = tuple(one for one in ACTIONS if one != "administrate")
"""Actions that a school's own profile may have."""


async def of_form(visit: Visit, form: FormData) -> dict[str, str]:
    """Return the field of the wish that the boxes of a form are; a new profile begins as that which it is `like`."""
    if "others" in form:
        return {"rights": write_rights(read(form))}
    like = str(form.get("like", ""))
    known = (await one_profile(visit, str(form.get("planning", "")), like)).rights if like else write_rights(NOTHING)
    return {"rights": known}


def read(form: FormData | QueryParams) -> Rights:
    """Return the rights that are ticked: an empty level says nothing of its own. Raises InvalidChangeError."""
    levels: dict[str, dict[str, str]] = {"domain": {}, "kind": {}}
    for key, value in form.multi_items():
        group, _, name = key.partition(".")
        if group in levels and value:
            levels[group][name] = str(value)
    typed = str(form.get("categories", "")).replace(",", " ").split()
    if not all(one.isdecimal() for one in typed):
        raise InvalidChangeError("imposed categories are numbers", field="categories")
    said = {
        "others": str(form.get("others", "none")), "domains": levels["domain"], "kinds": levels["kind"],
        "categories": sorted({int(one) for one in typed}), "actions": [str(one) for one in form.getlist("action")],
    }  # fmt: skip
    return read_rights(msgspec.json.encode(said).decode())


async def one_profile(visit: Visit, planning: str, name: str) -> w.ProfileRow:
    """Return one profile of a planning. Raises NotFoundError, and what the office says to who may not see it."""
    for one in await every_profile(visit, planning):
        if one.name == name:
            return one
    raise NotFoundError(f"there is no profile {name!r} in {planning}", profile=name)


async def every_profile(visit: Visit, planning: str) -> list[w.ProfileRow]:
    """Return the profiles of a planning."""
    found: list[w.ProfileRow] = []
    more = True
    while more:
        page = await visit.served.carry_out(visit.who, w.ListProfiles(planning, found[-1].name if found else ""))
        assert isinstance(page, w.Profiles)
        found, more = [*found, *page.rows], page.more
    return found


def given(row: w.ProfileRow, rights: Rights) -> Rights:
    """Return what rights give in a profile: its type may leave less of them."""
    return rights if row.built_in else capped(rights, row.type)


def seen(rights: Rights) -> dict[str, list[tuple[Any, str]]]:
    """Return what somebody with rights sees and changes, area by area: each kind with its level."""
    return {
        area: [(kind, rights.level(name, area)) for name, kind in KINDS.items() if kind.domain == area]
        for area in AREAS
    }


async def consequences(visit: Visit, wish: w.SetProfile) -> list[str]:
    """Say who has a profile, and what they lose and are given, before its rights are changed."""
    row = await one_profile(visit, wish.planning, wish.name)
    before, after = given(row, read_rights(row.rights)), given(row, read_rights(wish.rights))
    lost, gained = _differences(visit, before, after)
    holders = await _holders(visit, wish.planning, wish.name)
    lines = [
        visit.words("Ont ce profil : {who}.", who=", ".join(holders))
        if holders
        else visit.words("Personne n'a ce profil.")
    ]
    lines += [visit.words("Perdu : {what}", what=one) for one in lost]
    lines += [visit.words("Donné : {what}", what=one) for one in gained]
    if holders:
        lines.append(
            visit.words("Qui est dans le planning avec ce profil y entre de nouveau, avec les nouveaux droits.")
        )
    return lines if lost or gained else [*lines, visit.words("Rien ne change.")]


def _differences(visit: Visit, before: Rights, after: Rights) -> tuple[list[str], list[str]]:
    lost: list[str] = []
    gained: list[str] = []
    for name, kind in KINDS.items():
        was, will = before.level(name, kind.domain), after.level(name, kind.domain)
        if was != will:
            what, levels = visit.words.either(kind.fr, kind.en), (level(visit, was), level(visit, will))
            told = visit.words("{what} : {was} → {will}", what=what, was=levels[0], will=levels[1])
            (lost if LEVELS.index(will) < LEVELS.index(was) else gained).append(told)
    for one in ACTIONS:
        if before.may(one) != after.may(one):
            (lost if before.may(one) else gained).append(action(visit, one))
    if before.categories != after.categories:
        narrower = bool(after.categories) and not set(before.categories) < set(after.categories)
        told = ", ".join(map(str, after.categories)) or visit.words("toutes")
        (lost if narrower or not before.categories else gained).append(
            visit.words("rubriques vues : {which}", which=told)
        )
    return lost, gained


def level(visit: Visit, name: str) -> str:
    """Say a level."""
    return {"none": visit.words("aucun"), "read": visit.words("lecture"), "edit": visit.words("saisie")}[name]


def action(visit: Visit, name: str) -> str:
    """Say what an action lets do."""
    return {
        "force": visit.words("Placer malgré un conflit ou une contrainte"),
        "undo_others": visit.words("Annuler les saisies des autres"),
        "import": visit.words("Importer des fichiers dans la base"),
        "export": visit.words("Exporter les données de la base"),
        "administrate": visit.words("Administrer le planning"),
    }[name]


def area(visit: Visit, name: str) -> str:
    """Say what an area is called."""
    return {
        "settings": visit.words("Paramètres"), "resources": visit.words("Ressources"),
        "people": visit.words("Étudiants et responsables"),
        "timetable": visit.words("Emploi du temps"), "wishes": visit.words("Vœux et contraintes"),
        "requests": visit.words("Demandes de réservation"), "exams": visit.words("Oraux"),
        "surveys": visit.words("Évaluations des cours"), "grading": visit.words("Notation"),
        "attendance": visit.words("Assiduité"), "internships": visit.words("Stages"),
    }[name]  # fmt: skip


async def _holders(visit: Visit, planning: str, profile: str) -> list[str]:
    found: list[str] = []
    after, more = "", True
    while more:
        page = await visit.served.carry_out(visit.who, w.ListAssignments(planning, after))
        assert isinstance(page, w.Assignments)
        found += [one.login for one in page.rows if one.profile == profile]
        after, more = page.rows[-1].login if page.rows else "", page.more
    return found
