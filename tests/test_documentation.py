"""The documents say what the code does: nothing stale, nothing left out."""

import importlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Final, get_args

import apsw
import click
import pytest

from hpserver.base.registry import KINDS
from hpserver.cli import main
from hpserver.cli.documents import protocol
from hpserver.cli.main import hp
from hpserver.cli.screen import STATES
from hpserver.config import Settings, parse_settings
from hpserver.errors import HPError
from hpserver.planning.journal import read_body
from hpserver.protocol import limits, messages
from hpserver.protocol.states import State
from hpserver.store.api import JournalRow
from hpserver.store.sqlite import SqliteStore
from tests import documents
from tests.test_architecture import MAY_IMPORT, PROGRAMS, PURE

TEXT = protocol.TARGET.read_text(encoding="utf-8")
DOCUMENTS = documents.documents()
DOCS = documents.ROOT / "docs"
TESTS = documents.ROOT / "tests"
ALL_TESTS = "\n".join(file.read_text(encoding="utf-8") for file in sorted(TESTS.rglob("test_*.py")))
CTX = click.Context(hp)
COMMANDS = {name: hp.get_command(CTX, name) for name in hp.list_commands(CTX)}
"""Every command, imported here so that no test pays for it."""

DECLARED: Final = {
    "store": frozenset({"cp", "sqlite3"}),
}
"""Words between backticks that are no names of ours."""

EVERY = sorted({*get_args(messages.FromClient), *get_args(messages.FromServer)}, key=lambda kind: kind.__name__)


def named(path: Path) -> str:
    """Name a document in the list of tests."""
    return str(path.relative_to(documents.ROOT))


def in_words(value: float | timedelta) -> str:
    """Write a constant as the tables do."""
    if isinstance(value, timedelta):
        return f"{value.days} days" if value.days else f"{value.seconds // 60} minutes"
    return str(value) if isinstance(value, int) else f"{value:g}"


def test_the_protocol_document_is_what_the_code_says() -> None:
    """After a change of the protocol, `./run docs` is part of it."""
    assert protocol.protocol() == TEXT, "docs/protocol.md is stale: run ./run docs"


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_message_is_documented_with_each_field(kind: type[messages.Message]) -> None:
    """A client in another language needs its tag, the order of its fields and what each means."""
    section = re.search(
        rf"^#### {kind.__name__}: tag {kind.__struct_config__.tag}, .*?(?=^#)", TEXT, re.MULTILINE | re.DOTALL
    )
    assert section is not None
    order = section[0].split("`")[1]
    assert order == f"[{', '.join([str(kind.__struct_config__.tag), *kind.__struct_fields__])}]"
    common = {"id", "deadline_ms"} if issubclass(kind, messages.Request | messages.Answer) else set()
    for name in set(kind.__struct_fields__) - common:
        assert re.search(rf"^\| {name} \| [^|]+ \| .{{4,}} \|$", section[0], re.MULTILINE), name


def test_every_error_is_documented_with_its_code() -> None:
    """A program decides by these numbers."""
    for code, kind in HPError.by_code.items():
        assert f"| 0x{code:04x} = {code} | {kind.__name__} |" in TEXT


def test_every_state_is_documented_and_drawn() -> None:
    """The tables and the drawings are those the server obeys."""
    for state in State:
        assert f"| {state.name} | {state.value} |" in TEXT
    assert TEXT.count("```mermaid") == 3


def test_every_limit_is_documented() -> None:
    """Whoever meets a limit finds its name, its value and its reason."""
    for name in vars(limits):
        if name.isupper():
            assert re.search(rf"^\| {name} \| \S+ \| .+ \|$", TEXT, re.MULTILINE), name


def test_every_kind_of_the_base_is_documented_with_each_field() -> None:
    """A replica can be kept from the document alone."""
    for kind in KINDS.values():
        section = re.search(rf"^#### {kind.name} \(.*?(?=^#)", TEXT, re.MULTILINE | re.DOTALL)
        assert section is not None
        for field in kind.fields():
            assert f"| {field.name} | " in section[0]


def test_nothing_is_left_to_fill() -> None:
    """A template with a hole would show."""
    assert "{{" not in TEXT
    assert "||" not in TEXT.replace(" ", "")


