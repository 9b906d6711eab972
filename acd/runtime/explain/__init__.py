"""Explaining: what happened in a call or a night, in words for a person."""
