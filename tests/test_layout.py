"""Where things are: tests mirror code, files stay small, tests say what they protect, no trace of a workplace."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "hpserver"
TESTS = ROOT / "tests"
ROOMS_OF_TESTS = sorted(path.name for path in TESTS.iterdir() if path.is_dir() and not path.name.startswith("__"))

MAX_LINES = 400
"""Past this a module is two modules (house rule)."""

PROGRAMS = {
    "controller",
    "desk",
    "planning_server",
    "agent",
    "children",
    "ledger",
    "zygote",
    "back_door",
    "signer",
    "signing",
    "web_server",
}
"""Tested as running processes: their tests are grouped by what is done, not file for file."""

DECLARED = {"protocol/catalogue", "protocol/catalogue/administration", "cli/words/french"}
"""Folders of declarations: one suite beside the folder tries the rules that hold for all of them."""

# Character classes keep these patterns from finding themselves.
FOREIGN = [
    re.compile(pattern)
    for pattern in (
        r"/[w]ork/", r"/[r]oot/", r"/[t]mp/brief", r"[a]rchitecture\.md section", r"[s]hared/reference",
        r"[Ii]ssue #?\d", r"[Cc]laude", r"[Aa]nthropic", r"[Cc]hatgpt", r"[L]LM\b",
        r"[l]anguage model", r"[a]s an AI\b",
    )
]  # fmt: skip
"""Paths of one machine and words of the workplace: the project speaks of itself alone."""


def source_files() -> list[Path]:
    """Return every module of the server and of the benchmarks."""
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "bench").rglob("*.py")])


def project_files() -> Iterator[Path]:
    """Yield every file that git would keep, with no need of git."""
    rules = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            inside = str(path.relative_to(ROOT))
            if path.name == ".git" or any(fnmatch(path.name, rule) or inside == rule for rule in rules):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def mirrors(path: Path) -> list[Path]:
    """Return the test files that may stand for a module of the server."""
    inside = path.relative_to(PACKAGE)
    if inside.parts[0].removesuffix(".py") in PROGRAMS:
        return sorted(TESTS.rglob(f"test_{path.stem}.py"))
    found = [TESTS / inside.with_name(f"test_{inside.name}")]
    if inside.parent.as_posix() in DECLARED:
        found.append(TESTS / inside.parent.with_name(f"test_{inside.parent.name}.py"))
    if path.name == "api.py":  # an interface, whoever fulfils it
        found.append(TESTS / "conformance" / f"test_{path.parent.name}.py")
    return [file for file in found if file.exists()]


def test_every_module_has_its_test() -> None:
    """A module without a test file of its name is a module nobody dares to change."""
    modules = [path for path in PACKAGE.rglob("*.py") if path.stem not in {"__init__", "__main__"}]
    assert not [str(path.relative_to(ROOT)) for path in sorted(modules) if not mirrors(path)]


def test_no_file_is_over_the_ceiling() -> None:
    """A reader can hold a file of this size in mind."""
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in source_files()}
    assert not {name: lines for name, lines in sizes.items() if lines > MAX_LINES}


@pytest.mark.parametrize("files", ["test_*.py", *(f"{room}/**/test_*.py" for room in ROOMS_OF_TESTS)])
def test_every_test_says_what_it_protects(files: str) -> None:
    """A red test whose reason nobody knows gets deleted."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sorted(TESTS.glob(files))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_tests_are_no_package() -> None:
    """Two test files may have one name; an `__init__.py` would make one hide the other."""
    assert not list(TESTS.rglob("__init__.py"))


def test_project_speaks_of_itself_alone() -> None:
    """A path of one machine, or a word about how the work was organised, helps no reader."""
    found = []
    for path in project_files():
        if path.suffix in {".png", ".jpg"}:  # three letters that stand in a row there say nothing
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for one in FOREIGN for match in one.finditer(text)]
    assert not found
