-- How long sessions last, how many a user has at once, and from where users came in.

ALTER TABLE account ADD COLUMN session_hours INTEGER NOT NULL DEFAULT 12;
ALTER TABLE account ADD COLUMN idle_minutes INTEGER NOT NULL DEFAULT 60;
ALTER TABLE account ADD COLUMN sessions INTEGER NOT NULL DEFAULT 5;

CREATE TABLE address (
    user INTEGER NOT NULL REFERENCES user (key) ON DELETE CASCADE,
    source TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (user, source)
) STRICT, WITHOUT ROWID;
