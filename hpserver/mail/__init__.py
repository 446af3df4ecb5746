"""Letters to people: written, kept until they have left, handed to a relay. Knows no account and no user."""
