"""The MessagePack library against the public test suite of the format; what it does otherwise is named here."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec

FILE = "msgpack/msgpack-test-suite.json"
CASES = 233
AGREED = 226
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST = dt.datetime.min.replace(tzinfo=dt.UTC) - EPOCH
EXCEPTIONS = {
    "d7-ff-ee-6b-27-fc-7f-ff-ff-ff": "another value",
    "d7-ff-ee-6b-27-fc-ff-ff-ff-ff": "another value",
    "d7-ff-ee-6b-27-ff-ff-ff-ff-ff": "another value",
    "c7-0c-ff-3b-9a-c9-ff-ff-ff-ff-ff-ff-ff-ff-ff": "another value",
    "c7-0c-ff-3b-9a-c9-ff-ff-ff-ff-ff-7c-55-81-7f": "another value",
    "c7-0c-ff-00-00-00-00-ff-ff-ff-f1-86-8b-84-00": "ValidationError",
    "c7-0c-ff-3b-9a-c9-ff-00-00-00-3a-ff-f4-41-7f": "ValueError",
}
"""Timestamps of 999,999,999 ns, which the library rounds to microseconds upwards, and those outside the years 1 to
9999. The protocol has no timestamps: instants are integers of milliseconds."""


def expected(case: dict[str, Any]) -> object:
    """Return the value that a case stands for."""
    (kind,) = set(case) - {"msgpack"} if "bignum" not in case else {"bignum"}
    value = case[kind]
    match kind:
        case "binary":
            return bytes.fromhex(value.replace("-", ""))
        case "bignum":
            return int(value)
        case "ext":
            return msgspec.msgpack.Ext(value[0], bytes.fromhex(value[1].replace("-", "")))
        case "timestamp":
            seconds, nanoseconds = value
            since = dt.timedelta(seconds=seconds, microseconds=nanoseconds // 1000)
            return EPOCH + since if since > FIRST else None
    return value


def outcome(data: bytes, wanted: object) -> str:
    """Return `agreed`, or how the library differs."""
    try:
        found = msgspec.msgpack.decode(data)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        return type(error).__name__
    return "agreed" if found == wanted else "another value"


def test_the_format_is_read_as_the_public_suite_says(shared_data: Path) -> None:
    """226 of 233 encodings; each exception is a known one, and none is used by this protocol."""
    suite: dict[str, list[dict[str, Any]]] = json.loads((shared_data / FILE).read_text())
    exceptions = {}
    total = 0
    for cases in suite.values():
        for case in cases:
            for text in case["msgpack"]:
                total += 1
                told = outcome(bytes.fromhex(text.replace("-", "")), expected(case))
                if told != "agreed":
                    exceptions[text] = told
    assert exceptions == EXCEPTIONS
    assert (total, total - len(exceptions)) == (CASES, AGREED)
