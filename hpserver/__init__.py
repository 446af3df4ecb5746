"""A self-hosted, multi-user timetable server for schools and universities."""

__version__ = "0.1.0"
