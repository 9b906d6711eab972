"""One fault after the other under calls; see ``python -m bench.chaos --help``."""
