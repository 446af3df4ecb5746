"""`./run load [L1...]`: print a table, keep the numbers."""

import argparse
import asyncio
import datetime as dt
import sys

import msgspec

from bench import machine
from bench.report import RESULTS
from bench.siege.findings import FULL, SMALL, Finding, table
from bench.siege.loads import LOADS, measure


def main() -> int:
    """Read the command line and put the loads on; 1 when a bar is not reached."""
    parser = argparse.ArgumentParser(prog="./run load", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*LOADS, []], help="which loads; all by default")
    parser.add_argument("--small", action="store_true", help="as large as in the tests")
    for field in msgspec.structs.fields(FULL):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, default=None)
    given = vars(parser.parse_args())
    wished = {one.name: given[one.name] for one in msgspec.structs.fields(FULL) if given[one.name] is not None}
    size = msgspec.structs.replace(SMALL if given["small"] else FULL, **wished)
    facts: dict[str, object] = {**machine.facts(), **msgspec.structs.asdict(size)}
    for name, fact in facts.items():
        print(f"{name:12} {fact}")
    findings: list[Finding] = []
    for name in given["names"] or LOADS:
        found = asyncio.run(measure(name, size))
        print(f"\n{table(found)}", flush=True)
        findings += found
    RESULTS.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    rows = [{**msgspec.structs.asdict(one), "holds": one.holds} for one in findings]
    content = {"at": now.isoformat(timespec="seconds"), "machine": facts, "findings": rows}
    path = RESULTS / f"load-{now:%Y%m%d-%H%M%S}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2))
    print(f"\n{path}")
    return 0 if all(one.holds for one in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
