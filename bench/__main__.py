"""`./run bench`: measure the server against its peers, print a table, keep the numbers."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench import diagnosis, edits, fanout, free, machine, questions, report, school
from bench.figures import QUICK, Figure, Pace, Samples
from bench.house import opened

NAMES = ("questions", "fanout", "edits", "base")
FIRST_PORT = 31200
SECOND_PORT = 31300


async def measure(names: list[str], pace: Pace) -> int:
    """Measure what is named; 1 when a figure is below its bar."""
    base = school.base()
    samples = {name: Samples() for name in names}
    figures: list[Figure] = []
    facts: dict[str, object] = dict(machine.facts())
    facts["nats"] = machine.version("nats-server", "--version")
    facts["redis"] = machine.version("redis-server", "--version")
    before = time.monotonic(), machine.busy_seconds()
    with tempfile.TemporaryDirectory() as folder:
        if "questions" in names or "fanout" in names:
            async with opened(FIRST_PORT) as house:
                if "questions" in names:
                    figures += await questions.measure(house, base, pace, samples["questions"])
                if "fanout" in names:
                    figures += await fanout.measure(house, base, pace, samples["fanout"], Path(folder))
        if "edits" in names:
            async with opened(SECOND_PORT, edits.AGENT, edits.environ()) as house:
                figures += await edits.measure(house, base, pace, samples["edits"])
        if "base" in names:
            figures += free.measure(pace, samples["base"]) + diagnosis.measure(pace, samples["base"])
    elapsed = time.monotonic() - before[0]
    ours = os.times()
    own = ours.user + ours.system + ours.children_user + ours.children_system
    facts["seconds"] = round(elapsed, 1)
    facts["foreign_cpu"] = round(max(0.0, machine.busy_seconds() - before[1] - own) / elapsed, 3)
    for name, fact in facts.items():
        print(f"{name:12} {fact}")
    print()
    print(report.table(sorted(figures, key=lambda figure: figure.number)))
    print(f"\n{report.write(facts, figures, {name: kept.medians() for name, kept in samples.items()})}")
    return 0 if all(figure.holds for figure in figures) else 1


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="what to measure; everything by default")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of everything compared (5)")
    parser.add_argument("--quick", action="store_true", help="two short rounds: does it still work?")
    parser.add_argument("--urgent", action="store_true", help="before everybody else on this machine; needs root")
    given = parser.parse_args()
    if given.urgent:
        machine.hurry()
    pace = QUICK if given.quick else Pace()
    if given.rounds:
        pace = msgspec.structs.replace(pace, rounds=given.rounds)
    return asyncio.run(measure(given.names or list(NAMES), pace))


if __name__ == "__main__":
    sys.exit(main())
