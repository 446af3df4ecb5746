-- The hosting console: its workstation is a device, its sessions are rows, the licence is accepted once.

ALTER TABLE account DROP COLUMN workstation;
ALTER TABLE account ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN licence TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN licence_at REAL NOT NULL DEFAULT 0.0;
ALTER TABLE device ADD COLUMN console INTEGER NOT NULL DEFAULT 0;
ALTER TABLE enrolment ADD COLUMN console INTEGER NOT NULL DEFAULT 0;

CREATE TABLE consolesession (
    hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (number) ON DELETE CASCADE,
    user INTEGER NOT NULL,
    device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,
    created_at REAL NOT NULL,
    last_at REAL NOT NULL,
    proved_at REAL NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX consolesession_account ON consolesession (account);
