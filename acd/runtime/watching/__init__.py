"""Watching: whoever waits when we cannot serve, and what nobody else would notice in time."""
