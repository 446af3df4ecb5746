"""What is done to a timetable, the same on a base on disk (`hp base`) and in a planning in service (`hp client`)."""
