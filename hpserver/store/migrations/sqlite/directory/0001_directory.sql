-- The directory of one installation. Columns follow hpserver/directory/model.py in name and order.
-- Keys are AUTOINCREMENT: a key that named a person or a planning is never given to another.

CREATE TABLE account (
    number TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    domain TEXT NOT NULL UNIQUE,
    invoice TEXT NOT NULL UNIQUE,
    port INTEGER NOT NULL UNIQUE,
    desired TEXT NOT NULL,
    console_hash TEXT NOT NULL,
    workstation BLOB NOT NULL,
    email TEXT NOT NULL,
    created_at REAL NOT NULL
) STRICT;

CREATE TABLE planning (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    name TEXT NOT NULL,
    publication_name TEXT NOT NULL,
    port INTEGER NOT NULL UNIQUE,
    domain TEXT NOT NULL,
    base TEXT NOT NULL,
    desired TEXT NOT NULL,
    timezone TEXT NOT NULL,
    UNIQUE (account, name)
) STRICT;

CREATE UNIQUE INDEX planning_domain ON planning (domain) WHERE domain <> '';
CREATE UNIQUE INDEX planning_base ON planning (account, base) WHERE base <> '';

-- A port or a domain belongs to one controller or to one planning, never to both.
CREATE TRIGGER account_added BEFORE INSERT ON account
WHEN EXISTS (SELECT 1 FROM planning WHERE port = NEW.port OR domain = NEW.domain)
BEGIN SELECT RAISE(ABORT, 'UNIQUE: port or domain'); END;

CREATE TRIGGER account_changed BEFORE UPDATE OF port, domain ON account
WHEN EXISTS (SELECT 1 FROM planning WHERE port = NEW.port OR domain = NEW.domain)
BEGIN SELECT RAISE(ABORT, 'UNIQUE: port or domain'); END;

CREATE TRIGGER planning_added BEFORE INSERT ON planning
WHEN EXISTS (SELECT 1 FROM account WHERE port = NEW.port OR domain = NEW.domain)
BEGIN SELECT RAISE(ABORT, 'UNIQUE: port or domain'); END;

CREATE TRIGGER planning_changed BEFORE UPDATE OF port, domain ON planning
WHEN EXISTS (SELECT 1 FROM account WHERE port = NEW.port OR domain = NEW.domain)
BEGIN SELECT RAISE(ABORT, 'UNIQUE: port or domain'); END;

CREATE TABLE user (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    status TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    password_hash TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    measure TEXT NOT NULL,
    pin_hash TEXT NOT NULL,
    email TEXT NOT NULL,
    UNIQUE (account, login)
) STRICT;

CREATE TABLE device (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    name TEXT NOT NULL,
    user INTEGER NOT NULL,
    thumbprint BLOB NOT NULL UNIQUE,
    serial TEXT NOT NULL,
    revoked_at REAL NOT NULL,
    last_seen REAL NOT NULL,
    UNIQUE (account, serial)
) STRICT;

CREATE TABLE registration (
    device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
    name TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (device, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX registration_user ON registration (user);

CREATE TABLE enrolment (
    ticket_hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    expires REAL NOT NULL,
    spent_at REAL NOT NULL,
    uses INTEGER NOT NULL
) STRICT;

CREATE INDEX enrolment_account ON enrolment (account);

CREATE TABLE assignment (
    planning INTEGER NOT NULL REFERENCES planning ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
    profile TEXT NOT NULL,
    PRIMARY KEY (planning, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX assignment_user ON assignment (user);

CREATE TABLE revocation (
    serial TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    at REAL NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (account, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE observed (
    subject TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    pid INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at REAL NOT NULL,
    counters TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
    key TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last_at REAL NOT NULL,
    locked_until REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    name TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    expires REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ownership (
    planning INTEGER PRIMARY KEY REFERENCES planning ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    node TEXT NOT NULL,
    incarnation INTEGER NOT NULL
) STRICT;

CREATE TABLE version (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL
) STRICT;

INSERT INTO version VALUES (1, 0);
