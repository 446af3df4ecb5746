"""`hp`: everything that can be done, from a shell. Commands say what to do; `hosting` and `client` do it."""
