"""`hp base export`, `import`, `verify`, `transfer`, `backup`, `backups`, `restore`: bases and their files."""

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from hpserver.base.model import values_of
from hpserver.base.planning import Planning
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.house.telling import tasks_of, tasks_of_backup, told
from hpserver.cli.options import account_option, in_file, new_file
from hpserver.cli.running import asynchronous, read_secret, write_file
from hpserver.cli.screen import Screen, colon, filled, language, say, told_value, tr
from hpserver.cli.words.notes import note_lines
from hpserver.directory.model import Planning as PlanningRow
from hpserver.errors import HPError
from hpserver.exports.packing import Packing
from hpserver.exports.result import Opened
from hpserver.hosting import backup_keys, backups, base_files
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.exporting import check_history, export, read_moment
from hpserver.hosting.removal import forget_all_old
from hpserver.hosting.tasks import Kind
from hpserver.reaching import wake_agent

JSON_FORMAT = 1
"""Version of the JSON that `hp base export --json` writes."""

STATES = {"taken": "prise", "unchanged": "rien de nouveau"}
"""What became of a backup, in French."""

BACKGROUND = 10
"""How much others go first while backups are taken by themselves (nice(2))."""

key_option = click.option(
    "--key", type=in_file, default=None, help="Private key of a sealed backup, made by `hp base backup-key`."
)
passphrase_option = click.option(
    "--passphrase-file", type=in_file, default=None, help="File with the passphrase of the key."
)


@click.command("export")
@click.argument("name")
@click.option("--out", type=new_file, default=Path("-"), help="File to write; - (standard output) by default.")
@click.option(
    "--packing", type=click.Choice(["zstd", "gzip", "none"]), default=None,
    help="How it is packed; by the end of the file's name (.gz, .jsonl), zstd otherwise, none on standard output.",
)  # fmt: skip
@click.option("--no-history", is_flag=True, help="The base as it is, without what was done to it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value instead: the grid, and every object by key.")
@account_option
@click.pass_obj
@asynchronous
async def export_(
    screen: Screen, name: str, out: Path, packing: Packing | None, no_history: bool, as_json: bool, account: str
) -> None:  # fmt: skip
    """Write a base, in service or not, as an open document: docs/file-format.md says how to read it."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        path = accounts.existing_base(found, name)
        with told(tasks_of(accounts, found), "bases.export", base=name):
            if as_json:
                planning, revision = await read_moment(path)
                document = msgspec.json.encode(exported(planning, name, revision)) + b"\n"
                write_file(out, document)
                written, value = len(document), {"revision": revision}
            else:
                target = sys.stdout.buffer if str(out) == "-" else out
                done = await export(path, target, packing=packing or _packing(out), history=not no_history)
                written, value = done.bytes, {"revision": done.revision, "transactions": done.rows}
    if str(out) != "-":
        screen.show(
            {"file": str(out), "bytes": written, **value},
            filled("{out} : {written} octet(s)", "{out}: {written} byte(s)", out=out, written=written),
        )


@click.command("import")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=in_file)
@key_option
@passphrase_option
@account_option
@click.pass_obj
@asynchronous
async def import_base(
    screen: Screen, planning: str, name: str, file: Path, key: Path | None, passphrase_file: Path | None, account: str
) -> None:  # fmt: skip
    """Make a new base from an exported one, with its history, and put it in service."""
    await _put_in(screen, account, planning, name, file, key, passphrase_file, replace=False)


@click.command()
@click.argument("file", type=in_file)
@click.argument("planning")
@click.argument("name")
@click.option("--replace", is_flag=True, help="Even when there is a base of that name: it is backed up first.")
@key_option
@passphrase_option
@account_option
@click.pass_obj
@asynchronous
async def restore(
    screen: Screen, file: Path, planning: str, name: str, replace: bool, key: Path | None,
    passphrase_file: Path | None, account: str,
) -> None:  # fmt: skip
    """Put a backup back as a base of a stopped planning, with its history, and put it in service."""
    await _put_in(screen, account, planning, name, file, key, passphrase_file, replace=replace)


@click.command()
@click.argument("file", type=in_file)
@key_option
@passphrase_option
@click.pass_obj
@asynchronous
async def verify(screen: Screen, file: Path, key: Path | None, passphrase_file: Path | None) -> None:
    """Open an exported base or a backup, rebuild it from its history, and say what is in it."""
    secret = read_secret(passphrase_file)
    with told(tasks_of_backup(file), "bases.verify", base=file.parent.name, step="checking"):
        opened = await backups.open_file(file, key, secret)
        planning = check_history(opened)
    _tell_notes(opened)
    value = {
        "base": opened.base, "revision": opened.revision, "epoch": opened.epoch, "created_at": opened.created_at,
        "transactions": len(opened.revisions), "content": opened.content, "counts": planning.counts(),
        "not_taken_over": opened.report.noted(),
    }  # fmt: skip
    objects = sum(planning.counts().values())
    text = filled(
        "{file} : bon. {base}, révision {revision}, {objects} objet(s), {done} opération(s) rejouée(s)",
        "{file}: good. {base}, revision {revision}, {objects} object(s), {done} transaction(s) replayed",
        file=file, base=opened.base, revision=opened.revision, objects=objects, done=len(opened.revisions),
    )  # fmt: skip
    screen.show(value, text)


@click.command()
@click.argument("name")
@click.argument("planning")
@click.option("--as", "new_name", default="", help="Name of the copy; the base's and the planning's by default.")
@account_option
@click.pass_obj
@asynchronous
async def transfer(screen: Screen, name: str, planning: str, new_name: str, account: str) -> None:
    """Copy a base, in service or not, into another planning that is stopped; it goes into service."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        target = await accounts.planning(found, planning)
        with told(tasks_of(accounts, found), "bases.transfer", planning=planning, base=name):
            chosen = await base_files.transfer(accounts, found, name, target, new_name or f"{name} ({planning})")
        await _tell_in_service(screen, accounts, chosen)


