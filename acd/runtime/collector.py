"""When Python looks for garbage in a process that serves calls."""

import gc

YOUNG = 50_000
"""So many new objects are looked at together.  Nearly all of what a step makes is gone without the
collector's help; at Python's own 700 it would look at what calls still need, several times a call,
for 7 % of a step (bench.core)."""


def settle() -> None:
    """What exists now lives as long as the process: it is not walked again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
