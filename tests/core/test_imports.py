"""The core is pure: what its modules may import, call and iterate over.

import-linter keeps other packages out; this test holds the standard library's side, by list, and
what no import rule can see: clocks hidden in pure modules, and sets whose order could reach the
effects.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[2] / "acd" / "core"
MODULES = sorted(CORE.rglob("*.py"))

ALLOWED = {
    "acd.core",
    "bisect",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",  # arithmetic only, see CLOCKS
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "math",
    "msgspec",
    "operator",
    "re",
    "struct",
    "types",
    "typing",
    "zlib",
    "zoneinfo",
}
"""Everything else needs a reason and a line here: ``random`` comes as a ``Random`` handed in."""

CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns", "uuid4"}
ORDERLESS = {"set", "frozenset"}
NEUTRAL = {"sorted", "len", "any", "all", "sum", "min", "max", "set", "frozenset", "bool"}
"""What may look through a set: the order does not show in the result."""


def faults(source: str) -> list[str]:
    """Return what is not pure in a module's source, with its line."""
    tree = ast.parse(source)
    found = [*_imports(tree), *_calls(tree), *_sets(tree)]
    return [f"line {line}: {what}" for line, what in sorted(found)]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." if node.level else node.module or ""]
        for name in names:
            if name not in ALLOWED and not name.startswith("acd.core."):
                yield getattr(node, "lineno", 0), f"imports {name}"


def _calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if isinstance(node.func, ast.Attribute) and name in CLOCKS:
            yield node.lineno, f"asks a clock: {name}()"
        if isinstance(node.func, ast.Name) and name in {"open", "print", "input", "hash", "id",
                                                        "exec", "eval", "__import__"}:  # fmt: skip
            yield node.lineno, f"calls {name}()"


def _sets(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Find where the members of a set are taken out in its own order."""
    orderless = _set_variables(tree)

    def is_set(node: ast.AST) -> bool:
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.Call):
            return _name(node.func) in ORDERLESS
        if isinstance(node, ast.BinOp) and isinstance(
            node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor
        ):
            return is_set(node.left) or is_set(node.right)
        return isinstance(node, ast.Name | ast.Attribute) and _name(node) in orderless

    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and is_set(node.iter):
            yield node.iter.lineno, "iterates over a set"
        elif isinstance(node, ast.Starred) and is_set(node.value):
            yield node.lineno, "unpacks a set"
        elif isinstance(node, ast.Call):
            if _name(node.func) == "pop" and isinstance(node.func, ast.Attribute):
                if is_set(node.func.value) and not node.args:
                    yield node.lineno, "pops from a set"
            elif _name(node.func) not in NEUTRAL and any(is_set(arg) for arg in node.args):
                yield node.lineno, "passes a set on"


def _set_variables(tree: ast.AST) -> set[str]:
    """Names that are bound to sets, or annotated as such, anywhere in the module."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and _name(node.annotation) in ORDERLESS:
            found.add(_name(node.target))
        elif isinstance(node, ast.arg) and node.annotation is not None:
            if _name(node.annotation) in ORDERLESS:
                found.add(node.arg)
        elif isinstance(node, ast.Assign):
            value = node.value
            made = isinstance(value, ast.Set | ast.SetComp) or (
                isinstance(value, ast.Call) and _name(value.func) in ORDERLESS
            )
            if made:
                found |= {_name(target) for target in node.targets}
    return found - {""}


def _name(node: ast.AST) -> str:
    """Return the last name of an expression: ``set`` of ``set[str]``, ``now`` of ``a.now``."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_module_is_pure(module: Path) -> None:
    """No clock, no loop, no log, no input or output, no order that depends on the hash seed."""
    assert faults(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import time", "line 1: imports time"),
        ("import asyncio, re", "line 1: imports asyncio"),
        ("from logging import getLogger", "line 1: imports logging"),
        ("import uuid", "line 1: imports uuid"),
        ("import random", "line 1: imports random"),
        ("from acd.runtime import clock", "line 1: imports acd.runtime"),
        ("from . import calls", "line 1: imports ."),
        ("datetime.now()", "line 1: asks a clock: now()"),
        ("date.today()", "line 1: asks a clock: today()"),
        ("print(1)", "line 1: calls print()"),
        ("hash('a')", "line 1: calls hash()"),
        ("for x in {1, 2}: pass", "line 1: iterates over a set"),
        ("[x for x in set(y)]", "line 1: iterates over a set"),
        ("seen = set()\nfor x in seen: pass", "line 2: iterates over a set"),
        ("def f(seen: set[str]): return list(seen)", "line 1: passes a set on"),
        ("for x in set(a) - set(b): pass", "line 1: iterates over a set"),
        ("seen: set[str] = f()\nseen.pop()", "line 2: pops from a set"),
        ("f(*{1, 2})", "line 1: unpacks a set"),
    ],
)
def test_the_rules_see_what_they_forbid(source: str, fault: str) -> None:
    """A rule that finds nothing proves nothing."""
    assert faults(source) == [fault]


def test_what_is_harmless_passes() -> None:
    """Membership, size and sorting do not show a set's order."""
    assert faults("import msgspec\nseen = set(a)\n1 in seen\nlen(seen)\nsorted(seen)") == []
