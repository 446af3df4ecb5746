"""Where an activity could be, who is in the way, what to move, which room is free, and what is wrong in a base."""
