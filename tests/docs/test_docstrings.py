"""What is written under a field is about that field: never two texts in a row."""

import ast
from itertools import pairwise
from pathlib import Path

REPO = Path(__file__).parents[2]
FOLDERS = ("acd", "bench", "servers", "tests")


def is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def doubled(source: str) -> list[int]:
    """Return the lines of texts that stand right behind another one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            found += [second.lineno for first, second in pairwise(body)
                      if is_text(first) and is_text(second)]  # fmt: skip
    return found


def test_no_text_stands_under_another() -> None:
    """One of the two is another field's, which has lost it to an edit in between."""
    files = [file for folder in FOLDERS for file in (REPO / folder).rglob("*.py")]
    found = {
        f"{file.relative_to(REPO)}:{line}"
        for file in files
        for line in doubled(file.read_text(encoding="utf-8"))
    }

    assert len(files) > 500
    assert found == set()


def test_this_file_would_see_one() -> None:
    assert doubled('class A:\n    a: int\n    """Of a."""\n    """Of b."""\n') == [4]
    assert doubled('class A:\n    """Of A."""\n\n    a: int\n    """Of a."""\n') == []
