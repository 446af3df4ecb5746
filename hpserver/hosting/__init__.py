"""The use cases of an installation: one layer for the CLI, the console and the controller. Knows no screen."""
