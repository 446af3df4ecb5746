"""What is administered from a shell: one body per command, for the operator of this machine and for who signs in."""
