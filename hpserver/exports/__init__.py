"""A base as an open document: typed lines of JSON, counted and hashed. Knows bytes; no file, no clock, no store."""
