"""What a timetable costs, by the formulations that competitions publish. Pure: a base in, figures out."""
