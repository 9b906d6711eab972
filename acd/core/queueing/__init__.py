"""Queueing: how a caller waits, whom they are given to, and how that agent is rung."""
