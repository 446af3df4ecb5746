-- Delegated sign-in: who elsewhere vouches for people; sessions remember by whom theirs was.

CREATE TABLE identityprovider (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account (number) ON DELETE CASCADE,
    protocol TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    authority TEXT NOT NULL,
    attribute TEXT NOT NULL,
    local TEXT NOT NULL,
    active INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX identityprovider_name ON identityprovider (account, name);
CREATE UNIQUE INDEX identityprovider_active ON identityprovider (account, protocol) WHERE active;

ALTER TABLE consolesession ADD COLUMN provider INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consolesession ADD COLUMN identifier TEXT NOT NULL DEFAULT '';
