"""`hp base` and `hp import`: timetables on the disk of this machine."""
