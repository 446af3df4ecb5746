"""The core of a planning server, pure: a stimulus in, effects out. No socket, no clock, no database, no chance."""
