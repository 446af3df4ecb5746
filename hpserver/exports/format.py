"""What a document of a base is made of: its lines and its limits. docs/file-format.md says the same to the world."""

from collections.abc import Iterable
from typing import Final

import msgspec

from hpserver.base.grid import Grid
from hpserver.base.planning import Planning
from hpserver.imports.result import Note

FORMAT: Final = "hp-export"
"""What the header says the document is."""

VERSION: Final = 1
"""Grows when a reader of the version before would misread; new kinds, fields and lines do not make it grow."""

SUFFIX: Final = ".hpx"
"""What the name of a document's file ends with."""

MAX_FILE: Final = 256 << 20
"""Bytes of a file that is opened: those of a transfer, a hundred times a university of 60,000 activities (measured)."""

MAX_CONTENT: Final = 1 << 30
"""Bytes of a document once it is unpacked: what a bomb is stopped at."""

MAX_LINE: Final = 16 << 20
"""Bytes of a line: a transaction of 900 KiB of MessagePack is several times that as JSON with what was before."""

MAX_NESTING: Final = 32
"""Lists and objects within each other: the deepest line of ours has 7."""

MAX_OBJECTS: Final = 5_000_000
"""Objects in a document, 100 times those of a large university."""

MAX_REVISIONS: Final = 5_000_000
"""Transactions in a document: a thousand a day for thirteen years."""


MAX_STRANGE: Final = 100_000
"""Lines that this program does not know: a document with more of them is not one of ours."""


class Line(msgspec.Struct, frozen=True, tag_field="line", forbid_unknown_fields=True):
    """One line of a document; `line` says which."""


class Beginning(msgspec.Struct, frozen=True):
    """The base before the first transaction that is told: its revision and what the lines `origin` do not say."""

    revision: int
    grid: Grid
    next_keys: dict[str, int]


class Header(Line, frozen=True, tag="header"):
    """The first line. `origin` is null when the history is not told.

    `created_at` is UTC, ISO 8601. `counts` has one entry per kind that has objects. `next_keys` are the keys that the
    next objects get: one that was given is never given again.
    """

    format: str
    version: int
    base: str
    revision: int
    epoch: int
    created_at: str
    grid: Grid
    counts: dict[str, int]
    next_keys: dict[str, int]
    origin: Beginning | None = None


class Object(Line, frozen=True, tag="object"):
    """One object of the base as it is at `revision`."""

    kind: str
    key: int
    fields: msgspec.Raw


class Origin(Line, frozen=True, tag="origin"):
    """One object of the base as it was before the first transaction that is told."""

    kind: str
    key: int
    fields: msgspec.Raw


class Revision(Line, frozen=True, tag="revision"):
    """One transaction: that of a row of the journal, whose JSON `body` is. `operation` is hexadecimal."""

    revision: int
    epoch: int
    operation: str
    at: int
    user: str
    format: int
    body: msgspec.Raw


class Trailer(Line, frozen=True, tag="trailer"):
    """The last line: how many lines of each sort there are, and what they hash to, in hexadecimal.

    `content` is the SHA-256 of the lines `object`, each with its line feed: that of two documents of the same base
    state is the same. `sha256` is that of every line before this one.
    """

    objects: int
    origins: int
    revisions: int
    content: str
    sha256: str


class Content(msgspec.Struct, frozen=True):
    """What a document is written from.

    `created_at` is Unix time in seconds. With `origin`, `revisions` lead from it to `planning`; `origin_revision` is
    the revision it is of.
    """

    base: str
    revision: int
    epoch: int
    created_at: float
    planning: Planning
    origin: Planning | None = None
    origin_revision: int = 0
    revisions: Iterable[Revision] = ()


class Document(msgspec.Struct, frozen=True):
    """What a document says. `notes` list what this program does not know and did not take over."""

    header: Header
    planning: Planning
    origin: Planning | None
    revisions: tuple[Revision, ...]
    content: str
    sha256: str
    notes: tuple[Note, ...]
    unlisted: dict[str, int]
