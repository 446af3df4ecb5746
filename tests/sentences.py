"""The English sentences of errors, as they are in the code: what `hpserver/cli/words/french` must say in French."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "hpserver"
RAISES = re.compile(r"(Error|_?refused?|_?refuse_action|_?invalid|_?wrong|note|_?failed)$")
"""Names of what is called with a sentence to be told."""
LEFT = {"left", "_left"}
"""What exporters could not say, counted by sentence."""
HOLE = "7"
"""Stands for a value; a number, since what follows a number may agree with it."""


def sentences(*places: str) -> dict[str, str]:
    """Return the sentences of rooms, files or folders of `hpserver`, a value being `7`, and where each is."""
    found: dict[str, str] = {}
    for place in places:
        path = PACKAGE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for line, text in _in_file(ast.parse(file.read_bytes())):
                found.setdefault(text, f"{file.relative_to(PACKAGE)}:{line}")
    return found


def _in_file(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = {
                one.args[0].id
                for one in ast.walk(node)
                if isinstance(one, ast.Call) and _tells(one) and one.args and isinstance(one.args[0], ast.Name)
            }
            for one in ast.walk(node):
                if isinstance(one, ast.Assign) and {t.id for t in one.targets if isinstance(t, ast.Name)} & told:
                    yield from ((one.lineno, text) for text in _texts(one.value))
        if isinstance(node, ast.Subscript) and _name(node.value) in LEFT:
            yield from ((node.lineno, text) for text in _texts(node.slice))
        if isinstance(node, ast.Call) and _tells(node):
            for argument in node.args:
                yield from ((node.lineno, text) for text in _texts(argument))


def _tells(call: ast.Call) -> bool:
    name = _name(call.func)
    return RAISES.search(name) is not None and name not in {"ValueError", "TypeError", "OSError", "UsageError"}


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else str(getattr(node, "attr", ""))


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield what a text may be; one word is no sentence."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for one in node.values:
            yield from _texts(one)
    elif isinstance(node, ast.Constant | ast.JoinedStr):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(str(one.value) if isinstance(one, ast.Constant) else HOLE for one in parts)
        if re.search(r"[A-Za-z]{2,} [A-Za-z]*[a-z]", text):
            yield text
