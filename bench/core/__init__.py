"""How fast the core decides; see ``python -m bench.core --help``."""
