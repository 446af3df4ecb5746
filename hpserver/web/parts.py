"""A form with a file, as a browser sends it: small fields, then the file piece by piece, never whole. Knows no page."""

from collections.abc import AsyncIterator
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from hpserver.errors import ImportRefusedError

MAX_FIELDS: Final = 8 << 10
"""Bytes of what is no file: three short fields and the heads of their parts."""

MAX_PARTS: Final = 8
"""Parts of one form."""

Event = tuple[str, bytes]
"""The name of a field with its value; or `file` with a piece, and then with b"" for its end."""

FILE: Final = "file"


class Parts:
    """Takes bytes, gives events. Raises ImportRefusedError: this is no such form."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise _refused("a form with a file was expected")
        self._events: list[Event] = []
        self._small = self._parts = 0
        self._header = self._value = b""
        self._name, self._held = "", b""
        self.is_whole = False
        """Whether the end of the form was seen."""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin, "on_header_field": self._field, "on_header_value": self._of_field,
                "on_header_end": self._known, "on_part_data": self._data, "on_part_end": self._end,
                "on_end": self._over,
            },
        )  # fmt: skip

    def feed(self, data: bytes) -> list[Event]:
        """Take more bytes, and return what was in them."""
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise _refused("the form cannot be read") from error
        events, self._events = self._events, []
        return events

    # --- within ---------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._parts += 1
        self._name, self._held = "", b""
        if self._parts > MAX_PARTS:
            raise _refused("the form has too many parts")

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header += self._counted(data[start:end])

    def _of_field(self, data: bytes, start: int, end: int) -> None:
        self._value += self._counted(data[start:end])

    def _known(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._name = parse_options_header(self._value)[1].get(b"name", b"").decode("utf-8", "replace")
        self._header = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name == FILE:
            self._events.append((FILE, data[start:end]))
        else:
            self._held += self._counted(data[start:end])

    def _end(self) -> None:
        self._events.append((self._name, b"" if self._name == FILE else self._held))

    def _over(self) -> None:
        self.is_whole = True

    def _counted(self, data: bytes) -> bytes:
        self._small += len(data)
        if self._small > MAX_FIELDS:
            raise _refused("a field of the form is too long")
        return data


async def events(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """Yield what is in a form as it comes. Raises ImportRefusedError: it is none, or it ended before its end."""
    parts = Parts(content_type)
    async for data in body:
        for event in parts.feed(data):
            yield event
    if not parts.is_whole:
        raise _refused("the form ended before its end: send the file again")


def _refused(why: str) -> ImportRefusedError:
    return ImportRefusedError(why, line=0, column=0)
