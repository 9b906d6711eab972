"""A core's whole state as plain values, so that two moments can be compared deeply."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from random import Random
from typing import Any

import msgspec

from acd.core.state import State
from acd.core.timers import Timers


def dump(state: State) -> Any:
    """Return everything the state holds, down to the last field."""
    return _plain(state)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        # A mapping's order is part of the state: it decides the order of effects.
        return [(_plain(key), _plain(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, Timers):
        return _plain(vars(value))
    if isinstance(value, Random):
        return _plain(value.getstate())
    raise TypeError(f"no plain form of {type(value).__name__}")
