"""The hosting console: pages made of what the office and the processes say. It holds no state of its own."""
