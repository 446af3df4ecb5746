"""The process that opens files nobody vouches for: its bytes in, a base or a table out. It can do nothing else.

It is started by `hpserver.hosting.sandbox`; whatever happens to it, its parent goes on.
"""

import codecs
import importlib
import json
import pkgutil
import sys
import zoneinfo
from collections.abc import Callable
from typing import BinaryIO, Final

from hpserver import imports
from hpserver.errors import HPError, ImportRefusedError
from hpserver.exports.format import MAX_FILE
from hpserver.exports.packing import unpack
from hpserver.exports.reading import read
from hpserver.exports.result import Opened, Refused, Rows, encode, of_document, of_error, of_import, of_table
from hpserver.hosting.confinement import Bounds, confine
from hpserver.imports.read import read_file
from hpserver.imports.read_table import read_table
from hpserver.imports.table import MAX_BYTES

Wish = dict[str, str | int]
"""What the parent asks: `reader`, `name`, `year`, and the bounds."""

_ZONES: Final[list[zoneinfo.ZoneInfo]] = []
"""Kept: the cache of the library forgets what nobody holds."""

_CODECS: Final = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "iso8859-15", "cp1252", "idna")


def main(arguments: list[str]) -> int:
    """Read standard input as the one argument says, in JSON; write the result to standard output."""
    wish: Wish = json.loads(arguments[0])
    reader = READERS[str(wish["reader"])]
    _preload()
    walls = confine(Bounds(int(wish["cpu_seconds"]), int(wish["memory"]), int(wish["output"])))
    result: Opened | Rows | Refused
    try:
        result = reader(sys.stdin.buffer, wish)
    except HPError as error:
        result = of_error(error)
    except MemoryError:
        result = of_error(ImportRefusedError("the file needs more memory than a file may", line=0, column=0))
    sys.stdout.buffer.write(encode(result, walls))
    sys.stdout.buffer.flush()
    return 0


def _preload() -> None:
    """Read now what is opened late elsewhere: no file can be later. 0.2 s."""
    for module in pkgutil.iter_modules(imports.__path__, "hpserver.imports."):
        importlib.import_module(module.name)
    for codec in _CODECS:
        codecs.lookup(codec)
    _ZONES.extend(zoneinfo.ZoneInfo(name) for name in zoneinfo.available_timezones())


def _document(file: BinaryIO, _wish: Wish) -> Opened:
    return of_document(read(unpack(file)))


def _other(file: BinaryIO, wish: Wish) -> Opened:
    return of_import(read_file(str(wish["name"]), file.read(MAX_FILE + 1), int(wish["year"])))


def _table(file: BinaryIO, wish: Wish) -> Rows:
    return of_table(read_table(str(wish["name"]), file.read(MAX_BYTES + 1)))


READERS: Final[dict[str, Callable[[BinaryIO, Wish], Opened | Rows]]] = {
    "document": _document,
    "other": _other,
    "table": _table,
}
"""What a file may be read as."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
