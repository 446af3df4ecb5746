-- How many may be in a planning at once, and assignments kept under a name.

CREATE TABLE licence (
    planning INTEGER NOT NULL REFERENCES planning (key) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    places INTEGER NOT NULL DEFAULT -1,
    reserved INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (planning, profile)
) STRICT, WITHOUT ROWID;

CREATE TABLE template (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account (number) ON DELETE CASCADE,
    name TEXT NOT NULL,
    assignments TEXT NOT NULL,
    UNIQUE (account, name)
) STRICT;
