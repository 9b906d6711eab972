"""Reads the YAML of a directory file into plain values, in one pass over what the parser tells.

Every value stays as written, and the model decides what it is.  YAML's own guesses would turn
02160000001 into an octal number and 12:30 into 750.  PyYAML's loaders make a node with two places
of every value before they make the value: four times slower, and what stands there then is many
times as large as the file.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import yaml

DEPTH_MAX = 32
"""Levels of lists and mappings in a file; a directory has six."""

# libyaml's parser where PyYAML has it: ten times faster.
_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_NULL_TAG = "tag:yaml.org,2002:null"
_NULLS = frozenset(("", "~", "null"))


def read(file: BinaryIO) -> object:
    """Return the one document's mappings, lists, texts and nothings; None when there is none.

    Raises YAMLError, for a key that is there twice and for more than DEPTH_MAX levels too, and
    OSError and UnicodeError.
    """
    return _Document(yaml.parse(file, Loader=_PARSER)).read()


def sentence(error: yaml.YAMLError) -> str:
    """Say what is wrong and, when it is known, where."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    # PyYAML breaks its sentence into lines, and repeats the file's name.
    why = error.reason if isinstance(error, yaml.reader.ReaderError) else error
    return f"is not YAML: {why}"


class _Document:
    """A document as it is being read."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchored: dict[str, object] = {}

    def read(self) -> object:
        documents: list[object] = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if documents:
                    raise _wrong(event, "another document begins")
                documents.append(self._value(next(self._events), 0))
        return documents[0] if documents else None

    def _value(self, event: Any, depth: int) -> object:
        """Return what begins with this event, inside so many lists and mappings."""
        found: object
        if isinstance(event, yaml.ScalarEvent):
            found = _text(event)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchored:
                raise _wrong(event, f"there is no &{event.anchor} before it")
            return self._anchored[event.anchor]
        elif depth == DEPTH_MAX:
            raise yaml.YAMLError(f"it has more than {DEPTH_MAX} levels")
        elif isinstance(event, yaml.MappingStartEvent):
            found = self._mapping(depth + 1)
        else:
            found = self._list(depth + 1)
        if event.anchor is not None:
            self._anchored[event.anchor] = found
        return found

    def _mapping(self, depth: int) -> dict[str | None, object]:
        found: dict[str | None, object] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._value(event, depth)
            if not isinstance(key, str | None):
                raise _wrong(event, "a key should be a word")
            if key in found:
                raise _wrong(event, f"the key {key!r} is there twice")
            found[key] = self._value(next(self._events), depth)
        return found

    def _list(self, depth: int) -> list[object]:
        found: list[object] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, depth))
        return found


def _text(event: yaml.ScalarEvent) -> str | None:
    is_plain, _ = event.implicit
    if event.tag == _NULL_TAG or (is_plain and event.value in _NULLS):
        return None
    return str(event.value)


def _wrong(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
