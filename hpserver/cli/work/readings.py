"""How a file of another program, or a table, is to be read: the options that say so. Knows no base on a disk."""

from pathlib import Path
from typing import Final

import click

from hpserver.base.registry import KINDS
from hpserver.cli.screen import tr
from hpserver.errors import ConfigurationError
from hpserver.exports.format import MAX_FILE
from hpserver.imports.bundle import zipped
from hpserver.imports.sheet import Identical
from hpserver.imports.sheet_names import Similar
from hpserver.imports.untis_dif import GPU_FILE
from hpserver.protocol.messages import Reading

ROWS: Final = [kind for kind in KINDS if kind != "meeting"]
"""What the rows of a table may be."""

year_option = click.option(
    "--year",
    type=click.IntRange(1970, 2200),
    default=None,
    help="Year of the first Monday of September; this year by default.",
)
map_option = click.option(
    "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column is, by its title or number; - for none."
)
similar_option = click.option(
    "--similar", type=click.Choice(["ask", "create", "match"]), default="ask",
    help="A name near one that is there: hold its row back, make a new object, or take the one.",
)  # fmt: skip
identical_option = click.option(
    "--identical", type=click.Choice(["one", "several"]), default="one", help="What rows are that say all the same."
)
partial_option = click.option("--partial", is_flag=True, help="Take the good rows even if some are wrong.")


def reading_of(
    file: str, kind: str, maps: tuple[str, ...], similar: Similar, identical: Identical, *, partial: bool = False,
    year: int = 0,
) -> Reading:  # fmt: skip
    """Return how a file is to be read, as options say it. Raises ConfigurationError for a column that says no field."""
    chosen: dict[str, str] = {}
    for one in maps:
        title, equals, field = one.rpartition("=")
        if not equals:
            raise ConfigurationError(tr(f"{one!r} : écrivez COLONNE=CHAMP", f"{one!r}: write COLUMN=FIELD"))
        chosen[title] = field
    return Reading(file[:128], year, kind, chosen, similar, identical, partial)


def zipped_gpu(folder: Path) -> bytes:
    """Return the files of an export of Untis as one."""
    return zipped({path.name: read_bounded(path) for path in _gpu_files(folder)})


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file, but no more than what is refused as too long anyway."""
    with path.open("rb") as file:
        return file.read(MAX_FILE + 1)


def _gpu_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file() and GPU_FILE.fullmatch(path.name)]
