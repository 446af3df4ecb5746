"""Several files in one: a zip whose size, names and number are bounded. Knows no format."""

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from hpserver.errors import ImportRefusedError

MAX_FILES = 1_000
"""Entries of a zip: an export of Untis has some thirty."""
MAX_BYTES = 64 * 1024 * 1024
"""All the files taken from a zip, unpacked."""

codecs.lookup("cp437")  # names in a zip: a reader behind walls opens no file later, codecs are files


def is_zip(data: bytes) -> bool:
    """Say whether bytes begin like a zip file."""
    return data[:4] == b"PK\x03\x04"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as one, as they are: what reads them unpacks it again."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def unzipped(data: bytes, wanted: re.Pattern[str]) -> dict[str, bytes]:
    """Return the files of a zip whose names, without folders, are wanted.

    Raises ImportRefusedError when it is damaged, locked, or grows too big.
    """
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_FILES:
                raise ImportRefusedError(f"more than {MAX_FILES} files in it", limit=MAX_FILES)
            for info in archive.infolist():
                if wanted.fullmatch(base_name(info.filename)) is None:
                    continue
                with archive.open(info) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise ImportRefusedError(f"more than {MAX_BYTES} bytes once unpacked", limit=MAX_BYTES)
                found[info.filename] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError, NotImplementedError) as error:
        raise ImportRefusedError("the zip file is damaged, or has a password: pack it again without one") from error
    return found


def base_name(name: str) -> str:
    """Return a name without its folders."""
    return re.split(r"[/\\]", name)[-1]
