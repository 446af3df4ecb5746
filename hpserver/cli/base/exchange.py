"""`hp base cost` and `hp base write`: what a timetable costs, and its files for other programs."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.base.weeks import MAX_WEEKS
from hpserver.base.wording import kind_word
from hpserver.cli.house.installation import base_file
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous, write_file
from hpserver.cli.screen import Screen, filled, language, say, tr
from hpserver.cli.words.french.translate import in_french
from hpserver.costs import itc2019, ud
from hpserver.costs.figures import Cost
from hpserver.costs.itc2019_base import held
from hpserver.hosting.exporting import read_moment
from hpserver.imports.fet_export import write_fet
from hpserver.imports.itc2007_export import write_itc2007
from hpserver.imports.itc2019_export import write_itc2019
from hpserver.imports.result import Exported
from hpserver.imports.students_csv_export import write_students
from hpserver.imports.untis_export import write_untis

FORMS = ("itc2007", "itc2007-extended", "itc2019", "untis", "fet", "students")
"""What a base is written as."""


FRENCH_RULES: Final = {
    "lectures": "leçons manquantes ou doubles", "conflicts": "conflits", "room_occupation": "salles prises deux fois",
    "availability": "périodes impossibles", "room_capacity": "places manquantes",
    "minimum_working_days": "jours de cours manquants", "isolated_lectures": "leçons isolées",
    "room_stability": "salles en trop", "windows": "trous", "student_min_max_load": "charge des journées",
    "travel_distance": "changements de bâtiment", "room_suitability": "salles inadaptées",
    "double_lectures": "leçons non groupées",
    "unplaced": "cours non placés", "time_domain": "horaires non prévus", "room_domain": "salles non prévues",
    "room_taken": "salles prises deux fois", "room_closed": "salles fermées", "required": "contraintes obligatoires",
    "enrolment": "inscriptions fausses", "time": "horaires", "room": "salles", "distribution": "contraintes",
    "student": "conflits d'étudiants",
}  # fmt: skip
"""What the rules of the published formulations are called in French."""


@click.command("cost")
@click.argument("name")
@click.option(
    "--formulation", type=click.Choice([*ud.FORMULATIONS, "itc2019"]), default="ud2", help="What counts, and how much."
)
@account_option
@click.pass_obj
@asynchronous
async def cost(screen: Screen, name: str, formulation: str, account: str) -> None:
    """Say what the timetable of a base costs, rule by rule, by a published formulation."""
    planning = await _content(account, name)
    found = _itc2019(planning) if formulation == "itc2019" else ud.cost(planning, formulation)
    rows = [
        {"rule": one.rule, "count": one.count, "weight": None if one.hard else one.weight, "cost": one.cost}
        for one in found.items
    ]
    if screen.json:
        screen.show({"formulation": formulation, "cost": found.total, "hard": found.hard, "rules": rows}, "")
        return
    headings = {"rule": tr("Règle", "Rule"), "count": tr("Nombre", "Count")}
    headings |= {"weight": tr("Poids", "Weight"), "cost": tr("Coût", "Cost")}
    shown = [
        row | {"rule": rule_word(str(row["rule"])), "weight": "-" if row["weight"] is None else row["weight"]}
        for row in rows
    ]
    screen.table(shown, headings)
    say(tr(f"Coût : {found.total} ; interdits : {found.hard}", f"Cost: {found.total}; forbidden: {found.hard}"))


def rule_word(rule: str) -> str:
    """Return what a formulation calls a rule, as people read it."""
    return tr(FRENCH_RULES[rule], rule.replace("_", " "))


@click.command("write")
@click.argument("name")
@click.option(
    "--as",
    "form",
    type=click.Choice(FORMS),
    required=True,
    help="What for.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write into.")
@click.option("--week", type=click.IntRange(1, MAX_WEEKS), default=None, help="Of FET: the week to write.")
@account_option
@click.pass_obj
@asynchronous
async def write(
    screen: Screen, name: str, form: str, out: Path, week: int | None, account: str
) -> None:  # fmt: skip
    """Write a base as the files of another program; what they do not say is counted."""
    planning = await _content(account, name)
    writers: dict[str, Callable[[], Exported]] = {
        "itc2007": lambda: write_itc2007(planning, name),
        "itc2007-extended": lambda: write_itc2007(planning, name, extended=True),
        "itc2019": lambda: write_itc2019(planning, name),
        "untis": lambda: write_untis(planning),
        "fet": lambda: write_fet(planning, name, None if week is None else week - 1),
        "students": lambda: write_students(planning),
    }
    exported = writers[form]()
    out.mkdir(parents=True, exist_ok=True)
    for file, data in exported.files.items():
        write_file(out / file.replace("/", "-"), data)
    for what, count in exported.left_out.items():
        told = kind_word(what, language()) if what in KINDS else tr(in_french(what), what)
        say(filled("  {count} non écrit(s) : {told}", "  {count} not written: {told}", count=count, told=told))
    value = {"folder": str(out), "files": sorted(exported.files), "left_out": exported.left_out}
    told = filled("{out} : {count} fichier(s)", "{out}: {count} file(s)", out=out, count=len(exported.files))
    screen.show(value, told)


COMMANDS = (cost, write)
"""For `hp base`."""


async def _content(account: str, name: str) -> Planning:
    planning, _ = await read_moment(await base_file(account, name))
    return planning


def _itc2019(planning: Planning) -> Cost:
    found = held(planning)
    return itc2019.cost(found.problem, found.solution)
