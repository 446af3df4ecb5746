-- One base. Rows are readable with plain SQL: json_extract(body, '$...') on journal, CAST(body AS TEXT) on snapshot
-- when the snapshot is JSON. Digests chain every row to all before it (hpserver/store/chain.py).

CREATE TABLE owner (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seal BLOB NOT NULL CHECK (length(seal) = 32),
    revision INTEGER NOT NULL,
    genesis BLOB NOT NULL CHECK (length(genesis) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE TABLE journal (
    revision INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    operation BLOB NOT NULL CHECK (length(operation) = 16),
    at INTEGER NOT NULL,
    user TEXT NOT NULL,
    format INTEGER NOT NULL,
    body TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    UNIQUE (operation)
) STRICT;

CREATE TABLE snapshot (
    revision INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    body BLOB NOT NULL,
    seal BLOB NOT NULL CHECK (length(seal) = 32)
) STRICT;
