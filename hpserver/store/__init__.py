"""What is kept: the journal of each base, and the directory of what is hosted."""
