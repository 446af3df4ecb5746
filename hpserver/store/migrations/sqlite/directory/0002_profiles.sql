-- Profiles that schools make beside the three that every planning has. `rights` is JSON.

CREATE TABLE ownprofile (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    planning INTEGER NOT NULL REFERENCES planning ON DELETE CASCADE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    rights TEXT NOT NULL,
    UNIQUE (planning, name)
) STRICT;
