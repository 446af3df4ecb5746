"""`hp base history`, `as-of`, `undo`, `restore-object`, `compact`: the past of a base on this machine."""

import datetime as dt
from pathlib import Path

import click
import msgspec

from hpserver.base.registry import KINDS
from hpserver.cli.base.files import exported
from hpserver.cli.house.installation import base_file
from hpserver.cli.options import account_option, force_option, new_file, overwrite_option, why_option
from hpserver.cli.running import asynchronous, write_file
from hpserver.cli.screen import Screen, colon, filled, language, say, tr
from hpserver.cli.words.past import conflict_lines, row_lines, row_value
from hpserver.cli.words.telling import counted, find, maybe_key
from hpserver.client.refusals import ConflictsError
from hpserver.errors import (
    BaseInUseError,
    ClashError,
    InvalidChangeError,
    NotFoundError,
    NothingToUndoError,
)
from hpserver.hosting.editing import an_operation
from hpserver.hosting.past import Peeked, as_of, change_offline, compact_base, peek_base
from hpserver.hosting.recalling import objects_told, told
from hpserver.protocol import messages as m

MOST_LINES = 50
"""Transactions shown when nothing else is said."""

PAGE = 500
"""Transactions read at a time."""


@click.command()
@click.argument("name")
@click.argument("kind", default="")
@click.argument("key", default="")
@click.option(
    "--since", default="", help="Only since that revision, or that moment (2026-11-24 or '2026-11-24 10:00')."
)
@click.option("--until", default="", help="Only up to that revision or moment.")
@click.option("--user", default="", help="Only what that user did.")
@click.option("--limit", type=click.IntRange(1), default=MOST_LINES, help="The newest so many.")
@account_option
@click.pass_obj
@asynchronous
async def history(
    screen: Screen, name: str, kind: str, key: str, since: str, until: str, user: str, limit: int, account: str
) -> None:
    """Say who did what when, of a base or of one object; in service or not. KEY is a number or a name."""
    if kind and not key:
        raise click.UsageError(tr(f"Il manque KEY : lequel des objets « {kind} » ?", f"KEY is missing: which {kind}?"))
    async with peek_base(await base_file(account, name)) as base:
        objects = set(objects_told(kind, await _key(base, kind, key))) if kind else None
        first = await _revision(base, since, before=True) if since else 0
        last = await _revision(base, until) if until else base.revision
        rows = await _rows(base, objects, user, first, last, limit)
        lines = [line for row in rows for line in row_lines(base.planning, row, language())]
    value = {"base": name, "revision": base.revision, "rows": [row_value(row) for row in rows]}
    screen.show(value, "\n".join(lines) or tr("Rien.", "Nothing."))


@click.command("as-of")
@click.argument("name")
@click.argument("when")
@click.option("--out", type=new_file, default=None, help="Write it as `hp base export` does.")
@account_option
@click.pass_obj
@asynchronous
async def as_of_command(screen: Screen, name: str, when: str, out: Path | None, account: str) -> None:
    """Say what was in a base after revision WHEN, or at the moment WHEN ('2026-11-24 10:00'); write it with --out."""
    async with peek_base(await base_file(account, name)) as base:
        revision = await _revision(base, when)
        planning = await as_of(base.store, revision)
    if out is not None:
        write_file(out, msgspec.json.encode(exported(planning, name, revision)) + b"\n")
    told_counts = ", ".join(counted(n, one, language()) for one, n in planning.counts().items() if n)
    value = {"base": name, "revision": revision, "counts": planning.counts(), "file": str(out or "")}
    if str(out) != "-":
        screen.show(value, f"{name} @{revision}{colon()}{told_counts}")


@click.command()
@click.argument("name")
@click.option("--user", default="hp", help="Whose last edit; that of `hp` by default.")
@click.option("--revision", type=click.IntRange(1), default=None, help="The transaction to take back.")
@overwrite_option
@why_option
@account_option
@click.pass_obj
@asynchronous
async def undo(screen: Screen, name: str, user: str, revision: int | None, force: bool, why: str, account: str) -> None:
    """Take a transaction back in a base that is not in service. It is done by `hp`, and can be taken back too."""
    request = m.Undo(1, 0, an_operation(), revision or 0, force, why)
    try:
        await _change(screen, name, request, account, "undo", user=user)
    except NothingToUndoError as error:
        if revision is not None:
            raise
        raise NothingToUndoError(
            f"there is nothing of {user!r} to take back: say whose (--user) or which (--revision, `hp base history`)"
        ) from error


