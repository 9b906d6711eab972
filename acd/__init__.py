"""Huling (护铃): a care-line switch. An old person presses one key, and somebody answers.

The layers, and what may import what, are described in ``docs/architecture.md``.
"""

__version__ = "0.1.0"
