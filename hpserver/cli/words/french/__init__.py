"""What the errors say, in French. The English sentence, with holes for its values, is the key; its values are data."""
