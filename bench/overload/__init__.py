"""Three times the calls, and a flood from one number; see ``python -m bench.overload --help``."""
