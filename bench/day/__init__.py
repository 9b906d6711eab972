"""A simulated day under three policies; see ``python -m bench.day --help``."""