# --- what people wrote ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    """A reader who follows a link finds what it promised."""
    assert not [link for link in documents.links(path) if not documents.leads_somewhere(path, link)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_file_that_is_named_exists(path: Path) -> None:
    """A file that moved takes its documents along."""
    assert not [name for name in documents.paths(path) if not documents.exists(name)]


@pytest.mark.parametrize("name", ["architecture", "journey-of-a-change", "security", "store", "glossary"])
def test_every_name_of_the_code_is_in_the_code(name: str) -> None:
    """Messages, stimuli, effects, functions, events and constants are called what the documents call them."""
    known = DECLARED.get(name, frozenset())
    unknown = {one for one in documents.names(DOCS / f"{name}.md") if not documents.is_in_the_code(one)}
    assert not {one for one in unknown - known if not one.startswith("test_")}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_of_the_documents_can_be_typed(path: Path) -> None:
    """What is copied from a document into a terminal is a command, with options that it has."""
    for words in documents.commands(path):
        command: click.Command = hp
        for word in words:
            if isinstance(command, click.Group) and not word.startswith("-") and word in command.list_commands(CTX):
                found = command.get_command(CTX, word)
                assert found is not None
                command = found
            elif word.startswith("--"):
                options = {option for param in (*command.params, *hp.params) for option in param.opts}
                assert word in options | {"--help", "--version"}, f"{path.name}: {' '.join(words)}"
        assert not isinstance(command, click.Group) or "--help" in words, f"{path.name}: {' '.join(words)}"


@pytest.mark.parametrize(
    ("heading", "table"), [("Rooms", MAY_IMPORT), ("Programs", PROGRAMS)], ids=["rooms", "programs"]
)
def test_the_architecture_has_the_rooms_and_programs_that_exist(heading: str, table: dict[str, set[str]]) -> None:
    """The table that people read is the table that is enforced."""
    rows = documents.rows(DOCS / "architecture.md", heading)[1:]
    told = {row[0]: set() if row[-1] == "nothing" else set(row[-1].split(", ")) for row in rows}
    assert told == table
    assert all((documents.PACKAGE / name).is_dir() or (documents.PACKAGE / f"{name}.py").exists() for name in told)
    if heading == "Rooms":
        assert {row[0] for row in rows if row[1] == "yes"} == PURE


def test_the_security_document_has_the_limits_of_the_code() -> None:
    """A limit is what the code says, in the document too."""
    tables = [documents.rows(DOCS / "security.md", heading) for heading in ("Limits", "Certificates")]
    rows = [row for table in tables for row in table if row[0].count(".") == 2]
    assert len(rows) > 50
    for name, value, _ in rows:
        module, _, constant = name.rpartition(".")
        assert value == in_words(getattr(importlib.import_module(f"hpserver.{module}"), constant)), name


def test_every_threat_that_is_covered_has_a_test_with_its_number() -> None:
    """A promise about an attack is a test, and a test about an attack is told."""
    tested = re.findall(r"def (test_([a-z]\d\d)_\w+)", ALL_TESTS)
    covered = documents.rows(DOCS / "security.md", "Threats that are tested")[1:]
    open_ = documents.rows(DOCS / "security.md", "Not covered yet")[1:]
    assert {row[0] for row in covered} == {number.upper() for _, number in tested}
    assert not {row[0] for row in covered} & {row[0] for row in open_}
    for number, _, _, test in covered:
        assert (test, number.lower()) in tested, test


def test_every_test_that_a_document_names_exists() -> None:
    """Who wants to see the proof finds it."""
    named_tests = {word for path in DOCUMENTS for word in documents.words(path) if re.fullmatch(r"test_\w+[a-z]", word)}
    assert not {name for name in named_tests if f"def {name}(" not in ALL_TESTS and not any(TESTS.rglob(f"{name}.py"))}


def test_the_exit_codes_of_the_command_line_are_those_documented() -> None:
    """A script decides by these numbers."""
    told = {row[0]: row[2] for row in documents.rows(DOCS / "operations.md", "Of `hp`")[1:]}
    codes = {value for name, value in vars(main).items() if name.startswith("EXIT_") and isinstance(value, int)}
    assert {int(code) for code in told} == codes | {0}
    for code in codes - {main.EXIT_FAILED, main.EXIT_INTERRUPTED, main.EXIT_PIPE}:
        assert set(told[str(code)].split(", ")) == {kind.__name__ for kind, its in main.EXIT_OF.items() if its == code}


def test_the_settings_of_the_document_are_the_defaults() -> None:
    """A file copied from the document changes nothing."""
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    block = re.search(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    assert parse_settings(block[1], {}) == Settings()


def test_the_glossary_has_the_labels_of_the_base() -> None:
    """One word for each thing, in both languages."""
    glossary = DOCS / "glossary.md"
    kinds = [row[:3] for row in documents.rows(glossary, "Objects of a base")[1:]]
    assert kinds == [[kind.name, kind.fr, kind.en] for kind in KINDS.values()]
    fields = [row[:3] for row in documents.rows(glossary, "Fields of an activity")[1:]]
    assert fields == [[field.name, field.fr, field.en] for field in KINDS["activity"].fields()]
    states = [row[:3] for row in documents.rows(glossary, "What runs")[1:] if len(row) == 4]
    assert states == [[state, *words] for state, words in STATES.items()]


def test_every_decision_has_its_three_parts_and_its_number() -> None:
    """A decision without what was given up is an announcement."""
    files = sorted((DOCS / "decisions").glob("*.md"))
    for number, file in enumerate(files, start=1):
        text = file.read_text(encoding="utf-8")
        assert file.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        assert "## What we gave up" in text


async def test_the_journal_is_read_with_the_sql_of_the_document(tmp_path: Path) -> None:
    """A school that asks who moved a course gets the answer with the query it was given."""
    text = (DOCS / "store.md").read_text(encoding="utf-8")
    query = re.search(r"^```sql\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    body = re.search(r"^ +body = (.*)$", text, re.MULTILINE)
    assert query is not None
    assert body is not None
    operation = bytes.fromhex("fabb899ef644452e6540c4bb8b9002c6")
    assert read_body(body[1].encode(), epoch=1, revision=1, operation=operation, user="afilaire", at_ms=1)
    store = SqliteStore(tmp_path / "base.hpbase")
    await store.create("Essai 2026", b"")
    epoch = await store.open()
    await store.commit(epoch, [JournalRow(1, epoch, operation, 1795375629128, "afilaire", 1, body[1].encode())])
    await store.close()
    connection = apsw.Connection(str(tmp_path / "base.hpbase"), flags=apsw.SQLITE_OPEN_READONLY)
    found = list(connection.execute(query[1]))
    connection.close()
    assert found == [(1, "afilaire", "2026-11-22 19:27:09", None, 0)]
