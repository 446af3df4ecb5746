"""Results for people, a table, and for programs, a file of JSON. Knows how nothing was measured."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.figures import Figure

RESULTS: Final = Path(__file__).resolve().parent / "results"

HEAD: Final = f"{'':3} {'figure':58} {'bar':>8} {'median':>8} {'worst':>8} {'best':>8}"


def table(figures: Sequence[Figure]) -> str:
    """Return the figures, one line each."""
    return "\n".join([HEAD, *map(_line, figures)])


def write(facts: Mapping[str, object], figures: Sequence[Figure], details: Mapping[str, Mapping[str, float]]) -> Path:
    """Keep everything that was measured; return the file."""
    RESULTS.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    rows = [
        {**msgspec.structs.asdict(figure), "value": round(figure.value, 4), "holds": figure.holds} for figure in figures
    ]
    content = {"at": now.isoformat(timespec="seconds"), "machine": facts, "figures": rows, "details": details}
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2))
    return path


def _line(figure: Figure) -> str:
    sign = ">=" if figure.bound == "at least" else "<="
    ordered = sorted(figure.rounds, reverse=figure.bound == "at most")
    verdict = "" if figure.holds else "  BELOW ITS BAR"
    bar = "" if figure.bar is None else f"{sign} {figure.bar:5.2f}"
    return (
        f"{figure.number:2}. {figure.name:58} {bar:8} {figure.value:8.2f} {ordered[0]:8.2f} {ordered[-1]:8.2f}{verdict}"
    )
