"""What may be administered, by whom, and how it is done: one case for each wish, whoever asks."""
