-- What a school notes of a user, and what other systems call them.

ALTER TABLE user ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN mobile TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN console INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN ldap TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN cas TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN wsfed TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN saml TEXT NOT NULL DEFAULT '';

CREATE UNIQUE INDEX user_ldap ON user (account, ldap) WHERE ldap <> '';
CREATE UNIQUE INDEX user_cas ON user (account, cas) WHERE cas <> '';
CREATE UNIQUE INDEX user_wsfed ON user (account, wsfed) WHERE wsfed <> '';
CREATE UNIQUE INDEX user_saml ON user (account, saml) WHERE saml <> '';