@click.command("restore-object")
@click.argument("name")
@click.argument("kind", type=click.Choice(tuple(KINDS)), metavar="KIND")
@click.argument("key")
@click.argument("when")
@force_option
@why_option
@account_option
@click.pass_obj
@asynchronous
async def restore_object(
    screen: Screen, name: str, kind: str, key: str, when: str, force: bool, why: str, account: str
) -> None:
    """Put an object back as it was after revision WHEN, or at the moment WHEN, in a base that is not in service."""
    async with peek_base(await base_file(account, name)) as base:
        chosen, revision, seen = await _key(base, kind, key), await _revision(base, when), base.revision
    request = m.RestoreObject(1, 0, an_operation(), kind, chosen, revision, seen, force, why)
    await _change(screen, name, request, account, "restore")


@click.command()
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def compact(screen: Screen, name: str, account: str) -> None:
    """Make a base that is not in service smaller; its whole history stays readable with `hp base history`."""
    done = await compact_base(await base_file(account, name))
    before, after = done.bytes_before // 1024, done.bytes_after // 1024
    text = filled(
        "{rows} opération(s) compactée(s), {snapshots} cliché(s) oublié(s) : {before} Ko → {after} Ko",
        "{rows} transaction(s) packed, {snapshots} snapshot(s) forgotten: {before} KB → {after} KB",
        rows=done.rows, snapshots=done.snapshots, before=before, after=after,
    )  # fmt: skip
    screen.show(msgspec.to_builtins(done), text)


# --- within -------------------------------------------------------------------------------------------------------


async def _rows(
    base: Peeked, objects: set[tuple[str, int]] | None, user: str, first: int, last: int, limit: int
) -> list[m.HistoryRow]:
    """The newest rows that are asked for, in order."""
    found: list[m.HistoryRow] = []
    before = last + 1
    while before > first + 1 and len(found) < limit:
        if objects is not None:
            rows = await base.store.touching(list(objects), first, before, PAGE)
        elif user:
            rows = await base.store.by_user(user, before, PAGE)
        else:
            since = max(first, before - 1 - PAGE)
            rows = (await base.store.tail(since, before - 1 - since))[::-1]
        if not rows:
            break
        found += [told(row, objects) for row in rows if row.user == (user or row.user) and row.revision > first]
        before = rows[-1].revision
    return found[:limit][::-1]


async def _key(base: Peeked, kind: str, key: str) -> int:
    """The key of an object given by key or name, of one that is gone by key."""
    try:
        return find(base.planning, kind, key)
    except NotFoundError:
        number = maybe_key(key)
        if number is not None and await base.store.touching([(kind, number)], 0, 2**53, 1):
            return number
        raise


async def _revision(base: Peeked, when: str, *, before: bool = False) -> int:
    """The revision of `1234` or of a moment; with `before`, the one before what is meant."""
    if (revision := maybe_key(when)) is not None:
        return max(0, revision - before)
    try:
        moment = dt.datetime.fromisoformat(when)
    except ValueError:
        raise InvalidChangeError(f"{when!r} is no revision and no moment: write 1234 or '2026-11-24 10:00'") from None
    if len(when) == len("2026-11-24") and not before:
        moment += dt.timedelta(days=1)
    return await base.store.revision_at(int(moment.astimezone().timestamp() * 1000) - 1 * before)


async def _change(
    screen: Screen, name: str, request: m.Undo | m.RestoreObject, account: str, client_command: str, *, user: str = "hp"
) -> None:
    path = await base_file(account, name)
    try:
        answer = await change_offline(path, request, user=user)
    except BaseInUseError as error:
        raise BaseInUseError(
            tr(
                f"{name} est en service : utilisez `hp client {client_command}`, ou arrêtez le planning",
                f"{name} is in service: use `hp client {client_command}`, or stop the planning",
            )
        ) from error
    if isinstance(answer, m.Conflicted):
        refused = ConflictsError(answer.conflicts)
        async with peek_base(path) as base:
            for line in conflict_lines(base.planning, refused, language()):
                say("  " + line)
        raise refused
    if isinstance(answer, m.Clashed):
        raise ClashError(tr("utilisez --force pour l'accepter", "give --force to accept it"))
    assert isinstance(answer, m.Committed)
    async with peek_base(path) as base:
        (row,) = await base.store.tail(answer.revision - 1, 1)
        lines = row_lines(base.planning, told(row), language())
    screen.show({"base": name, "revision": answer.revision}, "\n".join(lines))


COMMANDS = (history, as_of_command, undo, restore_object, compact)
"""What `hp base` gets from here."""
