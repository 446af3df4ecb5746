"""The installation: the agent, accounts, controllers, plannings, users and profiles."""
