"""`hp client show` and `watch`: a timetable read and followed from a shell."""

import datetime as dt
from typing import Any

import click
import msgspec

from hpserver.base.planning import TIMETABLES
from hpserver.cli.client.session import base_in, inside
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.words.telling import find, named, tell, week_lines
from hpserver.cli.words.when import parse_week, today, written_week
from hpserver.client import PlanningSession
from hpserver.protocol import messages as m


@click.command()
@click.argument("planning")
@click.argument("kind", type=click.Choice(TIMETABLES))
@click.argument("key")
@click.option("--week", default="", help="Number from 1, or a date in it; this week by default.")
@signing_options
@click.pass_obj
@asynchronous
async def show(screen: Screen, signing: Signing, planning: str, kind: str, key: str, week: str) -> None:
    """Print a week of somebody, of a group or of a room. KEY is a number, or the beginning of a name."""
    async with inside(signing, planning) as session:
        base = base_in(session)
        chosen = find(base, kind, key)
        index = parse_week(week, base.grid, today())
        items = base.timetable(kind, chosen, index)
        revision = session.replica.revision if session.replica is not None else 0
    value = {
        "kind": kind, "key": chosen, "name": named(base, kind, chosen, language()), "week": index + 1,
        "revision": revision, "items": [msgspec.structs.asdict(one) for one in items],
    }  # fmt: skip
    title = f"{value['name']}, {written_week(index, base.grid, language())}"
    screen.show(value, "\n".join([title, *week_lines(base, items, index, language())]))


@click.command()
@click.argument("planning")
@click.option("--count", type=click.IntRange(0), default=0, help="Stop after so many transactions; 0 for never.")
@signing_options
@click.pass_obj
@asynchronous
async def watch(screen: Screen, signing: Signing, planning: str, count: int) -> None:
    """Follow a planning: who changed what, until Ctrl+C."""
    async with inside(signing, planning) as session:
        events = session.events()
        assert session.replica is not None
        say(tr(f"Révision {session.replica.revision}, en attente…", f"Revision {session.replica.revision}, waiting…"))
        told = 0
        async for message in events:
            if isinstance(message, m.GoAway):
                say(
                    tr(
                        "Le planning s'arrête : nouveaux essais jusqu'à son retour…",
                        "The planning stops: trying until it is back…",
                    )
                )
            for transaction in message.transactions if isinstance(message, m.Delta) else ():
                screen.show(_value(transaction), "\n".join(_lines(session, transaction)))
                told += 1
                if told == count:
                    return
        if session.failure is not None:
            raise session.failure


def _lines(session: PlanningSession, transaction: m.Transaction) -> list[str]:
    """One line per change, under the time, the revision and the author."""
    at = dt.datetime.fromtimestamp(transaction.at_ms / 1000, dt.UTC).astimezone()
    head = f"{at:%H:%M:%S} {transaction.revision} {transaction.user}"
    reason = f" ({transaction.why})" if transaction.why else ""
    return [f"{head}  {line}{reason}" for line in tell(base_in(session), transaction, language())]


def _value(transaction: m.Transaction) -> dict[str, Any]:
    return {
        "revision": transaction.revision, "user": transaction.user, "at_ms": transaction.at_ms,
        "why": transaction.why, "changes": msgspec.msgpack.decode(transaction.changes),
    }  # fmt: skip


COMMANDS = (show, watch)
