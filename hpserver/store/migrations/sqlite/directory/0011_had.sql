-- Which planning had a base last, for its administrators to load it again; of bases that lie unloaded nothing is known.

ALTER TABLE planning ADD COLUMN had TEXT NOT NULL DEFAULT '';
UPDATE planning SET had = base;
