"""`hp client upload`, `import` and `bases`: files sent to become a base of the account, or a branch of one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import click
import msgspec

from hpserver.base.changes import MAX_FACTS, decode_changes
from hpserver.base.edits.diff import differences
from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.cli.client.files import Meter
from hpserver.cli.client.session import base_in, inside
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.options import in_file
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, filled, language, say, tr
from hpserver.cli.words.notes import note_lines
from hpserver.cli.words.when import today
from hpserver.cli.work.differences import difference_lines
from hpserver.cli.work.readings import (
    ROWS,
    identical_option,
    map_option,
    partial_option,
    reading_of,
    similar_option,
    year_option,
    zipped_gpu,
)
from hpserver.errors import HPError
from hpserver.imports.pending import resolved
from hpserver.imports.sheet import Identical
from hpserver.imports.sheet_names import Similar
from hpserver.protocol import messages as m

SHOWN: Final = 20
"""Differences that are printed; the others are counted."""


@click.command()
@click.argument("planning")
@click.argument("file", type=in_file)
@click.argument("name")
@signing_options
@click.pass_obj
@asynchronous
async def upload(screen: Screen, signing: Signing, planning: str, file: Path, name: str) -> None:
    """Send an exported base or a backup to the account of a planning, as a new base; it is loaded nowhere.

    For the profile Administration. Ctrl+C gives up, and leaves nothing there.
    """
    meter = Meter()

    async with inside(signing, planning) as session:
        done = await session.upload(file, name, progress=meter.show, opening=_opening(meter))
        meter.end()
    _tell_notes(done)
    value = {
        "base": done.base, "transactions": done.revision, "counts": done.counts, "not_taken_over": done.noted,
        "bytes": file.stat().st_size,
    }  # fmt: skip
    text = filled(
        "{base} : {objects} objet(s), {count} opération(s). Pour la charger : {load}",
        "{base}: {objects} object(s), {count} transaction(s). To load it: {load}",
        base=done.base, objects=sum(done.counts.values()), count=done.revision,
        load=f"hp base load {planning} {done.base!r}",
    )  # fmt: skip
    screen.show(value, text)


@click.command("import")
@click.argument("planning")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.argument("branch")
@click.option("--kind", type=click.Choice(ROWS), default=None, help="Of a table (CSV, XLSX): what its rows are.")
@year_option
@map_option
@similar_option
@identical_option
@partial_option
@signing_options
@click.pass_obj
@asynchronous
async def import_(
    screen: Screen, signing: Signing, planning: str, file: Path, branch: str, kind: str | None, year: int | None,
    maps: tuple[str, ...], similar: Similar, identical: Identical, partial: bool,
) -> None:  # fmt: skip
    """Send a file of another program, or a table; it is seen as a BRANCH of the base, which stays as it is.

    What `hp import` reads: a calendar, FET, ITC-2007, ITC-2019, Untis (folder or zip), a document of a base; CSV or
    XLSX with --kind. Ctrl+C gives up, and leaves nothing there.
    """
    how = reading_of(
        file.name, kind or "", maps, similar, identical, partial=partial, year=year or today().year
    )  # fmt: skip
    meter = Meter()
    async with inside(signing, planning) as session:
        with packed(file) as whole:
            done = await session.upload(whole, branch, progress=meter.show, opening=_opening(meter), reading=how)
        meter.end()
        await session.wait_revision(done.revision)
        found = _differences(base_in(session), done)
    _tell_notes(done)
    value = {
        "branch": done.base, "base": done.branch_of, "revision": done.revision, "made": done.counts,
        "changed": dict(done.changed), "not_taken_over": done.noted,
        "differences": None if found is None else [told for _, told in found],
    }  # fmt: skip
    screen.show(value, "\n".join(_preview(done, found)))


@click.command()
@click.argument("planning")
@signing_options
@click.pass_obj
@asynchronous
async def bases(screen: Screen, signing: Signing, planning: str) -> None:
    """List the bases of the account of a planning. For the profile Administration."""
    async with inside(signing, planning) as session:
        assert session.entered is not None
        here = session.entered.base
        rows = [{"base": name, "loaded": planning if name == here else None} for name in await session.bases()]
    screen.table(rows, {"base": "Base", "loaded": tr("Chargée dans", "Loaded in")})


COMMANDS = (upload, import_, bases)
"""What `hp client` has from here."""


@contextmanager
def packed(file: Path) -> Iterator[Path]:
    """Give a file as it is, the folder of an export of Untis as a zip."""
    if not file.is_dir():
        yield file
        return
    with NamedTemporaryFile(suffix=".zip") as zip_:
        zip_.write(zipped_gpu(file))
        zip_.flush()
        yield Path(zip_.name)


def _opening(meter: Meter) -> Callable[[int], None]:
    return lambda seconds: meter.say(
        tr(f"Ouverture du fichier... {seconds} s", f"Opening the file... {seconds} s")
    )  # fmt: skip


def _differences(base: Planning, done: m.Uploaded) -> list[tuple[list[str], object]] | None:
    """Return what is on the branch, each as lines and as data; None when it is too much, or the base moved on."""
    if not done.changes:
        return None
    after = decode_snapshot(encode_snapshot(base))
    try:
        after.apply(resolved(decode_changes(done.changes, MAX_FACTS), after.next_keys))
    except HPError:
        return None
    return [(list(difference_lines(base, after, one)), msgspec.to_builtins(one)) for one in differences(base, after)]


def _preview(done: m.Uploaded, found: list[tuple[list[str], object]] | None) -> Iterator[str]:
    for lines, _ in (found or ())[:SHOWN]:
        yield from lines
    if found is not None and len(found) > SHOWN:
        yield filled("et {more} autre(s) objet(s)", "and {more} more object(s)", more=len(found) - SHOWN)
    made, changed = sum(done.counts.values()), sum(count for _, count in done.changed)
    yield tr(
        f"{done.base} : branche de {done.branch_of} à la révision {done.revision}, {made} à créer,"
        f" {changed} à compléter. Sur le serveur : hp base branch diff {done.base!r}",
        f"{done.base}: branch of {done.branch_of} at revision {done.revision}, {made} to make,"
        f" {changed} to complete. On the server: hp base branch diff {done.base!r}",
    )


def _tell_notes(done: m.Uploaded) -> None:
    for line in note_lines(done.counts, done.notes, done.noted, language()):
        say(line)
