"""`hp base regrid`: weeks, days, sequences or finer steps for a base that is in use already."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from hpserver.base.edits.regrid import Loss
from hpserver.base.grid import DAYS_IN_WEEK, DIVISIONS, Grid
from hpserver.base.planning import Planning
from hpserver.base.weeks import format_weeks
from hpserver.base.wording import kind_word
from hpserver.cli.house.installation import base_file
from hpserver.cli.options import a_day, account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, tr
from hpserver.cli.words.telling import counted, named
from hpserver.errors import BaseInUseError
from hpserver.hosting import regridding
from hpserver.hosting.past import peek_base

MOST_LINES = 100
"""Losses shown one by one on a screen; `--output json` has all of them."""

WHAT = {
    "place": ("place perdue", "place lost"),
    "duration": ("autre durée", "another duration"),
    "weeks": ("semaines {weeks} perdues", "weeks {weeks} lost"),
    "object": ("disparition", "gone"),
}


@click.command()
@click.argument("name")
@click.option("--first-monday", type=a_day, help="First day; as now by default, like the rest.")
@click.option("--last-sunday", type=a_day, help="Last day.")
@click.option("--days", type=click.IntRange(1, DAYS_IN_WEEK), help="Working days from Monday on.")
@click.option("--sequences", type=click.IntRange(1, 288), help="Sequences per day.")
@click.option("--sequence-minutes", type=click.IntRange(1, 1440), help="Minutes of a sequence.")
@click.option("--division", type=click.Choice([str(one) for one in DIVISIONS]), help="Time steps per sequence.")
@click.option("--day-start", type=click.DateTime(["%H:%M"]), help="When the first sequence begins.")
@click.option("--preview", "only_preview", is_flag=True, help="Only say what would be lost.")
@click.option("--lose", is_flag=True, help="Go on although something is lost.")
@account_option
@click.pass_obj
@asynchronous
async def regrid(
    screen: Screen, name: str, first_monday: dt.datetime | None, last_sunday: dt.datetime | None, days: int | None,
    sequences: int | None, sequence_minutes: int | None, division: str | None, day_start: dt.datetime | None,
    only_preview: bool, lose: bool, account: str,
) -> None:  # fmt: skip
    """Change the grid of a stopped base: more weeks, other days, finer steps. Every hour and date stays what it is.

    What does not exist in the new grid is told first. The former base is kept, with its history.
    """
    path = await base_file(account, name)
    async with peek_base(path) as base:
        before = base.planning
    wished = _wished(before.grid, first_monday, last_sunday) | _day(sequences, sequence_minutes, division, day_start)
    if days is not None:
        wished["days"] = (1 << days) - 1
    grid = msgspec.structs.replace(before.grid, **wished)
    found = await regridding.look(path.parent, name, grid)
    lines = list(loss_lines(before, found.losses, language()))
    value = {"base": name, "grid": msgspec.to_builtins(grid), "losses": [_asdict(one) for one in found.losses]}
    if only_preview or (found.losses and not lose):
        nothing = tr("Rien ne serait perdu.", "Nothing would be lost.")
        screen.show(value, "\n".join(lines) or nothing)
        if not only_preview:
            raise click.UsageError(tr("--lose accepte ces pertes.", "--lose accepts these losses."))
        return
    kept = await _changed(path, name, grid, lose=lose)
    text = tr(
        f"{name} : nouvelle grille ; l'ancienne base est « {kept} »", f"{name}: new grid; the former base is {kept!r}"
    )
    screen.show(value | {"kept": kept}, "\n".join([*lines, text]))


COMMANDS = (regrid,)
"""For `hp base`."""


def loss_lines(before: Planning, losses: tuple[Loss, ...], language: str) -> Iterator[str]:
    """Tell the losses: how many of each kind, then one by one."""
    index, between = (0, " : ") if language == "fr" else (1, ": ")
    for (kind, what), count in Counter((one.kind, one.what) for one in losses).items():
        yield f"{counted(count, kind, language)}{between}{WHAT[what][index].format(weeks='…')}"
    for one in losses[:MOST_LINES]:
        lost = WHAT[one.what][index].format(weeks=format_weeks(one.weeks))
        name = named(before, one.kind, one.key, language)
        yield f"  {kind_word(one.kind, language)} {one.key}  {name}{between}{lost}"
    if len(losses) > MOST_LINES:
        yield f"  … {len(losses) - MOST_LINES}"


async def _changed(path: Path, name: str, grid: Grid, *, lose: bool) -> str:
    try:
        return (await regridding.regrid(path.parent, name, grid, lose=lose)).kept
    except BaseInUseError as error:
        raise BaseInUseError(
            tr(
                f"{name} est en service : `hp planning stop`, puis encore cette commande, puis `hp planning start`."
                " Les clients reviennent d'eux-mêmes.",
                f"{name} is in service: `hp planning stop`, then this command again, then `hp planning start`."
                " Clients come back by themselves.",
            )
        ) from error


def _wished(grid: Grid, first: dt.datetime | None, last: dt.datetime | None) -> dict[str, object]:
    monday = grid.first_monday if first is None else first.date()
    sunday = grid.last_sunday if last is None else last.date()
    between = Grid.between(
        monday, sunday, days=grid.days, sequences=grid.sequences, sequence_minutes=grid.sequence_minutes,
        division=grid.division,
    )  # fmt: skip
    return {"first_monday": between.first_monday, "weeks": between.weeks}


def _day(
    sequences: int | None, minutes: int | None, division: str | None, start: dt.datetime | None
) -> dict[str, object]:  # fmt: skip
    wished = {
        "sequences": sequences,
        "sequence_minutes": minutes,
        "division": int(division) if division else None,
        "day_start": start.hour * 60 + start.minute if start else None,
    }
    return {name: value for name, value in wished.items() if value is not None}


def _asdict(loss: Loss) -> dict[str, object]:
    return msgspec.structs.asdict(loss)
