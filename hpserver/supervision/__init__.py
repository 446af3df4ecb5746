"""When to start, drain, kill or give up on a process: rules over plain values. Starts nothing itself."""
