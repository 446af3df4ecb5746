"""`hp client history`, `undo`, `redo` and `restore`: what was done in a planning, and taken back, from a shell."""

from collections.abc import Awaitable

import click

from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.cli.client.session import base_in, inside
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.options import overwrite_option, why_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.words.past import conflict_lines, row_lines, row_value
from hpserver.cli.words.telling import find, maybe_key
from hpserver.client import ConflictsError, PlanningSession
from hpserver.errors import NotFoundError, ResyncNeededError
from hpserver.protocol import messages as m

MOST_LINES = 50
"""Transactions shown when nothing else is said."""

revision_option = click.option(
    "--revision", type=click.IntRange(1), default=None, help="A certain transaction; your own last one by default."
)


@click.command()
@click.argument("planning")
@click.argument("kind", type=click.Choice(("", *KINDS)), default="", metavar="[KIND]")
@click.argument("key", default="")
@click.option("--limit", type=click.IntRange(1, 500), default=MOST_LINES, help="The newest so many.")
@signing_options
@click.pass_obj
@asynchronous
async def history(screen: Screen, signing: Signing, planning: str, kind: str, key: str, limit: int) -> None:
    """Say who did what when, in a planning or to one object. KEY is a number, or the beginning of a name."""
    if kind and not key:
        raise click.UsageError(tr(f"Il manque KEY : lequel des objets « {kind} » ?", f"KEY is missing: which {kind}?"))
    async with inside(signing, planning) as session:
        base = base_in(session)
        if kind:
            rows = (await session.timeline(kind, _key(base, kind, key), limit=limit)).rows[::-1]
        else:
            assert session.replica is not None
            rows = (await session.changes(max(0, session.replica.revision - limit), limit=limit)).rows
        lines = [line for row in rows for line in row_lines(base, row, language())]
    screen.show({"rows": [row_value(row) for row in rows]}, "\n".join(lines) or tr("Rien.", "Nothing."))


@click.command()
@click.argument("planning")
@revision_option
@overwrite_option
@why_option
@signing_options
@click.pass_obj
@asynchronous
async def undo(
    screen: Screen, signing: Signing, planning: str, revision: int | None, force: bool, why: str
) -> None:  # fmt: skip
    """Take back what you did last, from any device, or one transaction."""
    async with inside(signing, planning) as session:
        await _show_done(screen, session, session.undo(revision=revision or 0, force=force, why=why))


@click.command()
@click.argument("planning")
@revision_option
@overwrite_option
@why_option
@signing_options
@click.pass_obj
@asynchronous
async def redo(
    screen: Screen, signing: Signing, planning: str, revision: int | None, force: bool, why: str
) -> None:  # fmt: skip
    """Do again what you took back last, or what the `undo` of that revision took back."""
    async with inside(signing, planning) as session:
        await _show_done(screen, session, session.redo(revision=revision or 0, force=force, why=why))


@click.command()
@click.argument("planning")
@click.argument("kind", type=click.Choice(tuple(KINDS)), metavar="KIND")
@click.argument("key")
@click.argument("revision", type=click.IntRange(0))
@overwrite_option
@why_option
@signing_options
@click.pass_obj
@asynchronous
async def restore(
    screen: Screen, signing: Signing, planning: str, kind: str, key: str, revision: int, force: bool, why: str
) -> None:
    """Put an object back as it was after REVISION; `hp client history` names them."""
    async with inside(signing, planning) as session:
        chosen = _key(base_in(session), kind, key)
        await _show_done(screen, session, session.restore(kind, chosen, revision, force=force, why=why))


async def _show_done(screen: Screen, session: PlanningSession, doing: Awaitable[m.Committed]) -> None:
    """Say what was done, or what others did since."""
    try:
        done = await doing
    except ConflictsError as refused:
        for line in conflict_lines(base_in(session), refused, language()):
            say("  " + line)
        raise
    try:
        rows = (await session.changes(done.revision - 1, limit=1)).rows
    except ResyncNeededError:  # it did more than an answer holds
        rows = ()
    base = (await session.wait_revision(done.revision)).planning
    value = {"epoch": done.epoch, "revision": done.revision, "merged": done.merged}
    screen.show(value, "\n".join(line for row in rows for line in row_lines(base, row, language())))


def _key(base: Planning, kind: str, key: str) -> int:
    """The key of an object given by key or name; of one that is gone by key alone."""
    try:
        return find(base, kind, key)
    except NotFoundError:
        if (number := maybe_key(key)) is not None:
            return number
        raise


COMMANDS = (history, undo, redo, restore)
"""What `hp client` gets from here."""