@click.command()
@click.argument("name", default="")
@click.option("--due", is_flag=True, help="Only those whose time has come; what the agent runs.")
@account_option
@click.pass_obj
@asynchronous
async def backup(screen: Screen, name: str, due: bool, account: str) -> None:
    """Back up a base now, or every base: proved by rebuilding it. Nothing is written when nothing changed."""
    if due:
        os.nice(BACKGROUND)
    rows: list[dict[str, Any]] = []
    failures: list[HPError] = []
    async with open_accounts() as accounts:
        for number, base in await _wanted(accounts, account, name, due=due):
            try:
                found = await accounts.account(number)
                with told(tasks_of(accounts, found), "bases.backup", base=base, keep=not due):
                    record = await base_files.back_up(accounts, found, base)
            except HPError as error:
                failures.append(error)
                say(f"{base}{colon()}{error.text}")
                continue
            row = {
                "base": base,
                "revision": record.revision if record else None,
                "bytes": record.bytes if record else 0,
            }
            rows.append(row | {"state": "taken" if record else "unchanged"})
        if due:
            await forget_all_old(accounts, dt.datetime.now(dt.UTC))
    if not screen.json:
        rows = [row | {"state": tr(STATES[row["state"]], row["state"])} for row in rows]
    screen.table(
        rows,
        {
            "base": "Base",
            "state": tr("État", "State"),
            "revision": tr("Révision", "Revision"),
            "bytes": tr("Octets", "Bytes"),
        },
    )
    if failures:
        raise failures[0]


@click.command("backups")
@click.argument("name")
@account_option
@click.pass_obj
@asynchronous
async def backups_(screen: Screen, name: str, account: str) -> None:
    """List the backups of a base, newest first, and how each was proved."""
    async with open_accounts() as accounts:
        folder = base_files.backup_folder(accounts, await accounts.account(account), name)
    rows = [_row(one) for one in backups.listed(folder)]
    titles = {
        "taken": tr("Prise le", "Taken"), "revision": tr("Révision", "Revision"), "objects": tr("Objets", "Objects"),
        "bytes": tr("Octets", "Bytes"), "sealed": tr("Scellée", "Sealed"), "verified": tr("Vérifiée", "Verified"),
        "file": tr("Fichier", "File"),
    }  # fmt: skip
    screen.table(rows, titles)
    if (failure := backups.maybe_failure(folder)) is not None:
        at = told_value(dt.datetime.fromisoformat(failure.at))
        say(tr(f"Dernier essai en échec, le {at} : ", f"The last one failed, {at}: ") + failure.text)


