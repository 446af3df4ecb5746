"""`hp client download`: the base of a planning that is open, brought here as a document."""

import sys
import time
from pathlib import Path

import click

from hpserver.cli.client.session import signed_in
from hpserver.cli.client.signing import Signing, signing_options
from hpserver.cli.options import new_file, said_of_taken
from hpserver.cli.running import asynchronous, write_file
from hpserver.cli.screen import Screen, filled, say
from hpserver.client import PlanningSession
from hpserver.exports.format import Content
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines


@click.command()
@click.argument("planning")
@click.option(
    "--out",
    type=new_file,
    default=None,
    help="File to write; the name of the base, with .hpx, by default.",
)
@signing_options
@click.pass_obj
@asynchronous
async def download(screen: Screen, signing: Signing, planning: str, out: Path | None) -> None:
    """Bring the base of a planning here, as it is now, as an open document. Ctrl+C gives up."""
    meter = Meter()
    async with (
        signed_in(signing) as school,
        PlanningSession(school, planning, progress=meter.show) as session,
    ):
        meter.end()
        replica, entered = session.replica, session.entered
        assert replica is not None
        assert entered is not None
        target = out or Path(f"{entered.base}.hpx")
        if out is None and (taken := said_of_taken(target)):
            raise click.UsageError(f"{taken} (--out)")
        content = Content(entered.base, replica.revision, replica.epoch, time.time(), replica.planning)
        document = b"".join(pack(lines(content)))
        write_file(target, document, private=True)
        size = len(document)
    value = {"file": str(target), "bytes": size, "base": entered.base, "revision": replica.revision}
    screen.show(value, filled("{file} : {size} octet(s)", "{file}: {size} byte(s)", file=target, size=size))


class Meter:
    """How far a transfer is, on a terminal; silent elsewhere."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, received: int, size: int) -> None:
        """Say so many bytes of so many."""
        self.say(f"{100 * received // max(size, 1):3d} %  {received} / {size}")

    def say(self, text: str) -> None:
        """Say something else in its place."""
        if sys.stderr.isatty():
            click.echo("\r" + text.ljust(len(self._shown)), err=True, nl=False)
            self._shown = text

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            say("")


COMMANDS = (download,)
