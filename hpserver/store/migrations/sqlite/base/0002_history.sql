-- What finds things in the journal. `touched` is derived from the bodies and written in the same transaction as they
-- are; `chunk` holds old rows, many at a time, in zstd (hpserver/store/chunks.py), and `packed` what finds them there.

CREATE TABLE touched (
    kind TEXT NOT NULL,
    key INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (kind, key, revision)
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_user ON journal (user);

CREATE TABLE chunk (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    before BLOB NOT NULL CHECK (length(before) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    body BLOB NOT NULL
) STRICT;

CREATE TABLE packed (
    revision INTEGER PRIMARY KEY,
    operation BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    user TEXT NOT NULL
) STRICT;

CREATE INDEX packed_user ON packed (user);

INSERT OR IGNORE INTO touched
SELECT json_extract(change.value, '$.kind'), json_extract(change.value, '$.key'), journal.revision
FROM journal, json_each(journal.body, '$.changes') AS change;

CREATE TRIGGER journal_once BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM packed WHERE operation = NEW.operation)
BEGIN SELECT RAISE(ABORT, 'UNIQUE: operation'); END;

CREATE TRIGGER journal_touches AFTER INSERT ON journal
BEGIN
    INSERT OR IGNORE INTO touched
    SELECT json_extract(change.value, '$.kind'), json_extract(change.value, '$.key'), NEW.revision
    FROM json_each(NEW.body, '$.changes') AS change;
END;
