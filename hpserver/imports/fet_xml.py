"""A FET file as a tree, whole, with line numbers; how it is read safely is `safe_xml`. Knows no element by name."""

from hpserver.errors import ImportRefusedError
from hpserver.imports import safe_xml

MAX_BYTES = 32 * 1024 * 1024
"""Size of a file, unpacked: the largest of the 236 examples published with FET has 6 MiB."""
MAX_DEPTH = 16
"""Elements within elements: FET nests six deep."""
MAX_NODES = 1_000_000
"""Elements in a file: the largest example has 172 509."""


class Node:
    """An element: its name, its line and column, its own text, what it contains."""

    __slots__ = ("children", "column", "line", "name", "text")

    def __init__(self, name: str, line: int, column: int = 1) -> None:
        self.name = name
        self.line, self.column = line, column
        self.text = ""
        self.children: list[Node] = []

    def refused(self, why: str) -> ImportRefusedError:
        """Return the refusal of this element."""
        where = {"line": self.line, "column": self.column}
        return ImportRefusedError(f"line {self.line}, column {self.column}: {why}", **where)

    def value(self, name: str) -> str:
        """Return the text of the first child of that name without spaces around it, nothing without one."""
        return self.exact(name).strip()

    def exact(self, name: str) -> str:
        """Return the text of the first child of that name as written: FET tells ` 1` from `1`."""
        return next((child.text for child in self.children if child.name == name), "")

    def values(self, name: str) -> list[str]:
        """Return the texts, as written, of the children of that name that are not empty."""
        return [child.text for child in self.children if child.name == name and child.text.strip()]

    def all(self, name: str) -> "list[Node]":
        """Return the children of that name."""
        return [child for child in self.children if child.name == name]

    def within(self, name: str) -> "list[Node]":
        """Return what the first child of that name contains, nothing without one."""
        return next((child.children for child in self.children if child.name == name), [])


def unpacked(data: bytes) -> bytes:
    """Return a file without its compression. Raises ImportRefusedError when it is damaged or grows too big."""
    return safe_xml.unpacked(data, MAX_BYTES)


def parse(data: bytes) -> Node:
    """Return the root element. Raises ImportRefusedError, with line and column, on anything but plain XML."""
    if len(data) > MAX_BYTES:
        raise ImportRefusedError(f"{len(data)} bytes, at most {MAX_BYTES}", limit=MAX_BYTES)
    tree = _Tree()
    tree.read(safe_xml.pieces(data))
    return tree.top.children[0]


class _Tree(safe_xml.Shell):
    """Keeps all of a file."""

    def __init__(self) -> None:
        super().__init__(safe_xml.Limits(MAX_DEPTH, MAX_NODES))
        self.top = Node("", 0)
        self._open = [self.top]

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - FET has no attribute that counts
        node = Node(name, *self.place())
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, name: str) -> None:  # noqa: ARG002 - it is the one that is open
        self._open.pop()

    def data(self, text: str) -> None:
        node = self._open[-1]
        if not node.children:  # between elements there are only line ends
            node.text += text
