"""How things are told to people, and read from them, in French and English. Pure: no connection, no screen."""
