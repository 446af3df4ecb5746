"""`hp base diagnose`, `report`, `free-rooms`, `free-slots`: what fits where in a base on disk, in service or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import click

from hpserver.base.diagnosis.report import report
from hpserver.base.planning import Planning
from hpserver.cli.client.diagnose import (
    diagnosis_of,
    place_options,
    report_options,
    room_options,
    rooms_of,
    slot_options,
    slots_of,
)
from hpserver.cli.house.installation import base_file
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language
from hpserver.cli.words.diagnosis import report_shown
from hpserver.hosting.past import peek_base


@asynccontextmanager
async def _base(account: str, name: str) -> AsyncIterator[Planning]:
    async with peek_base(await base_file(account, name)) as peeked:
        yield peeked.planning


@click.command("diagnose")
@click.argument("name")
@place_options
@account_option
@click.pass_obj
@asynchronous
async def diagnose_base(
    screen: Screen, name: str, activity: str, when: str, rooms: tuple[str, ...], wants_repairs: bool, account: str
) -> None:  # fmt: skip
    """Say where an activity of a base could be, in which weeks, and who is in the way. It may be in service."""
    async with _base(account, name) as planning:
        screen.show(*diagnosis_of(planning, activity, when, rooms, wants_repairs=wants_repairs))


@click.command("report")
@click.argument("name")
@report_options
@account_option
@click.pass_obj
@asynchronous
async def report_base(screen: Screen, name: str, limit: int, account: str) -> None:
    """List every clash and every broken rule of a base, by resource. It may be in service."""
    async with _base(account, name) as planning:
        screen.show(*report_shown(planning, report(planning, limit), language()))


@click.command("free-rooms")
@click.argument("name")
@room_options
@account_option
@click.pass_obj
@asynchronous
async def rooms_of_base(screen: Screen, /, name: str, account: str, **wish: Any) -> None:
    """List the rooms of a base that are free then, the best fit first. It may be in service."""
    async with _base(account, name) as planning:
        screen.show(*rooms_of(planning, **wish))


@click.command("free-slots")
@click.argument("name")
@slot_options
@account_option
@click.pass_obj
@asynchronous
async def slots_of_base(
    screen: Screen, name: str, who: tuple[str, ...], minutes: int, weeks: str, account: str
) -> None:  # fmt: skip
    """List when all of these are free: `instructor:Marie room:A101 group:12`. The base may be in service."""
    async with _base(account, name) as planning:
        screen.show(*slots_of(planning, who, minutes, weeks))


BASE_COMMANDS: Final = (diagnose_base, report_base, rooms_of_base, slots_of_base)
"""What `hp base` takes over."""
