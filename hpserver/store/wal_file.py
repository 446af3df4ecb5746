"""Looks for promises that a damaged WAL file still holds and SQLite no longer reads. Knows the format, no table.

SQLite ends its reading of a WAL at the first frame whose checksum is wrong: right after a power loss, silent after
damage. Every commit here is synced before the next begins, so a power loss leaves at most one transaction
unreadable: two or more commit marks past the end mean that promised transactions are gone.
Format: https://sqlite.org/fileformat2.html#the_write_ahead_log
"""

import struct
from pathlib import Path

from hpserver.errors import CorruptBaseError

_HEADER = struct.Struct(">IIII8sII")
"""magic, version, page size, checkpoint number, salts, two checksums."""

_FRAME = struct.Struct(">II8sII")
"""page, pages of the file after a commit (else 0), salts, two checksums."""

_MAGICS = {0x377F0682: "<", 0x377F0683: ">"}
"""Byte order of the words in checksums."""

UNREAD_COMMITS = 1
"""Transactions that a power loss can leave half written."""


def check(path: Path, frames_read: int, page_size: int) -> None:
    """Compare a WAL with what SQLite read of it, before anything is written.

    Raises:
        CorruptBaseError: promised transactions are in it that SQLite did not read.
    """
    try:
        content = path.open("rb")
    except FileNotFoundError:
        return
    with content:
        header = content.read(_HEADER.size)
        salts = _salts(header)
        commits, frame = 0, frames_read
        while True:
            content.seek(_HEADER.size + frame * (_FRAME.size + page_size))
            head = content.read(_FRAME.size)
            if len(head) < _FRAME.size:
                break
            _, pages, own, _, _ = _FRAME.unpack(head)
            salts = salts or own  # a damaged header: the first frame tells
            commits += pages > 0 and own == salts
            frame += 1
    if commits > UNREAD_COMMITS:
        raise CorruptBaseError(f"the WAL is damaged after frame {frames_read}: {commits} transactions cannot be read")


def _salts(header: bytes) -> bytes:
    """Give the salts of an intact header, b"" for a damaged one."""
    if len(header) < _HEADER.size:
        return b""
    magic, _, _, _, salts, *checksum = _HEADER.unpack(header)
    order = _MAGICS.get(magic)
    if order is None or _checksum(header[:24], order) != tuple(checksum):
        return b""
    return bytes(salts)


def _checksum(data: bytes, order: str) -> tuple[int, int]:
    one = two = 0
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
