"""Spoken prompts: one list of Mandarin texts, and the script that turns it into sound files."""
