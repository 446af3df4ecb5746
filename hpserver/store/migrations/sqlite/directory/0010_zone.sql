-- The domain an account was opened with stays; its controller may have another name below it. Web publication has a licence.

ALTER TABLE account ADD COLUMN zone TEXT NOT NULL DEFAULT '';
UPDATE account SET zone = domain;
CREATE UNIQUE INDEX account_zone ON account (zone);
ALTER TABLE planning ADD COLUMN net INTEGER NOT NULL DEFAULT 0;
