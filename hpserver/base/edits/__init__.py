"""What people do to a base, in one gesture or to all of it: each reads it, and answers with changes or another base."""
