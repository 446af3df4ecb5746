"""`hp client`: this machine as a client of a school."""
