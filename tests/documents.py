"""The documents as tests read them: their tables, their code words, their links; and the names that the code has."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hpserver.base.registry import KINDS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "hpserver"
FOLDERS = (ROOT, PACKAGE, ROOT / "docs")
"""Where a path in a document may begin."""

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"[\w./-]+\.(?:py|md|sql|mjs)|(?:hpserver|tests|docs|bench)/[\w./-]*")
_CLASS = re.compile(r"^class (\w+)(?:\(([^)]*)\))?:\n((?:[ ].*\n|\n)*)", re.MULTILINE)
_MEMBER = re.compile(r"^    (?:async )?(?:def )?(\w+)\b(?=\(|:| =)|self\.(\w+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def documents() -> list[Path]:
    """Return every document that is read by people and not made from a template here."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(path: Path) -> str:
    """Return a document without its fenced blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def words(path: Path) -> list[str]:
    """Return what stands between backticks in the prose of a document."""
    return re.findall(r"`([^`\n]+)`", prose(path))


def paths(path: Path) -> Iterator[str]:
    """Yield the file paths of this project that a document names."""
    return (word for word in words(path) if _PATH.fullmatch(word))


def names(path: Path) -> Iterator[str]:
    """Yield the names of the code that a document gives: `Engine`, `Engine.handle`, `router.handle()`."""
    bare = (word.removesuffix("()") for word in words(path) if not _PATH.fullmatch(word))
    return (word for word in bare if _NAME.fullmatch(word))


def exists(path: str) -> bool:
    """Say whether a path of a document leads to something."""
    return any((folder / path).exists() for folder in FOLDERS)


def links(path: Path) -> Iterator[str]:
    """Yield the links of a document that lead into this project."""
    return (link for link in _LINK.findall(prose(path)) if not link.startswith(("http:", "https:", "mailto:")))


def leads_somewhere(path: Path, link: str) -> bool:
    """Say whether a link of a document leads to a file, and to a heading in it when it names one."""
    file, _, anchor = link.partition("#")
    target = (path.parent / file).resolve() if file else path
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(path: Path, heading: str) -> list[list[str]]:
    """Return the cells of the tables below a heading, up to the next one; without their backticks."""
    text = prose(path)
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"{path.name} has no section {heading!r}"
    lines = re.findall(r"^\|(.+)\|$", section[1], re.MULTILINE)
    cells = [[cell.strip().replace("`", "") for cell in line.split("|")] for line in lines]
    return [row for row in cells if set(row[-1]) != {"-"}]


def commands(path: Path) -> Iterator[list[str]]:
    """Yield each `hp` command line of the shell blocks of a document, in words."""
    for block in re.findall(r"^```sh\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s*(?:;|&&?|#)\s*", line):
                if found := re.fullmatch(r"(?:\./run )?hp (.+)", part.strip()):
                    yield found[1].split()


def is_in_the_code(name: str) -> bool:
    """Say whether the code has a name: a word, a member of a class, a kind, an event of the log, a dotted constant."""
    if f'"{name}"' in _source() or name in KINDS:
        return True
    *owners, last = name.split(".")
    known = _members()
    if owners and owners[-1] in known:
        return last in _all_members(owners[-1])
    return all(part in _words() for part in (*owners, last))


@cache
def _source() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(PACKAGE.rglob("*.py")))


@cache
def _words() -> set[str]:
    files = {part for file in PACKAGE.rglob("*.py") for part in file.relative_to(PACKAGE).with_suffix("").parts}
    return set(re.findall(r"\w+", _source())) | files | {"hpserver"}


def _all_members(name: str) -> set[str]:
    members, bases = _members().get(name, (set(), []))
    return members.union(*(_all_members(base) for base in bases))


@cache
def _members() -> dict[str, tuple[set[str], list[str]]]:
    """Return what each class defines, fields set in its methods too, and its bases."""
    found: dict[str, tuple[set[str], list[str]]] = {}
    for name, bases, body in _CLASS.findall(_source()):
        members, known = found.setdefault(name, (set(), []))
        members.update(*(filter(None, member) for member in _MEMBER.findall(body)))
        known += re.findall(r"\w+", bases)
    return found
