"""`hp import`: new bases from the files of other programs."""

import zipfile
from contextlib import AbstractContextManager
from pathlib import Path

import click

from hpserver.base.changes import Change, Create
from hpserver.base.planning import Planning
from hpserver.cli.base.placing import check_free, put_in_service
from hpserver.cli.house.installation import base_file, stopped_base_file
from hpserver.cli.options import account_option, force_option, in_file, why_option
from hpserver.cli.running import asynchronous, patient
from hpserver.cli.screen import Screen, colon, language, say, tr
from hpserver.cli.words.notes import note_lines
from hpserver.cli.words.when import today
from hpserver.cli.work.readings import read_bounded, year_option, zipped_gpu
from hpserver.errors import ImportRefusedError
from hpserver.exports.result import Opened
from hpserver.hosting.importing import change_base
from hpserver.hosting.past import peek_base
from hpserver.hosting.sandbox import open_untrusted
from hpserver.imports.bundle import zipped
from hpserver.imports.onto import onto

solution_option = click.option("--solution", type=in_file, default=None, help="File that places the lessons.")


@click.group("import")
def import_() -> None:
    """Make a new base from a file of another program, and put it in service."""


@import_.command("ics")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=in_file)
@account_option
@click.pass_obj
@asynchronous
async def ics(screen: Screen, planning: str, name: str, file: Path, account: str) -> None:
    """HYPERPLANNING, ADE or other iCalendar files."""
    await _import(screen, account, planning, name, file, file.name, None)


@import_.command("fet")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=in_file)
@year_option
@account_option
@click.pass_obj
@asynchronous
async def fet(screen: Screen, planning: str, name: str, file: Path, year: int | None, account: str) -> None:
    """FET files, `.fet` or `.fet.gz`."""
    await _import(screen, account, planning, name, file, file.name, year)


def _problem_command(name: str, suffix: str, words: str) -> None:
    """Add the command for the problems of a competition, which a second file may place."""

    @import_.command(name, help=words)
    @click.argument("planning")
    @click.argument("name")
    @click.argument("file", type=in_file)
    @solution_option
    @year_option
    @account_option
    @click.pass_obj
    @asynchronous
    async def run(
        screen: Screen, planning: str, name: str, file: Path, solution: Path | None, year: int | None, account: str
    ) -> None:
        await _import(screen, account, planning, name, *_problem(file, solution, suffix), year)


_problem_command(
    "itc2007",
    ".ctt",
    "Problems of ITC-2007 (track 3), `.ctt` or `.ectt`, with the `.sol` that places them if there is one.",
)
_problem_command(
    "itc2019", ".xml", "Problems of ITC-2019, `.xml` or `.xml.gz`, with the solution that places them if there is one."
)


@import_.command("untis")
@click.argument("planning")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@year_option
@account_option
@click.pass_obj
@asynchronous
async def untis(screen: Screen, planning: str, name: str, file: Path, year: int | None, account: str) -> None:
    """Text files that Untis exports (GPU001.TXT and others): their folder, or a zip of it."""
    if file.is_file() and not zipfile.is_zipfile(file):
        raise ImportRefusedError(
            f"{file.name[:64]!r} is no zip: give the folder that Untis exported GPU001.TXT into, or a zip of it"
        )
    source = zipped_gpu(file) if file.is_dir() else file
    await _import(screen, account, planning, name, source, f"{file.name}.zip", year)


@click.command("import-file")
@click.argument("name")
@click.argument("file", type=in_file)
@year_option
@click.option("--dry-run", is_flag=True, help="Say what it would make and change, and do nothing.")
@force_option
@why_option
@account_option
@click.pass_obj
@asynchronous
async def import_file(
    screen: Screen, name: str, file: Path, year: int | None, dry_run: bool, force: bool, why: str, account: str
) -> None:  # fmt: skip
    """Bring a file that `hp import` reads onto a stopped base, or onto a branch: all of it or nothing, never twice."""
    path = await (base_file if dry_run else stopped_base_file)(account, name)
    opened = await _open(file, file.name, year)
    found: list[Change] = []

    def changes(base: Planning) -> tuple[Change, ...]:
        found.extend(onto(opened.planning(), base))
        return tuple(found)

    with reading():
        if dry_run:
            async with peek_base(path) as peeked:
                changes(peeked.planning)
        else:
            written = await change_base(path, changes, why=why or f"import {file.name}", force=force)
    made = sum(isinstance(one, Create) for one in found)
    counts = {"made": made, "changed": len(found) - made}
    text = tr(f"{made} à créer, {len(found) - made} à compléter", f"{made} to make, {len(found) - made} to complete")
    if dry_run:
        screen.show({"base": name, **counts}, text)
        return
    screen.show({"base": name, "revision": written.revision, **counts}, f"{name} @{written.revision}{colon()}{text}")


COMMANDS = (import_file,)
"""For `hp base`."""


def reading() -> AbstractContextManager[None]:
    """Wait for a file that is read: said on a terminal, and Ctrl+C gives it up."""
    return patient(tr("Lecture du fichier", "Reading the file"))


async def _import(
    screen: Screen, account: str, planning: str, name: str, source: Path | bytes, called: str, year: int | None
) -> None:
    await check_free(account, planning, name)
    opened = await _open(source, called, year)
    await put_in_service(screen, account, planning, name, opened.planning())


async def _open(source: Path | bytes, called: str, year: int | None) -> Opened:
    """Read a file behind walls, and say what it held and what was not understood."""
    chosen = year or today().year
    with reading():
        opened = await open_untrusted("other", source, name=called, year=chosen)
    report = opened.report
    say(f"{report.source}{colon()}{report.title}")
    for line in note_lines(report.counts, (), report.noted(), language()):
        say(line)
    return opened


def _problem(file: Path, solution: Path | None, suffix: str) -> tuple[Path | bytes, str]:
    """Return what is to be read behind walls, one file, and its name there."""
    called = f"problem{suffix}"
    return (
        (file, called)
        if solution is None
        else (zipped({called: read_bounded(file), "solution": read_bounded(solution)}), called)
    )
