"""The timetable itself: grid, rows, changes, occupancy. No server anywhere in it."""
