"""What was received of files that are to become bases: counted, kept over a restart, forgotten in the end."""

import errno
import os
import time
from pathlib import Path

import msgspec
import pytest

from hpserver.errors import (
    AlreadyExistsError,
    HPError,
    InvalidChangeError,
    NotFoundError,
    OperationReusedError,
    QuotaExceededError,
    StoreError,
    StoreFullError,
)
from hpserver.hosting.staging import MAX_BASES, UPLOAD_KEPT, UPLOADS_AT_ONCE, Staging, Wish, system_errors

NOW = time.time()
WISH = Wish("planning01", 7, "00" * 16, "Base", 10, "ab" * 32)


def a_staging(folder: Path, quota: int = 1000) -> Staging:
    """Return the staging of an account without bases."""
    (folder / "bases").mkdir(exist_ok=True)
    return Staging(folder / "uploads", folder / "bases", quota)


def another(number: int, **other: object) -> Wish:
    """Return the wish of another upload."""
    return msgspec.structs.replace(WISH, operation=f"{number:032x}", **other)


def files(folder: Path) -> list[str]:
    """Return what is on the disk, but for the lock."""
    return sorted(file.name for file in (folder / "uploads").glob("*") if file.name != ".lock")


def test_bytes_are_added_in_order_and_found_again(tmp_path: Path) -> None:
    """Another process goes on where the first stopped."""
    assert a_staging(tmp_path).start(WISH, NOW) == 0
    assert a_staging(tmp_path).write(WISH, 0, b"0123") == 4
    staging = a_staging(tmp_path)
    assert staging.start(WISH, NOW) == 4
    assert staging.write(WISH, 0, b"01") == 4
    assert staging.write(WISH, 4, b"456789") == 10
    assert staging.part(WISH).read_bytes() == b"0123456789"
    assert staging.part(WISH).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("offset", "data"), [(1, b"x"), (0, b"0123456789x"), (3, b"34")])
def test_s05_a_gap_or_a_byte_too_many_writes_nothing(tmp_path: Path, offset: int, data: bytes) -> None:
    """What is on the disk is always the beginning of the file."""
    staging = a_staging(tmp_path)
    staging.start(WISH, NOW)
    if offset == 3:
        staging.write(WISH, 0, b"0123")
    before = staging.part(WISH).read_bytes()
    with pytest.raises(InvalidChangeError) as refused:
        staging.write(WISH, offset, data)
    assert refused.value.details == {"received": len(before)}
    assert staging.part(WISH).read_bytes() == before


def test_s05_room_is_counted_before_the_first_byte(tmp_path: Path) -> None:
    """The uploads of all processes, and the bases, are within the quota of the account."""
    (tmp_path / "bases").mkdir()
    (tmp_path / "bases" / "There.hpbase").write_bytes(b"x" * 900)
    staging = a_staging(tmp_path)
    staging.start(another(1, bytes=60), NOW)
    with pytest.raises(QuotaExceededError) as refused:
        a_staging(tmp_path).start(another(2, bytes=41), NOW)
    assert refused.value.details == {"left": 40}
    for number in range(2, UPLOADS_AT_ONCE + 1):
        staging.start(another(number), NOW)
    with pytest.raises(QuotaExceededError, match="under way"):
        staging.start(another(9), NOW)
    assert staging.start(another(1, bytes=60), NOW) == 0
    with pytest.raises(AlreadyExistsError):
        a_staging(tmp_path).start(another(9, base="There"), NOW)
    staging.done(another(1)).write_bytes(b"{}")
    assert staging.start(another(1, bytes=60), NOW) == 60
    assert staging.start(another(9), NOW) == 0


def test_s05_bases_are_counted_too(tmp_path: Path) -> None:
    """Many small bases are many files."""
    staging = a_staging(tmp_path)
    for number in range(MAX_BASES):
        (tmp_path / "bases" / f"{number}.hpbase").touch()
    with pytest.raises(QuotaExceededError, match="at most"):
        staging.start(WISH, NOW)


@pytest.mark.parametrize("size", [0, -1, (256 << 20) + 1])
def test_a_size_that_cannot_be_is_refused(tmp_path: Path, size: int) -> None:
    """Nothing is not a base, and too much is known at once."""
    with pytest.raises(QuotaExceededError):
        a_staging(tmp_path, 1 << 40).start(another(1, bytes=size), NOW)
    assert files(tmp_path) == []


def test_an_operation_is_one_upload(tmp_path: Path) -> None:
    """The same number for another file is a mistake, told at once."""
    staging = a_staging(tmp_path)
    staging.start(WISH, NOW)
    with pytest.raises(OperationReusedError):
        staging.start(msgspec.structs.replace(WISH, base="Other"), NOW)


def test_what_nobody_goes_on_with_is_removed(tmp_path: Path) -> None:
    """A day after its last byte, whatever it was; what was touched since stays."""
    staging = a_staging(tmp_path)
    old, new = another(1), another(2)
    for wish in (old, new):
        staging.start(wish, NOW)
    for file in (tmp_path / "uploads").glob("*"):
        os.utime(file, (NOW, NOW))
    (tmp_path / "uploads" / f"{old.stem}.done").write_bytes(b"{}")
    os.utime(tmp_path / "uploads" / f"{old.stem}.done", (NOW, NOW))
    os.utime(staging.part(new), (NOW + 10, NOW + 10))
    staging.expire(NOW + UPLOAD_KEPT.total_seconds())
    assert len(files(tmp_path)) == 5
    staging.expire(NOW + UPLOAD_KEPT.total_seconds() + 5)
    assert files(tmp_path) == [f"{new.stem}.part", f"{new.stem}.wish"]
    assert not staging.is_known(old)
    with pytest.raises(NotFoundError):
        staging.write(old, 0, b"x")
    staging.forget(new)
    assert files(tmp_path) == []
    a_staging(tmp_path / "uploads").expire(NOW)


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a piece is taken back, and the sender may try again."""
    staging = a_staging(tmp_path)
    staging.start(WISH, NOW)
    staging.write(WISH, 0, b"01")
    writes = iter([2])
    whole = os.pwrite

    def failing(descriptor: int, data: bytes, offset: int) -> int:
        if (most := next(writes, 0)) == 0:
            raise OSError(errno.ENOSPC, "full")
        return whole(descriptor, data[:most], offset)

    monkeypatch.setattr(os, "pwrite", failing)
    with pytest.raises(StoreFullError):
        staging.write(WISH, 2, b"23456")
    assert staging.part(WISH).read_bytes() == b"01"


def test_what_the_system_says_is_an_error_of_the_house() -> None:
    """No failure of a disk ends a planning server."""
    with pytest.raises(StoreError) as told, system_errors():
        raise PermissionError(errno.EACCES, "denied")
    assert isinstance(told.value, HPError)
    assert not isinstance(told.value, StoreFullError)
