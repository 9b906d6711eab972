"""Resynchronisation: after a restart or a lost link, Asterisk and we agree on what there is."""
