-- A device renews its certificate: it has two for a while, and what it has ends at a known time. 0 is not known yet.

ALTER TABLE device ADD COLUMN expires REAL NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN previous_thumbprint BLOB NOT NULL DEFAULT x'';
ALTER TABLE device ADD COLUMN previous_serial TEXT NOT NULL DEFAULT '';
