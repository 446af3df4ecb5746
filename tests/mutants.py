"""Are the tests of who comes in worth anything? Change the code a little, one change at a time, and see what notices.

`./run mutants` changes every comparison, number, condition, return and call of the modules in `TARGETS`, runs the tests
named beside them against each mutant, and prints who survived. `./run mutants identity/ladder` looks at one module.
"""

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PASSING: Final = 0.85
"""Of the mutants so many must be noticed."""

SECONDS: Final = 120
"""For the tests of one mutant; one that runs for ever is noticed too."""

TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "identity/ladder": ("identity/test_ladder", "attacks/test_guessing"),
    "store/ladders": ("store/test_ladders", "identity/test_ladder", "conformance/test_directory"),
    "identity/login": ("identity/test_login", "routing/test_router"),
    "identity/ageing": ("identity/test_ageing",),
    "identity/tickets": ("identity/test_tickets",),
    "identity/passwords": ("identity/test_passwords",),
    "protocol/password_rules": ("protocol/test_password_rules",),
    "identity/pins": ("identity/test_pins",),
    "hosting/sign_in": ("hosting/test_sign_in", "attacks/test_guessing", "attacks/test_enumeration"),
    "hosting/one_by_one": ("hosting/test_one_by_one",),
    "hosting/codes": ("hosting/test_codes",),
    "web/sessions": ("web/test_sessions",),
    "web/journeys": ("web/test_journeys",),
    "hosting/hashing": ("hosting/test_hashing", "hosting/test_sign_in"),
    "routing/entering": ("routing/test_entering", "routing/test_router"),
    "routing/asking": ("routing/test_router", "routing/test_asking"),
    "net/watch": ("net/test_watch",),
    "net/gate": ("net/test_gate", "net/test_watch"),
    "certs/revocation": ("certs/test_revocation",),
    "certs/requests": ("certs/test_requests",),
    "certs/param_client": ("certs/test_param_client",),
    "certs/peer": ("certs/test_peer",),
    "certs/authority": ("certs/test_authority", "hosting/test_house_ca", "hosting/test_keyring"),
    "identity/sessions": ("identity/test_sessions", "test_attending"),
    "identity/places": ("identity/test_places", "hosting/test_places"),
    "identity/names": ("identity/test_names",),
    "hosting/issuing": ("hosting/test_issuing",),
    "hosting/trust": ("hosting/test_trust", "hosting/test_places"),
    "administration/devices": ("administration/test_devices",),
    "administration/sessions": ("administration/test_sessions",),
}
"""Module -> the tests that are to notice, the quickest first."""

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_CALCULATED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
_NAMED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}

Mutation = tuple[int, str, Callable[[], None], Callable[[], None]]
"""Line, what is changed, how to do it, how to take it back."""


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module from a changed syntax tree; all others come as usual."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See `MetaPathFinder`."""
        del path, target
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """See `Loader`."""
        exec(compile(ast.fix_missing_locations(self.tree), str(self.path), "exec"), module.__dict__)  # noqa: S102  ours


def mutations(tree: ast.Module) -> Iterator[Mutation]:
    """Yield every small change of a module; declarations, annotations and texts are left alone."""
    for node in _code(tree):
        for what, slot, name, new in _changes(node):
            old = getattr(slot, name)
            yield (
                getattr(node, "lineno", 0),
                what,
                lambda slot=slot, name=name, new=new: setattr(slot, name, new),  # type: ignore[misc]  # bound now
                lambda slot=slot, name=name, old=old: setattr(slot, name, old),  # type: ignore[misc]  # bound now
            )


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that do something, from the outside in."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "keywords"} and isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.arg | ast.AnnAssign
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_left_alone(child):
                yield child
                yield from _code(child)


def _is_left_alone(node: ast.AST) -> bool:
    """Texts, refusals' words, imports, and assertions for the type checker."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Assert):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST, str, object]]:  # noqa: C901  one case for each change
    match node:
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                new = list(node.ops)
                new[at] = _COMPARED[type(operator)]()
                yield f"{type(operator).__name__} -> {type(new[at]).__name__}", node, "ops", new
        case ast.BoolOp():
            yield "and <-> or", node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.BinOp() if type(node.op) in _CALCULATED:
            new_operator = _CALCULATED[type(node.op)]
            yield f"{type(node.op).__name__} -> {new_operator.__name__}", node, "op", new_operator()
        case ast.Constant() if isinstance(node.value, bool):
            yield f"{node.value} -> {not node.value}", node, "value", not node.value
        case ast.Constant() if isinstance(node.value, int | float):
            yield f"{node.value} -> {node.value + 1}", node, "value", node.value + 1
        case ast.If() | ast.While() | ast.IfExp():
            yield "condition negated", node, "test", ast.UnaryOp(ast.Not(), node.test)
        case ast.Return() if node.value is not None and not _is_none(node.value):
            yield "return None", node, "value", ast.Constant(None)
        case ast.Expr() if isinstance(node.value, ast.Call | ast.Await):
            yield "call left out", node, "value", ast.Constant(None)
        case ast.Call() if isinstance(node.func, ast.Name) and node.func.id in _NAMED:
            yield f"{node.func.id} -> {_NAMED[node.func.id]}", node.func, "id", _NAMED[node.func.id]
        case ast.Raise() if node.exc is not None:
            yield "raise -> pass", node, "__class__", ast.Pass


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def notices(target: str, tree: ast.Module) -> bool:
    """Run the tests of a module against a changed tree in a child process; True when one of them fails."""
    child = os.fork()
    if not child:
        os._exit(_tested(target, tree))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _tested(target: str, tree: ast.Module) -> int:
    import pytest  # noqa: PLC0415  in the child: what is imported here must not be shared

    signal.alarm(SECONDS)
    name = "hpserver." + target.replace("/", ".")
    sys.meta_path.insert(0, Mutated(name, ROOT / "hpserver" / f"{target}.py", tree))
    files = [f"tests/{one}.py" for one in TARGETS[target]]
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not slow", "--no-header"]
            options += ["-o", "timeout=0"]  # its alarm would take the place of ours
            try:
                return int(pytest.main([*options, *files]))
            except BaseException:  # noqa: BLE001  a mutant may end in any way
                return 99


def survivors(target: str, tell: Callable[[str], None]) -> tuple[int, list[str]]:
    """Try every mutant of a module; how many there were, and who was not noticed."""
    path = ROOT / "hpserver" / f"{target}.py"
    source = path.read_text(encoding="utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    if notices(target, tree):
        raise SystemExit(f"the tests of {target} fail without any change")
    count, alive = 0, []
    for line, what, do, undo in mutations(tree):
        do()
        count += 1
        try:
            if not notices(target, tree):
                alive.append(f"{target}:{line}: {what}: {lines[line - 1].strip()}")
                tell(alive[-1])
        finally:
            undo()
    return count, alive


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Try the modules that are named, or all; 0 when enough was noticed in each of them."""
    os.chdir(ROOT)
    os.environ.setdefault("HYPOTHESIS_PROFILE", "quick")
    targets = arguments or list(TARGETS)
    unknown = [one for one in targets if one not in TARGETS]
    if unknown:
        raise SystemExit(f"not among the modules tried: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    failed = False
    for target in targets:
        began = time.monotonic()
        count, alive = survivors(target, lambda line: _say(f"  survived {line}"))
        killed = 1 - len(alive) / count
        failed = failed or killed < PASSING
        seconds = time.monotonic() - began
        _say(f"{target:26} {count:4} mutants, {killed:6.1%} noticed, {seconds:4.0f} s")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
