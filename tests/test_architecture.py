"""Who may import whom, and which rooms have no window. The table below is the contract; it needs no tool."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "hpserver"

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "config": {"errors"},
    "log": {"errors"},
    "protocol": {"errors"},
    "base": {"errors"},
    "certs": {"errors"},
    "identity": {"errors"},
    "directory": {"errors", "identity"},
    "routing": {"errors", "protocol", "identity", "directory"},
    "planning": {"errors", "protocol", "base", "identity"},
    "supervision": {"errors", "directory"},
    "store": {"errors", "base", "identity", "directory"},
    "net": {"errors", "protocol", "certs"},
    "costs": {"errors", "base"},
    "imports": {"errors", "base", "costs"},
    "exports": {"errors", "base", "imports"},
    "mail": {"errors", "config"},
    "client": {"errors", "protocol", "base", "certs", "net"},
    "hosting": {
        *("errors", "config", "protocol", "identity", "directory", "base", "certs"),
        *("planning", "store", "imports", "exports", "mail"),
    },
    "administration": {"errors", "config", "base", "protocol", "identity", "directory", "certs", "store", "hosting"},
}
"""Room -> the rooms it may import."""

PROGRAMS: dict[str, set[str]] = {
    "controller": {"attending", "desk", "everywhere", "signing", "back_door"},
    "back_door": set(),
    "desk": set(),
    "attending": set(),
    "everywhere": {"attending"},
    "planning_server": {"attending", "long_questions"},
    "long_questions": set(),
    "agent": {"controller", "planning_server", "zygote", "children", "ledger"},
    "signer": set(),
    "signing": set(),
    "opener": set(),
    "receiver": set(),
    "sender": set(),
    "ledger": {"children"},
    "children": {"zygote"},
    "zygote": {"controller", "planning_server"},
    "reaching": set(),
    "web": {"reaching", "cli"},
    "web_server": {"web", "signing"},
    "cli": {"controller", "planning_server", "agent", "zygote", "signing", "reaching"},
    "__main__": {"cli"},
}
"""Program -> the other programs it may import; every program may import every room."""

PURE = {"errors", "protocol", "base", "costs", "identity", "directory", "routing", "planning", "supervision", "exports"}
"""Rooms that run with no socket, clock, database or chance: those come in as arguments."""

WINDOWS = {
    *("asyncio", "concurrent", "multiprocessing", "selectors", "select", "signal", "subprocess", "threading"),
    *("socket", "ssl", "uvloop", "time", "random", "secrets", "os", "shutil", "tempfile", "glob", "fcntl"),
    *("apsw", "sqlite3", "structlog", "logging", "click"),
}
"""Modules through which a room would see the outside world."""

WINDOW_NAMES = {
    *("open", "input", "print", "pathlib.Path", "pathlib.PosixPath"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("uuid.uuid1", "uuid.uuid4"),
}
"""Single names that do the same, in modules and builtins that are otherwise harmless."""


def modules() -> list[Path]:
    """Return every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    """Return `hpserver.certs.authority` for `hpserver/certs/authority.py`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """Return the room of a dotted name, or nothing for the package itself."""
    return module.partition(".")[2].partition(".")[0]


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax of a module, read once for all the tests."""
    return ast.parse(path.read_bytes())


def imports(path: Path) -> Iterator[str]:
    """Yield each dotted name that the module imports, wherever it does so: `a.b` for `from a import b`."""
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def names(path: Path) -> Iterator[str]:
    """Yield every name the module reads, written in full: `datetime.datetime.now` for `datetime.now`."""
    tree = tree_of(path)
    origin = {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        parts = []
        at: ast.AST = node
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if isinstance(at, ast.Name):
            yield ".".join([origin.get(at.id, at.id), *reversed(parts)])


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    """Return the rooms and programs that exist, each with those it really imports."""
    rooms: dict[str, set[str]] = {}
    for path in modules():
        if room := room_of(dotted(path)):
            found = {room_of(name) for name in imports(path) if name.startswith("hpserver.")}
            rooms.setdefault(room, set()).update(found & (MAY_IMPORT.keys() | PROGRAMS.keys()) - {room})
    return rooms


def test_every_module_belongs_to_a_known_room() -> None:
    """A new room is a decision: it enters the table with what it may import."""
    known = {"", *MAY_IMPORT, *PROGRAMS}
    assert not [dotted(path) for path in modules() if room_of(dotted(path)) not in known]


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_room_imports_only_what_the_table_allows(graph: dict[str, set[str]], room: str) -> None:
    """Knowledge flows one way: a rule never learns of the store, a message never learns of the timetable."""
    assert graph.get(room, set()) <= MAY_IMPORT[room]


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_program_imports_rooms_and_the_programs_it_starts(graph: dict[str, set[str]], program: str) -> None:
    """Programs meet on sockets, not by import; only those that start others know them."""
    assert graph.get(program, set()) - MAY_IMPORT.keys() <= PROGRAMS[program]


@pytest.mark.parametrize("room", sorted(PURE))
def test_pure_room_has_no_window(room: str) -> None:
    """The core can be tested in memory, in microseconds, because it cannot see the outside world."""
    seen = set()
    for path in modules():
        if room_of(dotted(path)) == room:
            imported = set(imports(path))
            found = {name for name in imported if name.split(".")[0] in WINDOWS}
            found |= (imported | set(names(path))) & WINDOW_NAMES
            seen |= {f"{dotted(path)}: {name}" for name in found}
    assert not seen


def test_package_itself_imports_nothing() -> None:
    """Importing any room first imports the package: it must cost nothing and know nobody."""
    assert not list(imports(PACKAGE / "__init__.py"))


def test_rooms_import_each_other_without_a_cycle(graph: dict[str, set[str]]) -> None:
    """A cycle would make two rooms one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_table_has_no_cycle() -> None:
    """What the table allows could be built in full without making two rooms one."""
    TopologicalSorter(MAY_IMPORT).prepare()
    TopologicalSorter(PROGRAMS).prepare()
