"""`hp client upload`, `hp client bases`: a file sent to become a base of the account, and the bases there are."""

from pathlib import Path
from typing import Final

import click

from hpserver.cli.client.files import Meter
from hpserver.cli.client.session import Signing, inside, signing_options
from hpserver.cli.options import in_file
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, language, say, tr
from hpserver.cli.words.telling import counted
from hpserver.protocol import messages as m

SHOWN: Final = 20
"""Notes that are printed; the others are counted."""


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

    def opening(seconds: int) -> None:
        meter.say(tr(f"Ouverture du fichier... {seconds} s", f"Opening the file... {seconds} s"))

    async with inside(signing, planning) as session:
        done = await session.upload(file, name, progress=meter.show, opening=opening)
        meter.end()
    _tell_notes(done)
    value = {
        "base": done.base, "transactions": done.revision, "counts": done.counts, "not_taken_over": done.noted,
        "bytes": file.stat().st_size,
    }  # fmt: skip
    text = tr(
        f"{done.base} : {sum(done.counts.values())} objets, {done.revision} opérations. Pour la charger :"
        f" hp base load {planning} {done.base!r}",
        f"{done.base}: {sum(done.counts.values())} objects, {done.revision} transactions. To load it:"
        f" hp base load {planning} {done.base!r}",
    )
    screen.show(value, text)


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


COMMANDS = (upload, bases)
"""What `hp client` has from here."""


def _tell_notes(done: m.Uploaded) -> None:
    for kind, count in done.counts.items():
        say(f"  {counted(count, kind, language())}")
    for line, what, detail in done.notes[:SHOWN]:
        say(tr(f"  ligne {line}, non repris : ", f"  line {line}, not taken over: ") + f"{what} {detail}")
    for what, count in done.noted.items():
        say(tr(f"  {count} non repris : {what}", f"  {count} not taken over: {what}"))
