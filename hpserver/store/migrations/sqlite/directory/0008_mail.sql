-- Codes by mail for who forgot a PIN, and the language of the letters to a user ('': that of the installation).

ALTER TABLE account ADD COLUMN codes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN language TEXT NOT NULL DEFAULT '';
