"""`hp base export`, `import`, `verify`, `transfer`, `backup`, `restore`: what a person types, and what comes of it."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.shell import WEEKS, Shell

pytestmark = pytest.mark.slow


def created(shell: Shell) -> None:
    """Make a base in planning01, and stop that planning."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")


def test_a_base_goes_out_and_comes_in_again(shell: Shell) -> None:
    """Exported, verified, imported under another name, exported again: the same content."""
    created(shell)
    out, again = shell.folder / "a.hpx", shell.folder / "b.hpx"
    assert shell.json("base", "export", "Base", "--out", out)["bytes"] == out.stat().st_size
    before = shell.json("base", "verify", out)
    assert (before["base"], before["revision"], before["not_taken_over"]) == ("Base", 0, {})
    value = shell.json("base", "import", "planning02", "Copie", out)
    assert (value["planning"], value["base"], value["desired"]) == ("planning02", "Copie", "up")
    shell.ok("base", "export", "Copie", "--out", again)
    assert shell.json("base", "verify", again)["content"] == before["content"]
    assert shell.hp("base", "import", "planning01", "Base", out).status == 5


@pytest.mark.parametrize("name", ["a.jsonl", "a.hpx.gz", "-"])
def test_a_document_is_read_with_the_tools_of_everybody(shell: Shell, name: str) -> None:
    """Lines of JSON, plain or in gzip, by the name of the file."""
    created(shell)
    out = shell.folder / name
    done = shell.ok("base", "export", "Base", "--out", "-" if name == "-" else out, "--no-history")
    raw = done.out.encode() if name == "-" else out.read_bytes()
    text = gzip.decompress(raw) if name.endswith("gz") else raw
    header, trailer = [json.loads(line) for line in text.splitlines()]
    assert (header["line"], header["base"], header["origin"], trailer["line"]) == ("header", "Base", None, "trailer")


def test_s05_a_file_that_is_no_base_is_refused_with_its_place(shell: Shell) -> None:
    """A sentence, a status, and no base."""
    created(shell)
    out = shell.folder / "a.jsonl"
    shell.ok("base", "export", "Base", "--out", out)
    cut = shell.file("cut.hpx", out.read_bytes()[:-9])
    for words in (("verify", cut), ("import", "planning02", "Copie", cut)):
        refused = shell.hp("base", *words)
        assert refused.status == 1
        assert "line 2, column" in refused.err or "ligne 2" in refused.err
    assert [row["base"] for row in shell.json("base", "list")] == ["Base"]


def test_a_backup_is_taken_listed_and_restored(shell: Shell) -> None:
    """From `hp base backup` to `hp base restore`, with what was there put aside."""
    created(shell)
    assert [row["state"] for row in shell.json("base", "backup")] == ["taken"]
    assert [row["state"] for row in shell.json("base", "backup", "Base")] == ["unchanged"]
    assert shell.json("base", "backup", "--due") == []
    [row] = shell.json("base", "backups", "Base")
    assert row["verified"]
    record = shell.hp("base", "verify", row["file"] + ".json")
    assert record.status == 78
    assert f"name the backup itself, {Path(row['file']).name}" in record.err
    backup = Path(row["file"])
    assert shell.hp("base", "restore", backup, "planning01", "Base").status == 5
    value = shell.json("base", "restore", backup, "planning01", "Base", "--replace")
    assert (value["base"], value["desired"]) == ("Base", "up")
    assert "Taken" in shell.ok("base", "backups", "Base").out


def test_a_backup_is_sealed_with_the_key_of_the_school(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are made once; without the private one a backup stays shut."""
    created(shell)
    private, public = shell.folder / "private.pem", shell.folder / "public.pem"
    secret = shell.file("secret", "Lune-4-Papier\n")
    shell.ok("base", "backup-key", private, public, "--passphrase-file", secret)
    assert private.stat().st_mode & 0o777 == 0o600
    assert shell.hp("base", "backup-key", private, public).status == 2
    monkeypatch.setenv("HP_BACKUPS__RECIPIENT", str(public))
    shell.ok("base", "backup", "Base")
    [row] = shell.json("base", "backups", "Base")
    assert row["sealed"]
    assert shell.hp("base", "verify", row["file"]).status == 78
    opening = ("--key", private, "--passphrase-file", secret)
    assert shell.json("base", "verify", row["file"], *opening)["base"] == "Base"


def test_a_failed_backup_is_told_and_the_others_are_taken(shell: Shell) -> None:
    """One damaged base does not leave the school without backups."""
    shell.ok("base", "create", "planning01", "Bonne", *WEEKS)
    shell.ok("base", "create", "planning02", "Abimee", *WEEKS)
    [file] = (shell.state / "bases").rglob("Abimee.hpbase")
    file.write_bytes(b"damaged")
    done = shell.hp("--output", "json", "base", "backup")
    assert (done.status, [row["base"] for row in done.value]) == (1, ["Bonne"])
    assert "Abimee" in done.err
    assert "failed" in shell.ok("base", "backups", "Abimee").err


def test_a_base_is_copied_to_the_other_planning(shell: Shell) -> None:
    """`Transférer la base`, on the host."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.json("base", "transfer", "Base", "planning02")["base"] == "Base (planning02)"
    assert shell.hp("base", "transfer", "Base", "planning02", "--as", "Autre").status == 5