@click.command("backup-key")
@click.argument("private", type=new_file)
@click.argument("public", type=new_file)
@passphrase_option
@click.pass_obj
def backup_key(screen: Screen, private: Path, public: Path, passphrase_file: Path | None) -> None:
    """Make a pair of keys: backups are sealed with the public one, and opened with the private one alone."""
    secret, open_ = backup_keys.new_key(read_secret(passphrase_file))
    write_file(private, secret, private=True)
    write_file(public, open_)
    text = tr(
        f"Mettez {private} à l'abri, hors de cette machine : sans lui, aucune sauvegarde scellée ne s'ouvre.\n"
        f"Donnez {public} au serveur : backups.recipient dans ses réglages.",
        f"Move {private} to a safe place, off this machine: without it no sealed backup opens.\n"
        f"Give {public} to the server: backups.recipient in its settings.",
    )
    screen.show({"private": str(private), "public": str(public)}, text)


COMMANDS = (export_, import_base, restore, verify, transfer, backup, backups_, backup_key)
"""What `hp base` has from here."""


def exported(planning: Planning, name: str, revision: int) -> dict[str, Any]:
    """The value of `hp base export --json`: open, typed, readable by anybody."""
    objects = {
        kind: {str(key): values_of(row) for key, row in planning.rows(kind).items()} for kind in planning.counts()
    }  # fmt: skip
    grid = msgspec.to_builtins(planning.grid)
    return {"format": JSON_FORMAT, "name": name, "revision": revision, "grid": grid, "objects": objects}


async def _put_in(
    screen: Screen, account: str, planning: str, name: str, file: Path, key: Path | None,
    passphrase_file: Path | None, *, replace: bool,
) -> None:  # fmt: skip
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        target = await accounts.planning(found, planning)
        secret = read_secret(passphrase_file)
        kind: Kind = "bases.restore" if replace or tasks_of_backup(file) else "bases.import"
        with told(tasks_of(accounts, found), kind, planning=planning, base=name, step="checking"):
            opened = await backups.open_file(file, key, secret)
            _tell_notes(opened)
            chosen = await base_files.bring_in(accounts, found, target, name, opened, replace=replace)
        await _tell_in_service(screen, accounts, chosen, opened)


async def _tell_in_service(
    screen: Screen, accounts: Accounts, chosen: PlanningRow, opened: Opened | None = None
) -> None:  # fmt: skip
    awake = await wake_agent(accounts.paths)
    value: dict[str, Any] = {"planning": chosen.name, "base": chosen.base, "desired": chosen.desired}
    if opened is not None:
        value |= {"counts": opened.report.counts, "transactions": len(opened.revisions)}
        value |= {"not_taken_over": opened.report.noted()}
    text = tr(f"{chosen.name} : {chosen.base} chargée", f"{chosen.name}: {chosen.base} loaded")
    if not awake:
        text += tr(", en service dès `hp agent`", ", in service once `hp agent` runs")
    screen.show(value, text)


def _tell_notes(opened: Opened) -> None:
    report = opened.report
    notes = ((one.line, one.what, one.detail) for one in report.notes)
    for line in note_lines(report.counts, notes, report.noted(), language()):
        say(line)


async def _wanted(accounts: Accounts, account: str, name: str, *, due: bool) -> list[tuple[str, str]]:
    """The bases to back up, with the number of their account."""
    if name:
        found = await accounts.account(account)
        accounts.existing_base(found, name)
        return [(found.number, name)]
    chosen = (await accounts.account(account)).number if account else ""
    every = dt.timedelta(minutes=accounts.settings.backups.every_minutes)
    now = dt.datetime.now(dt.UTC)
    return [
        (base.parent.name, base.stem)
        for base, folder in backups.bases_with_folders(accounts.paths.bases, base_files.all_backups(accounts))
        if chosen in {"", base.parent.name} and not (due and not backups.is_due(base, folder, every, now))
    ]


def _row(one: backups.Listed) -> dict[str, Any]:
    record = one.record
    return {
        "taken": one.at,
        "revision": one.revision,
        "objects": sum(record.counts.values()) if record else None,
        "bytes": one.path.stat().st_size,
        "sealed": one.sealed,
        "verified": dt.datetime.fromisoformat(record.verified_at) if record else None,
        "file": str(one.path),
    }


def _packing(out: Path) -> Packing:
    if str(out) == "-" or out.suffix == ".jsonl":
        return "none"
    return "gzip" if out.suffix == ".gz" else "zstd"
