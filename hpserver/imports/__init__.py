"""Timetables that come from elsewhere: calendars, FET, a generated school. Each becomes the changes of a new base."""
