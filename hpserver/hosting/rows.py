"""Rows of the journal, read and done again on a base. Knows no file."""

from hpserver.base.changes import Change
from hpserver.base.planning import Planning
from hpserver.errors import CorruptBaseError, HPError
from hpserver.planning.history import Done
from hpserver.planning.journal import read_body
from hpserver.protocol.messages import Transaction
from hpserver.store.api import JournalRow


def read_row(row: JournalRow) -> tuple[Transaction, Done, tuple[Change, ...]]:
    """Return what a row says was done. Raises CorruptBaseError when it is not the JSON of a transaction."""
    return read_body(
        row.body, epoch=row.epoch, revision=row.revision, operation=row.operation, user=row.user, at_ms=row.at
    )


def replay(planning: Planning, row: JournalRow) -> None:
    """Do what a row says to the base it follows. Raises CorruptBaseError when it does not fit."""
    _, _, changes = read_row(row)
    replay_changes(planning, row, changes)


def replay_changes(planning: Planning, row: JournalRow, changes: tuple[Change, ...]) -> None:
    """Do the changes of a row that is read already. Raises CorruptBaseError when they do not fit."""
    try:
        planning.replay(changes)
    except HPError as error:
        text = f"row {row.revision} of the journal does not fit the base: {error.text}"
        raise CorruptBaseError(text, revision=row.revision) from error
