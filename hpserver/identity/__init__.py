"""Who may come in and do what: pure rules over plain values. No directory, no clock, no chance, no wire."""
