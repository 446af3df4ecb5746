"""The audit log, from a shell."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed, every_row
from hpserver.cli.options import new_file
from hpserver.cli.running import write_file
from hpserver.cli.screen import Screen, filled, instant, tr
from hpserver.errors import AuditBrokenError
from hpserver.protocol.catalogue import administration as w


async def show_events(screen: Screen, ask: Ask, after: int | None, limit: int) -> None:
    """Show what was administered and who came in, the last events unless --after says where to begin."""
    page: w.Events = await ask(w.ListEvents(after or 0, limit, latest=after is None))
    titles = {
        "number": "N°", "when": tr("Quand", "When"), "event": tr("Événement", "Event"),
        "actor": tr("Qui", "Who"), "about": tr("Quoi", "What"), "result": tr("Résultat", "Result"),
    }  # fmt: skip
    screen.table(_folded(page.rows), titles)


async def verify_audit(screen: Screen, ask: Ask) -> None:
    """Check that no event was changed or left out. Note the seal elsewhere: it proves it later."""
    found: w.AuditVerdict = await ask(w.VerifyAudit())
    if found.broken:
        raise AuditBrokenError(f"the audit log is broken at {found.broken}: {found.why}", number=found.broken)
    count, seal = found.entries, found.seal
    screen.show(
        msgspec.structs.asdict(found),
        filled("{count} événement(s), scellé(s) : {seal}", "{count} event(s), sealed: {seal}", count=count, seal=seal),
    )


async def export_audit(screen: Screen, ask: Ask, file: Path) -> None:
    """Write every event to a file, one JSON object a line; `-` for standard output."""
    found: list[w.EventRow] = await every_row(ask, lambda last: w.ListEvents(last.number if last else 0))
    write_file(file, b"".join(msgspec.json.encode(msgspec.structs.asdict(one)) + b"\n" for one in found), private=True)
    if str(file) != "-":
        told = tr(f"Événements écrits : {len(found)}", f"Events written: {len(found)}")
        screen.show({"file": str(file), "events": len(found)}, told)


async def prune_audit(screen: Screen, ask: Ask, days: int) -> None:
    """Forget the events older than some days, as the retention of personal data wants it."""
    done: w.Pruned = await ask(w.PruneAudit(days))
    told = tr(f"Événements oubliés : {done.entries}", f"Events forgotten: {done.entries}")
    screen.show({"forgotten": done.entries}, told)


def _folded(rows: Sequence[w.EventRow]) -> list[dict[str, object]]:
    """The events, each on one line: what was told before it was done, and failed, is one that failed."""
    numbers = {one.number for one in rows}
    ends = {one.about["of"]: one for one in rows if one.result == "failed" and one.about.get("of") in numbers}
    hidden = {one.number for one in ends.values()}
    return [
        _shown(one) | ({"result": f"failed: {ends[one.number].about['error']}"} if one.number in ends else {})
        for one in rows
        if one.number not in hidden
    ]


def _shown(one: w.EventRow) -> dict[str, object]:
    about = " ".join(f"{name}={value}" for name, value in one.about.items())
    return {
        "number": one.number, "when": instant(one.at / 1000), "event": one.event, "actor": one.actor,
        "about": about, "result": one.result,
    }  # fmt: skip


AUDIT: Final = (
    Deed(
        "show",
        show_events,
        (
            click.option("--after", type=click.IntRange(min=0), help="Begin after this number."),
            click.option("--limit", type=click.IntRange(1, w.MAX_PAGE), default=w.MAX_PAGE, help="How many at most."),
        ),
    ),
    Deed("verify", verify_audit),
    Deed("export", export_audit, (click.argument("file", type=new_file),)),
    Deed(
        "prune",
        prune_audit,
        (click.option("--days", type=click.IntRange(1, 36_500), default=365, show_default=True, help="How many."),),
    ),
)
