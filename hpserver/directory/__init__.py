"""What is hosted where: accounts, users, devices, plannings, and the rules of their names and ports."""
