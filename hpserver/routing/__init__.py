"""The core of a controller: who is where, who may do what next, and what to ask the world. No I/O, no clock."""
