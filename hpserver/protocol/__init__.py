"""What is said on the wire: frames, messages, who may say what when. No I/O, no clock, no timetable."""
