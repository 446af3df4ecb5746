-- How old a password is, until when it is good, and what the school wants of passwords. Passwords of before are as
-- young as this step. `attempts.tag` stands for the secret that was tried last.

ALTER TABLE account ADD COLUMN measures TEXT NOT NULL DEFAULT 'none notification pin';
ALTER TABLE account ADD COLUMN renewal TEXT NOT NULL DEFAULT 'none';
ALTER TABLE account ADD COLUMN renewal_days INTEGER NOT NULL DEFAULT 365;
ALTER TABLE user ADD COLUMN password_set_at REAL NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN one_time_until REAL NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN last_sign_in REAL NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN tag BLOB NOT NULL DEFAULT x'';

UPDATE user SET password_set_at = unixepoch();
