"""A configuration of Asterisk is tried before calls depend on it, and taken back when it fails.

Asterisk boots happily with half of its configuration: one bracket forgotten, and there is no
dialplan, so nobody is answered (a bad file has silenced an emergency service before). So one that
is not the last good one must show, before it is kept: Asterisk is ready, every context and every
transport of the files is there, and its log complains of nothing new. Else the last good one is put
back and started, and what was wrong is said.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

_SECTION = re.compile(r"^\[([^\]\n]+)\]", re.MULTILINE)
_COMPLAINT = re.compile(r"^\[[^\]]*\] (?:WARNING|ERROR)\[\d+\]\S* (.*)$", re.MULTILINE)
_NO_CONTEXTS = frozenset({"general", "globals"})
COMPLAINTS = "complaints.json"


class LastGood:
    """The configuration that has worked, beside the one in use: ``etc.good`` beside ``etc``."""

    def __init__(self, etc: Path) -> None:
        self._etc = etc
        self._good = etc.with_name(f"{etc.name}.good")

    def is_new(self) -> bool:
        """Whether what is in use is not what has worked last."""
        return self._texts(self._good) != self._texts(self._etc)

    def exists(self) -> bool:
        """Whether there is one to go back to."""
        return (self._good / COMPLAINTS).exists()

    def complaints(self) -> frozenset[str]:
        """What the log said of it: of the machine, not of the files."""
        if not self.exists():
            return frozenset()
        return frozenset(json.loads((self._good / COMPLAINTS).read_text(encoding="utf-8")))

    def keep(self, complaints: Iterable[str]) -> None:
        """What is in use has worked."""
        part = self._good.with_name(f"{self._good.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(self._etc, part)
        (part / COMPLAINTS).write_text(json.dumps(sorted(complaints)), encoding="utf-8")
        shutil.rmtree(self._good, ignore_errors=True)
        part.rename(self._good)

    def put_back(self) -> None:
        """Use it again; what failed is kept as ``etc.refused``, to be looked at."""
        refused = self._etc.with_name(f"{self._etc.name}.refused")
        shutil.rmtree(refused, ignore_errors=True)
        self._etc.rename(refused)
        shutil.copytree(self._good, self._etc, ignore=shutil.ignore_patterns(COMPLAINTS))

    def _texts(self, folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != COMPLAINTS
        }


def complaints(log: str) -> frozenset[str]:
    """Warnings and errors of a log, without the time and the thread."""
    return frozenset(_COMPLAINT.findall(log))


def missing(etc: Path, cli: Callable[[str], str]) -> list[str]:
    """What stands in the files and Asterisk does not have, one sentence each."""
    found = []
    contexts = cli("dialplan show")
    for name in _sections(etc / "extensions.conf"):
        if name not in _NO_CONTEXTS and f"[ Context '{name}' created" not in contexts:
            found.append(f"the dialplan has no context {name}")
    transports = cli("pjsip show transports")
    for name in _transports(etc / "pjsip.conf"):
        if not re.search(rf"^Transport:\s+{re.escape(name)}\s", transports, re.MULTILINE):
            found.append(f"SIP has no transport {name}")
    return found


def _sections(path: Path) -> list[str]:
    return _SECTION.findall(path.read_text(encoding="utf-8")) if path.exists() else []


def _transports(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = re.split(_SECTION, text)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [name for name, body in pairs if re.search(r"^type\s*=\s*transport\b", body, re.M)]
